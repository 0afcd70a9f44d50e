/** Builds the service images with Docker, each only when its folder or its base has changed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { error } from '../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../diagnostics/diagnostic-error.ts';
import { printable } from '../diagnostics/format/printable.ts';
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
  /** Builds even what has not changed, for Debian's security updates: those of the base's packages too. */
  readonly fresh: boolean;
  readonly signal?: AbortSignal;
  readonly started?: (image: string) => void;
  /** Gets the end of what Docker said of an image that it could not build. */
  readonly failed?: (said: string) => void;
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
 * and when a build fails.
 */
export async function buildImages(options: BuildOptions): Promise<readonly BuiltImage[]> {
  const { code, lines } = await docker(['version', '--format', '{{.Server.Version}}'], options.signal);
  if (code !== 0) throw failure('docker-not-available', 'Docker does not answer', lines);
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
    // A step that failed would leave its container behind.
    ...['build', '--force-rm', '--tag', image, '--build-arg', `BASE=${options.base}`],
    ...['--label', `${sourcesLabel}=${sources}`],
    ...(options.fresh ? ['--no-cache'] : []),
    folder,
  ];
  const { code, lines } = await docker(words, options.signal);
  if (code !== 0) {
    options.failed?.(
      lines
        .slice(-20)
        .map((line) => `${line}\n`)
        .join(''),
    );
    throw failure('image-build-failed', `${image} was not built`, lines);
  }
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
  const { code, lines } = await docker(['pull', '--quiet', base], signal);
  if (code !== 0) throw failure('image-build-failed', `the base ${base} is not here`, lines);
  return (await inspect(base, '{{.Id}}', signal)) ?? '';
}

/** Null when there is no such image. */
async function inspect(
  image: string,
  format: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const { code, lines } = await docker(['image', 'inspect', '--format', format, image], signal);
  return code === 0 ? (lines[0] ?? '') : null;
}

function failure(
  code: 'docker-not-available' | 'image-build-failed',
  what: string,
  lines: readonly string[],
): DiagnosticError {
  // Apt's own word for it, else the last: behind that Docker says that it tidies up, and repeats the step's command.
  const reason =
    lines.find((line) => line.startsWith('E: ')) ??
    lines.findLast((line) => !/^(Removing intermediate container|The command) /.test(line));
  return new DiagnosticError(error(code, null, `${what}: ${reason ?? 'Docker gives no reason'}`));
}

interface Ended {
  readonly code: number;
  /** Of both streams, as they came; those that say something. */
  readonly lines: readonly string[];
}

async function docker(words: readonly string[], signal: AbortSignal | undefined): Promise<Ended> {
  const child = spawn('docker', words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await ended(child);
  const lines = stripVTControlCharacters(output).split(/\r?\n/).map(printable);
  return { code, lines: lines.filter((line) => line.trim() !== '') };
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
