// Units come from the running generation, go with it, and are never somebody else's.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generatedNotice } from '../../render/host-layout.ts';
import { commandsOf } from './commands.ts';
import { installUnits, readUnits, startTarget } from './systemd-units.ts';

const text = (what: string) => `# ${generatedNotice}\n[Unit]\nDescription=${what}\n`;

describe('the units of a host', () => {
  let folder: string;
  let folders: { readonly installed: string; readonly wanted: string };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mailc-units-'));
    folders = { installed: join(folder, 'system'), wanted: join(folder, 'current') };
    for (const path of [...Object.values(folders), join(folder, 'bin')]) mkdirSync(path);
    for (const name of ['mail.target', 'mail-postfix.service', 'mail-learn-spam.timer'])
      writeFileSync(join(folders.wanted, name), text(name));
    writeFileSync(join(folders.wanted, '.mailc.json'), '{}');
    systemctl('');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** One that notes what it is asked, and answers with the shell commands by `$*`. */
  function systemctl(answers: string): void {
    const path = join(folder, 'bin/systemctl');
    writeFileSync(path, `#!/bin/sh\necho "$*" >>'${folder}/log'\ncase $* in\n${answers}\nesac\n`);
    chmodSync(path, 0o755);
  }
  const calls = () => readFileSync(join(folder, 'log'), 'utf8').split('\n').slice(0, -1);
  const commands = () =>
    commandsOf({
      environment: { PATH: `${folder}/bin:${process.env.PATH}` },
      signal: new AbortController().signal,
    });

  it('are installed as they are, read again, and start with the machine', async () => {
    await installUnits(commands(), folders);
    expect(readdirSync(folders.installed).sort()).toEqual([
      'mail-learn-spam.timer',
      'mail-postfix.service',
      'mail.target',
    ]);
    expect(readFileSync(join(folders.installed, 'mail.target'), 'utf8')).toBe(text('mail.target'));
    expect(calls()).toEqual(['daemon-reload', 'enable --quiet mail.target']);
  });

  it('are not written again when they are the same', async () => {
    await installUnits(commands(), folders);
    const written = statSync(join(folders.installed, 'mail.target')).ctimeMs;
    await installUnits(commands(), folders);
    expect(statSync(join(folders.installed, 'mail.target')).ctimeMs).toBe(written);
  });

  it('that are gone are stopped and forgotten, and those of others stay', async () => {
    await installUnits(commands(), folders);
    rmSync(join(folders.wanted, 'mail-learn-spam.timer'));
    writeFileSync(join(folders.installed, 'mail-archive.service'), '[Unit]\n');
    await installUnits(commands(), folders);
    expect(existsSync(join(folders.installed, 'mail-learn-spam.timer'))).toBe(false);
    expect(existsSync(join(folders.installed, 'mail-archive.service'))).toBe(true);
    expect(calls().slice(2)).toEqual([
      'disable -- mail-learn-spam.timer',
      'stop -- mail-learn-spam.timer',
      'daemon-reload',
      'reset-failed -- mail-learn-spam.timer',
      'enable --quiet mail.target',
    ]);
  });

  it('are started by the target', async () => {
    await startTarget(commands(), folders);
    expect(calls()).toEqual(['start mail.target']);
  });

  it('are read by one call', async () => {
    await installUnits(commands(), folders);
    rmSync(join(folders.installed, 'mail-learn-spam.timer'));
    const block = (id: string, active: string, file: string, wantedBy: string) =>
      `Id=${id}\\nActiveState=${active}\\nUnitFileState=${file}\\nWantedBy=${wantedBy}\\n`;
    const blocks = [
      block('mail-learn-spam.timer', 'inactive', '', 'mail.target'),
      block('mail-postfix.service', 'active', 'static', 'mail.target'),
      block('mail.target', 'active', 'enabled', 'multi-user.target'),
    ];
    systemctl(`show*) printf '${blocks.join('\\n')}' ;;`);
    expect(await readUnits(commands(), folders)).toEqual([
      { name: 'mail-learn-spam.timer', enabled: true, active: false, text: null },
      { name: 'mail-postfix.service', enabled: true, active: true, text: text('mail-postfix.service') },
      { name: 'mail.target', enabled: true, active: true, text: text('mail.target') },
    ]);
    expect(calls().filter((call) => call.startsWith('show'))).toHaveLength(1);
  });

  it('say so when systemd refuses', async () => {
    systemctl("daemon-reload) echo 'Failed to connect to bus' >&2; exit 1 ;;");
    await expect(installUnits(commands(), folders)).rejects.toThrow(
      'systemctl daemon-reload: Failed to connect to bus',
    );
  });
});
