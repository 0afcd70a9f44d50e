/** What `mailc secrets export` writes and `mailc secrets import` reads: never a terminal, never an argument. */
import { hostname, userInfo } from 'node:os';
import { text } from 'node:stream/consumers';
import type { HostTarget } from '../apply/targets.ts';
import type { Compiled } from '../compile.ts';
import { error } from '../diagnostics/diagnostic.ts';
import { secretHosts } from '../render/host-secrets.ts';
import { printSecrets, readSecretsDocument } from '../targets/host/secrets-document.ts';
import { compileSource } from './compile-source.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { openHostTargets } from './open-targets.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import type { SecretsOptions } from './secrets.ts';

export async function exportSecrets(io: Io, options: SecretsOptions): Promise<ExitCode> {
  if (io.stdoutIsTerminal) {
    return usage(io, 'secrets are not printed on a terminal: pipe them into "mailc secrets import"');
  }
  const opened = await openOne(io, options);
  if (typeof opened === 'number') return opened;
  const { compiled, host } = opened;
  const { for: receiver } = options;
  if (receiver !== undefined && !compiled.system.hosts.some(({ name }) => name === receiver)) {
    return usage(io, `mail.yaml has no host ${JSON.stringify(receiver)}`);
  }
  const shared = [...secretHosts(compiled)].flatMap(([name, holders]) => {
    const others = holders.filter((one) => one !== host.name);
    const isMeant = receiver === undefined ? others.length > 0 : others.includes(receiver);
    return holders.includes(host.name) && isMeant ? [name] : [];
  });
  const values = host.readSecrets();
  const missing = shared.filter((name) => !values.has(name));
  if (missing.length > 0) {
    return usage(io, `${host.name} does not have ${missing.join(', ')} yet: apply there first`);
  }
  io.stdout(printSecrets(host.name, new Map(shared.map((name) => [name, values.get(name) ?? '']))));
  io.stderr(`${shared.length === 0 ? 'no secrets are shared' : shared.join('\n')}\n`);
  return exitCodes.done;
}

export async function importSecrets(io: Io, options: SecretsOptions): Promise<ExitCode> {
  if (io.stdinIsTerminal) return usage(io, 'the secrets come from a pipe: mailc secrets export | ssh …');
  const document = readSecretsDocument(await text(process.stdin));
  printDiagnostics(io, document.diagnostics, []);
  const { value: carried } = document;
  if (carried === null) return exitCodes.usage;
  const opened = await openOne(io, options);
  if (typeof opened === 'number') return opened;
  const { compiled, host } = opened;
  const holder = {
    pid: process.pid,
    since: new Date().toISOString(),
    who: `${userInfo().username}@${hostname()}`,
  };
  const attempt = await host.lock(holder);
  if ('heldBy' in attempt) {
    io.stderr(`error: ${host.name} is locked by an apply: try again when it has ended\n`);
    return exitCodes.locked;
  }
  try {
    return keep(io, compiled, host, carried, options.replace === true);
  } finally {
    await attempt.lock.release();
  }
}

function keep(
  io: Io,
  compiled: Compiled,
  host: HostTarget,
  carried: ReadonlyMap<string, string>,
  replace: boolean,
): ExitCode {
  const shared = secretHosts(compiled);
  const wanted = [...carried].filter(([name]) => shared.get(name)?.includes(host.name));
  const own = host.readSecrets();
  const differing = wanted.filter(([name, value]) => own.has(name) && own.get(name) !== value);
  if (differing.length > 0 && !replace) {
    const names = differing.map(([name]) => name).join(', ');
    const hint = 'import with --replace if those of the other host are right';
    printDiagnostics(
      io,
      [error('secrets-differ', null, `${host.name} has other values of ${names}`, { hint })],
      [],
    );
    return exitCodes.usage;
  }
  const news = wanted.filter(([name, value]) => own.get(name) !== value);
  host.writeSecrets(new Map(news));
  io.stdout(`${news.length} of ${wanted.length} secrets were new to ${host.name}\n`);
  for (const [name] of news) io.stdout(`  ${name}\n`);
  return exitCodes.done;
}

async function openOne(
  io: Io,
  options: SecretsOptions,
): Promise<{ readonly compiled: Compiled; readonly host: HostTarget } | ExitCode> {
  const compiled = await compileSource(io, options.file);
  if (compiled === null) return exitCodes.invalid;
  const { hosts } = await openHostTargets(io, options, compiled);
  const [host, ...others] = hosts;
  if (host !== undefined && others.length === 0) return { compiled, host };
  return usage(io, `say which host it is: ${hosts.map(({ name }) => `--host ${name}`).join(' or ')}`);
}

function usage(io: Io, message: string): ExitCode {
  io.stderr(`error: ${message}\n`);
  return exitCodes.usage;
}
