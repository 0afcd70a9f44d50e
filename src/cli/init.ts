/** mailc init: a first mail.yaml, .gitignore and CI workflow, or what makes a host pull; asked for or given as flags. */
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { AgentOptions } from './init-agent.ts';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';

interface Options extends AgentOptions {
  readonly agent?: true;
  readonly domain?: string;
  readonly address?: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly workflow: boolean;
  readonly applyOnMerge?: true;
}

export const initCommand: AddCommand = (program: Command, io: Io, done) => {
  program
    .command('init')
    .description('write a first mail.yaml, its schema, .gitignore and a CI workflow; or let this host pull')
    .argument('[folder]', 'where to', '.')
    .option('--domain <name>', 'the first domain, such as example.com')
    .option('--host <name>', 'the machine, such as mail.example.com (default: mail.DOMAIN)')
    .option('--address <ip...>', "the machine's public addresses")
    .option('--user <address>', 'the first user, who is postmaster too (default: postmaster@DOMAIN)')
    .option('--password <hash>', 'what mailc passwd printed; never the password itself')
    .option('--no-workflow', 'no .github/workflows/mail.yml')
    .option('--apply-on-merge', 'let the workflow apply what is merged into main')
    .optionsGroup('For a host that pulls, with --agent:')
    .option('--agent', 'install the unit, the timer and the configuration of mailc pull instead')
    .option('--root <folder>', "the host's root folder", '/')
    .option('--repository <address>', 'where mail.yaml lies: https, ssh, user@host:path or a path')
    .option('--branch <name>', 'the branch (default: main)')
    .option('--file <path>', 'of mail.yaml in the repository (default: mail.yaml)')
    .option('--allowed-signers <file>', 'who may sign with ssh (default: /etc/mailc/allowed_signers)')
    .option('--gpg-keys <file>', 'public keys of those who may sign with gpg')
    .option('--ssh-key <file>', 'the private key to fetch with')
    .option('--known-hosts <file>', "the repository's host key")
    .option('--credentials <file>', 'to fetch by https with, as git-credential-store has it')
    .option('--database <url>', 'as mailc apply --database')
    .option('--replace', 'write anew what is there and different; the former file stays as FILE.before')
    .action(async (folder: string, options: Options) => {
      if (options.agent !== true) return done(await init(io, folder, options));
      const { initAgent } = await import('./init-agent.ts');
      return done(await initAgent(io, options));
    });
};

async function init(io: Io, folder: string, options: Options): Promise<ExitCode> {
  if (options.repository !== undefined || options.replace !== undefined) {
    io.stderr('error: --repository and --replace are for mailc init --agent\n');
    return exitCodes.usage;
  }
  const { askFor } = await import('./ask.ts');
  const answers = await askFor(io, [
    { name: 'domain', question: 'Domain', given: options.domain, suggested: () => null },
    {
      name: 'host',
      question: 'Name of the machine',
      given: options.host,
      suggested: ({ domain }) => `mail.${domain}`,
    },
    {
      name: 'addresses',
      question: 'Its public addresses, separated by spaces',
      given: options.address?.join(' '),
      suggested: () => publicAddresses().join(' ') || null,
    },
    {
      name: 'user',
      question: 'First user',
      given: options.user,
      suggested: ({ domain }) => `postmaster@${domain}`,
    },
  ]);
  if (typeof answers === 'number') return answers;
  const passwordHash = options.password ?? (await askForPassword(io));
  if (typeof passwordHash !== 'string') return passwordHash;

  const { domain = '', host = '', addresses = '', user = '' } = answers;
  const { initFiles } = await import('../init/init-files.ts');
  const { version } = await import('../../package.json');
  const workflow = options.workflow ? { mailc: version, apply: options.applyOnMerge === true } : null;
  const files = initFiles({
    domain,
    host,
    addresses: addresses.split(/[\s,]+/),
    user,
    passwordHash,
    workflow,
  });
  if (!(await isValid(io, files[0]?.text ?? ''))) return exitCodes.invalid;

  const { writeNewFiles } = await import('../targets/new-files.ts');
  for (const path of writeNewFiles(resolve(io.workingFolder, folder), files)) io.stdout(`wrote ${path}\n`);
  io.stdout(
    '\nNext: mailc validate, then git init, add and commit, then mailc plan --database embedded:./try-out\n',
  );
  return exitCodes.done;
}

/** What was answered is judged like anything that is typed into mail.yaml, before a file is written. */
async function isValid(io: Io, text: string): Promise<boolean> {
  const { analyse } = await import('../compile.ts');
  const { printDiagnostics } = await import('./print-diagnostics.ts');
  const source = [{ path: 'mail.yaml', text }];
  const { value, diagnostics } = analyse(source);
  printDiagnostics(io, diagnostics, source);
  return value !== null;
}

async function askForPassword(io: Io): Promise<string | ExitCode> {
  if (!io.stdinIsTerminal) {
    io.stderr('error: init without a terminal needs --password HASH, as mailc passwd prints it\n');
    return exitCodes.usage;
  }
  const { readPassword } = await import('./read-password.ts');
  const { defaultRounds, hashPassword } = await import('../password/hash-password.ts');
  const { randomBytes } = await import('node:crypto');
  const password = await readPassword(io);
  if (password === null) return exitCodes.interrupted;
  if (typeof password === 'string') return hashPassword(password, { rounds: defaultRounds, randomBytes });
  io.stderr(`error: ${password.refused}\n`);
  return exitCodes.usage;
}

/** Of this machine, which may be the one that is meant: only a suggestion. */
function publicAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .map(({ address }) => address);
}
