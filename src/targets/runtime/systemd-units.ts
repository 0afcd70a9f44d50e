/** The units of a host: read as systemd has them, installed from the running generation, taken away with it. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LiveUnit } from '../../apply/runtime.ts';
import type { Host } from '../../model/mail-system.ts';
import { generatedNotice, unitFolder } from '../../render/host-layout.ts';
import { flushFolder, writeFileDurably } from '../host/write-durably.ts';
import { makeFolders } from '../make-folders.ts';
import type { Commands } from './commands.ts';

/** The one unit that the machine starts by itself; it wants all others. */
const target = 'mail.target';
const unitName = /^mail(\.target|-[a-z-]+\.(service|timer))$/;

export interface UnitFolders {
  /** Where systemd looks for units of the administrator: systemd.unit(5). */
  readonly installed: string;
  /** Those of the running generation. */
  readonly wanted: string;
}

/** `root` is the host's own root folder. */
export function unitFolders(root: string, host: Host): UnitFolders {
  return {
    installed: join(root, '/etc/systemd/system'),
    wanted: join(root, unitFolder(host, 'systemd'), 'current'),
  };
}

export function hasInstalledUnits({ installed }: UnitFolders): boolean {
  return unitsIn(installed, isOurs).size > 0;
}

/** Whether systemd is the supervisor in the running generation. */
export function hasWantedUnits({ wanted }: UnitFolders): boolean {
  return unitsIn(wanted).has(target);
}

/** All that are wanted or installed, by one call of `systemctl show`; sorted by name. */
export async function readUnits(commands: Commands, folders: UnitFolders): Promise<readonly LiveUnit[]> {
  const installed = unitsIn(folders.installed, isOurs);
  const names = [...new Set([...installed.keys(), ...unitsIn(folders.wanted).keys()])].sort();
  if (names.length === 0) return [];
  const properties = ['Id', 'ActiveState', 'UnitFileState', 'WantedBy'].join(',');
  const shown = await commands.systemctlOrFail(['show', `--property=${properties}`, '--', ...names]);
  const states = new Map(
    shown.split('\n\n').map((block) => {
      const state = new Map(block.split('\n').map(keyAndValue));
      return [state.get('Id') ?? '', state] as const;
    }),
  );
  const targetEnabled = states.get(target)?.get('UnitFileState') === 'enabled';
  return names.map((name) => {
    const state = states.get(name);
    const wanted = state?.get('WantedBy')?.split(' ').includes(target) === true;
    const masked = state?.get('UnitFileState')?.startsWith('masked') === true;
    return {
      name,
      enabled: targetEnabled && !masked && (name === target || wanted),
      active: ['active', 'reloading', 'activating'].includes(state?.get('ActiveState') ?? ''),
      text: installed.get(name) ?? null,
    };
  });
}

/** Nothing is started, but what is gone from the generation is stopped and forgotten. */
export async function installUnits(commands: Commands, folders: UnitFolders): Promise<void> {
  const installed = unitsIn(folders.installed, isOurs);
  const wanted = unitsIn(folders.wanted);
  const gone = [...installed.keys()].filter((name) => !wanted.has(name));
  if (gone.length > 0) {
    // The links of a unit that is enabled are named after it, and go while it is still there to say where they are.
    await commands.systemctlOrFail(['disable', '--', ...gone]);
    await commands.systemctlOrFail(['stop', '--', ...gone], 1_200_000);
    for (const name of gone) rmSync(join(folders.installed, name), { force: true });
    flushFolder(folders.installed);
  }
  makeFolders(folders.installed);
  for (const [name, text] of wanted) {
    if (installed.get(name) === text) continue;
    writeFileDurably(join(folders.installed, name), text, 0o644);
  }
  await commands.systemctlOrFail(['daemon-reload']);
  // A unit that has failed is remembered until then.
  if (gone.length > 0) await commands.systemctl(['reset-failed', '--', ...gone]);
  if (wanted.has(target)) await commands.systemctlOrFail(['enable', '--quiet', target]);
}

/** Whatever is not up yet; the timers are wanted by it too. */
export async function startTarget(commands: Commands, folders: UnitFolders): Promise<void> {
  if (hasWantedUnits(folders)) await commands.systemctlOrFail(['start', target], 1_200_000);
}

/** Text by name. Without a folder there are none. */
function unitsIn(
  folder: string,
  counts: (text: string) => boolean = () => true,
): ReadonlyMap<string, string> {
  const units = new Map<string, string>();
  for (const name of namesIn(folder)) {
    const text = unitName.test(name) ? readFileSync(join(folder, name), 'utf8') : null;
    if (text !== null && counts(text)) units.set(name, text);
  }
  return units;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Others may have a unit `mail-archive.service` of their own. A masked one is a link to /dev/null: empty. */
function isOurs(text: string): boolean {
  return text.startsWith(`# ${generatedNotice}`) || text === '';
}

function keyAndValue(line: string): readonly [key: string, value: string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}
