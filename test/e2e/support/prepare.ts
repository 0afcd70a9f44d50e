// What must be there before the first end-to-end test: a Docker daemon, and all images.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildImages, builtImage, builtServices } from '../../../src/targets/docker-build.ts';
import { docker, run, tryRun } from './run.ts';
import { systemdHostImage } from './systemd-host.ts';

export interface Prepared {
  readonly postgresImage: string;
  /** Of all images. */
  readonly archive: string;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const officialPostgres = 'postgres:17';
const standInPostgres = 'mailc-test/postgres:17';
/** What the images are made of. */
const folders = [
  ...builtServices.map((service) => `images/${service}`),
  'test/e2e/postgres-stand-in',
  'test/e2e/systemd-host',
];
const sourcesLabel = 'mailc-test.sources';
const all = [...builtServices.map(builtImage), systemdHostImage];
const archivePrefix = 'e2e-images-';
const archiveSuffix = '.tar.zst';
const keptRepository = 'mailc-test/kept';

/** Installs, starts, pulls and builds what is missing: minutes on a bare machine, a second afterwards. */
export async function prepare(
  say: (line: string) => void,
): Promise<Prepared | { readonly unavailable: string }> {
  if (process.getuid?.() !== 0)
    return { unavailable: 'starting containers and giving them addresses needs root' };
  const started = await script('docker.sh', say);
  if ('unavailable' in started) return started;
  // For a machine without a network, another has prepared them.
  const given = process.env.MAILC_E2E_IMAGES;
  if (given) await load(given, say);
  const made = await script('base-image.sh', say);
  if ('unavailable' in made) return made;
  const base = made.stdout.trim();
  const archive = join(cacheFolder(), `${archivePrefix}${hashOf(base, folders)}${archiveSuffix}`);
  if (existsSync(archive)) await load(archive, say);
  await buildImages({
    folder: join(root, 'images'),
    services: builtServices,
    base,
    fresh: false,
    started: (image) => say(`e2e: building ${image}`),
  });
  const postgresImage = await preparePostgres(base, say);
  await prepareSystemdHost(base, say);
  if (!existsSync(archive)) await keep(archive, [...all, postgresImage, base], say);
  return { postgresImage, archive };
}

async function script(
  name: string,
  say: (line: string) => void,
): Promise<{ readonly stdout: string } | { readonly unavailable: string }> {
  say(`e2e: ${name}`);
  const ran = await tryRun(['bash', join(root, 'test/e2e', name)], { timeoutMs: 600_000 });
  if (ran.code === 3) return { unavailable: ran.stderr.trim().split('\n').at(-1) ?? name };
  if (ran.code !== 0) throw new Error(`test/e2e/${name} failed:\n${ran.stderr}`);
  return ran;
}

async function load(archive: string, say: (line: string) => void): Promise<void> {
  if (await hasImages([...all, keptTag(archive)])) return;
  say('e2e: loading the images that an earlier run has kept');
  await run(['sh', '-c', 'zstd -dcq "$1" | docker load --quiet', 'load', archive], { timeoutMs: 300_000 });
  await tagAsKept(archive);
}

async function keep(archive: string, images: readonly string[], say: (line: string) => void): Promise<void> {
  say('e2e: keeping the images for the next run');
  const partial = `${archive}.${process.pid}`;
  forgetArchives();
  await run(
    [
      ...['sh', '-c', 'out=$1; shift; docker save "$@" | zstd -q -3 -T0 -f -o "$out"', 'save', partial],
      ...images,
    ],
    { timeoutMs: 300_000 },
  );
  renameSync(partial, archive);
  await tagAsKept(archive);
}

/** Says by a second name of an image that all are those of an archive, and of no other any more. */
async function tagAsKept(archive: string): Promise<void> {
  const format = '{{.Repository}}:{{.Tag}}';
  const former = (await docker(['image', 'ls', '--format', format, keptRepository]))
    .split('\n')
    .filter(Boolean);
  if (former.length > 0) await docker(['image', 'rm', ...former]);
  await docker(['tag', systemdHostImage, keptTag(archive)]);
}

function keptTag(archive: string): string {
  return `${keptRepository}:${basename(archive, archiveSuffix).slice(archivePrefix.length)}`;
}

/** All that are whole, and what a run that was killed had begun; not what another run is writing. */
function forgetArchives(): void {
  for (const name of readdirSync(cacheFolder()).filter((one) => one.startsWith(archivePrefix))) {
    const path = join(cacheFolder(), name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (name.endsWith(archiveSuffix) || age > 3_600_000) rmSync(path, { force: true });
  }
}

/** The official image, or what stands in for it where it can be neither found nor pulled. */
async function preparePostgres(base: string, say: (line: string) => void): Promise<string> {
  if (await hasImages([officialPostgres])) return officialPostgres;
  if (await hasImages([standInPostgres])) return standInPostgres;
  const pulled = await tryRun(['timeout', '-k', '2', '120', 'docker', 'pull', '--quiet', officialPostgres], {
    timeoutMs: 130_000,
  });
  if (pulled.code === 0) return officialPostgres;
  say(`e2e: ${officialPostgres} cannot be pulled; building a stand-in`);
  const folder = join(root, 'test/e2e/postgres-stand-in');
  await docker(['build', '--quiet', '--tag', standInPostgres, '--build-arg', `BASE=${base}`, folder], {
    timeoutMs: 300_000,
  });
  return standInPostgres;
}

/** Builds it where it is not there, or of other sources. */
async function prepareSystemdHost(base: string, say: (line: string) => void): Promise<void> {
  const sources = hashOf(base, ['test/e2e/systemd-host']);
  const format = `{{with .Config.Labels}}{{index . "${sourcesLabel}"}}{{end}}`;
  const { stdout } = await tryRun(['docker', 'image', 'inspect', '--format', format, systemdHostImage]);
  if (stdout.trim() === sources) return;
  say(`e2e: building ${systemdHostImage}`);
  const folder = join(root, 'test/e2e/systemd-host');
  const label = ['--label', `${sourcesLabel}=${sources}`];
  await docker(
    ['build', '--quiet', '--tag', systemdHostImage, ...label, '--build-arg', `BASE=${base}`, folder],
    {
      timeoutMs: 600_000,
    },
  );
}

async function hasImages(images: readonly string[]): Promise<boolean> {
  const { code } = await tryRun(['docker', 'image', 'inspect', '--format', '{{.Id}}', ...images]);
  return code === 0;
}

/** As rootfs.sh has it. */
function cacheFolder(): string {
  const folder =
    process.env.MAILC_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mailc');
  mkdirSync(folder, { recursive: true });
  return folder;
}

function hashOf(base: string, sources: readonly string[]): string {
  const hash = createHash('sha256').update(base);
  for (const folder of sources) {
    for (const name of readdirSync(join(root, folder)).sort()) {
      hash.update(JSON.stringify([folder, name, readFileSync(join(root, folder, name), 'utf8')]));
    }
  }
  return hash.digest('hex').slice(0, 12);
}
