/** Builds the service images with Docker, each only when its folder or its base has changed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { error } from '../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../diagnostics/diagnostic-error.ts';
import { type ServiceName, serviceNames } from '../model/mail-system.ts';

/** Postgres is the official image; the others are built here. */
export type BuiltService = Exclude<ServiceName, 'postgres'>;
export const builtServices = serviceNames.filter((name) => name !== 'postgres');

export interface BuildOptions {
  /** Holds a folder for each service, with its Dockerfile. */
  readonly folder: string;
  readonly services: readonly BuiltService[];
  /** The Debian 13 image that all stand on. */
  readonly base: string;
  /** Builds even what has not changed, for Debian's security updates. */
  readonly fresh: boolean;
  readonly signal?: AbortSignal;
  readonly started?: (image: string) => void;
}

export interface BuiltImage {
  readonly image: string;
  readonly built: boolean;
}

const sourcesLabel = 'mailc.sources';

/** What `images:` in mail.yaml says where it says nothing. */
export function builtImage(service: BuiltService): string {
  return `mailc/${service}:1`;
}

/**
 * In the order of `services`. Throws DiagnosticError when Docker does not answer, when the base cannot be had,
 * and when a build fails: with the end of what Docker said.
 */
export async function buildImages(options: BuildOptions): Promise<readonly BuiltImage[]> {
  await run(['version', '--format', '{{.Server.Version}}'], options.signal, 'docker-not-available');
  const base = await baseId(options);
  const results = new Map<BuiltService, BuiltImage>();
  const waiting = [...options.services];
  // Two at a time: one downloads while the other unpacks.
  const worker = async (): Promise<void> => {
    for (let service = waiting.shift(); service !== undefined; service = waiting.shift()) {
      results.set(service, await buildOne(options, service, base));
    }
  };
  await Promise.all([worker(), worker()]);
  return options.services.flatMap((service) => results.get(service) ?? []);
}

async function buildOne(options: BuildOptions, service: BuiltService, base: string): Promise<BuiltImage> {
  const image = builtImage(service);
  const folder = join(options.folder, service);
  const sources = hashOf(folder, options.base, base);
  const label = await inspect(image, `{{index .Config.Labels "${sourcesLabel}"}}`, options.signal);
  if (label === sources && !options.fresh) return { image, built: false };
  options.started?.(image);
  const words = [
    ...['build', '--tag', image, '--build-arg', `BASE=${options.base}`],
    ...['--label', `${sourcesLabel}=${sources}`],
    ...(options.fresh ? ['--no-cache'] : []),
    folder,
  ];
  await run(words, options.signal, 'image-build-failed');
  return { image, built: true };
}

/** Names and contents of all files, and what they are built on. */
function hashOf(folder: string, ...base: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(base));
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (!statSync(path).isFile()) throw new Error(`${path} is not a file`);
    hash.update(JSON.stringify([name, readFileSync(path, 'utf8')]));
  }
  return hash.digest('hex');
}

async function baseId({ base, signal }: BuildOptions): Promise<string> {
  const id = await inspect(base, '{{.Id}}', signal);
  if (id !== null) return id;
  await run(['pull', '--quiet', base], signal, 'image-build-failed');
  return (await inspect(base, '{{.Id}}', signal)) ?? '';
}

/** Null when there is no such image. */
async function inspect(
  image: string,
  format: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const { code, output } = await docker(['image', 'inspect', '--format', format, image], signal);
  return code === 0 ? output.trim() : null;
}

async function run(
  words: readonly string[],
  signal: AbortSignal | undefined,
  otherwise: 'docker-not-available' | 'image-build-failed',
): Promise<void> {
  const { code, output } = await docker(words, signal);
  if (code === 0) return;
  const end = output.trimEnd().split('\n').slice(-20).join('\n');
  throw new DiagnosticError(error(otherwise, null, `docker ${words[0] ?? ''} failed:\n${end}`));
}

interface Ended {
  readonly code: number;
  readonly output: string;
}

async function docker(words: readonly string[], signal: AbortSignal | undefined): Promise<Ended> {
  const child = spawn('docker', words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  });
  const [code, stdout, stderr] = await Promise.all([ended(child), text(child.stdout), text(child.stderr)]);
  return { code, output: stdout + stderr };
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') {
        reject(new DiagnosticError(error('docker-not-available', null, 'there is no docker command here')));
      } else {
        reject(cause);
      }
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
}
