/** mailc init --agent: the unit, the timer and the configuration of a host that pulls. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { warning } from '../diagnostics/diagnostic.ts';
import { printable } from '../diagnostics/format/printable.ts';
import { quote } from '../diagnostics/quote.ts';
import { type AgentProgram, agentUnit, isInHome, isInTmp } from '../init/agent-unit.ts';
import { agentYaml } from '../init/agent-yaml.ts';
import { defaultAgentConfig, readAgentConfig } from '../targets/agent/agent-config.ts';
import { type InstalledFile, installFiles } from '../targets/agent/install-files.ts';
import { ownName } from '../targets/agent/own-name.ts';
import { askFor } from './ask.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { hidingUrlPasswords } from './hide-url-passwords.ts';
import type { Io } from './io.ts';
import { printDiagnostics } from './print-diagnostics.ts';

export interface AgentOptions {
  readonly root?: string;
  readonly replace?: true;
  readonly repository?: string;
  readonly branch?: string;
  readonly file?: string;
  readonly host?: string;
  readonly allowedSigners?: string;
  readonly gpgKeys?: string;
  readonly database?: string;
  readonly sshKey?: string;
  readonly knownHosts?: string;
  readonly credentials?: string;
}

export async function initAgent(plainIo: Io, options: AgentOptions): Promise<ExitCode> {
  const io = hidingUrlPasswords(plainIo, [options.database ?? '']);
  const program = startedProgram();
  const units = program && unitsFor(program);
  if (program === null || units === null) {
    io.stderr('error: the folder "systemd" is not beside this mailc; install mailc as a whole package\n');
    return exitCodes.usage;
  }
  const root = resolve(io.workingFolder, options.root ?? '/');
  const keepsConfiguration = existsSync(join(root, defaultAgentConfig)) && !hasSettings(options);
  const configuration = keepsConfiguration ? [] : await configurationFile(io, options);
  if (typeof configuration === 'number') return configuration;

  warnOfPlace(io, program);
  for (const { path, how } of installFiles(root, [...units, ...configuration], options.replace === true)) {
    io.stdout(`${how} ${path}${how === 'replaced' ? `; the former one is ${path}.before` : ''}\n`);
  }
  if (keepsConfiguration) io.stdout(`kept ${defaultAgentConfig} as it is\n`);
  io.stdout(nextSteps(options));
  return exitCodes.done;
}

/** Anything that would stand in agent.yaml. */
function hasSettings(options: AgentOptions): boolean {
  const { repository, branch, file, host, allowedSigners, gpgKeys, database } = options;
  const { sshKey, knownHosts, credentials } = options;
  return [
    repository,
    branch,
    file,
    host,
    allowedSigners,
    gpgKeys,
    database,
    sshKey,
    knownHosts,
    credentials,
  ].some((setting) => setting !== undefined);
}

/** What runs now is what the unit is to start. */
function startedProgram(): AgentProgram | null {
  const script = process.argv[1];
  return script === undefined ? null : { node: process.execPath, script: realpathSync(script) };
}

/** The package holds dist/mailc.cjs and systemd/ side by side. */
function unitsFor(program: AgentProgram): readonly InstalledFile[] | null {
  const folder = join(dirname(program.script), '../systemd');
  if (!existsSync(join(folder, 'mailc-pull.service'))) return null;
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const unit = (name: string, text: string): InstalledFile => ({
    path: `/etc/systemd/system/${name}`,
    text,
    mode: 0o644,
  });
  return [
    unit('mailc-pull.service', agentUnit(read('mailc-pull.service'), program)),
    unit('mailc-pull.timer', read('mailc-pull.timer')),
  ];
}

async function configurationFile(
  io: Io,
  options: AgentOptions,
): Promise<readonly InstalledFile[] | ExitCode> {
  const name = options.host ?? (await ownName(new AbortController().signal));
  const answers = await askFor(io, [
    { name: 'repository', question: 'Repository', given: options.repository, suggested: () => null },
    { name: 'branch', question: 'Branch', given: options.branch, suggested: () => 'main' },
    { name: 'file', question: 'Path of mail.yaml in it', given: options.file, suggested: () => 'mail.yaml' },
    {
      name: 'host',
      question: 'Host of mail.yaml that this machine is',
      given: options.host,
      suggested: () => (name.includes('.') ? name : null),
    },
  ]);
  if (typeof answers === 'number') return answers;
  const { repository = '', branch = '', file = '', host = '' } = answers;
  const { gpgKeys = null, database = null, sshKey = null, knownHosts = null, credentials = null } = options;
  const signers = options.allowedSigners ?? (gpgKeys === null ? defaultSigners : null);
  const text = agentYaml({
    repository,
    branch,
    file,
    host,
    allowedSigners: signers,
    gpgKeys,
    database,
    sshKey,
    knownHosts,
    credentials,
  });
  // What was answered is judged like what is typed into the file, before one is written.
  const source = { path: 'agent.yaml', text, isExposed: false };
  const { value, diagnostics } = readAgentConfig(source);
  printDiagnostics(io, diagnostics, [source]);
  return value === null ? exitCodes.usage : [{ path: defaultAgentConfig, text, mode: 0o600 }];
}

const defaultSigners = '/etc/mailc/allowed_signers';

function warnOfPlace(io: Io, { node, script }: AgentProgram): void {
  for (const path of [node, script]) {
    const place = isInHome(path) ? 'a home folder' : isInTmp(path) ? 'a temporary folder' : null;
    if (place === null) continue;
    const message = `the unit starts ${quote(path)}, which lies in ${place}`;
    const hint = 'install Node and mailc for the whole machine, and run mailc init --agent again';
    printDiagnostics(io, [warning('agent-program-misplaced', null, message, { hint })], []);
  }
}

function nextSteps(options: AgentOptions): string {
  const signers = options.allowedSigners ?? defaultSigners;
  const who =
    options.gpgKeys !== undefined && options.allowedSigners === undefined
      ? `Export the keys of those who may sign: gpg --armor --export NAME... > ${printable(options.gpgKeys)}`
      : `Name those who may sign in ${printable(signers)}, a line each: NAME namespaces="git" ssh-ed25519 AAAA...`;
  return `
Next, on that host, as root:
  # ${who}
  mailc pull                                  # the first one by hand, to see what it says
  systemctl daemon-reload
  systemctl enable --now mailc-pull.timer
  journalctl --unit mailc-pull.service        # what it does from then on
`;
}
