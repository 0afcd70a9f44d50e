/** /etc/mailc/agent.yaml: what a host that pulls needs to know, judged like anything else that is typed. */
import { isAbsolute } from 'node:path';
import { type Diagnostic, error, type Staged, staged } from '../../diagnostics/diagnostic.ts';
import { inFileOrder } from '../../diagnostics/in-file-order.ts';
import { quote } from '../../diagnostics/quote.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import type { PlainValue, SourceDocument, SourceFile } from '../../model/source-document.ts';
import { parse } from '../../parse/parse.ts';
import { branchProblem, pathProblem, repositoryProblem } from './git-names.ts';

export const defaultAgentConfig = '/etc/mailc/agent.yaml';

export interface AgentConfig {
  /** `https:`, `ssh:`, `file:`, `user@host:path` or an absolute path; never with a password in it. */
  readonly repository: string;
  readonly branch: string;
  /** Of mail.yaml, relative to the top of the repository. */
  readonly file: string;
  /** A file as ssh-keygen(1) describes it under ALLOWED SIGNERS; null where nobody signs with ssh. */
  readonly allowedSigners: string | null;
  /** Those principals of the allowed signers that count here; null for all. */
  readonly principals: readonly string[] | null;
  /** Public keys as `gpg --export` writes them, each of which may sign; null where nobody signs with gpg. */
  readonly gpgKeys: string | null;
  /** Which host of mail.yaml this is; null for the machine's own fully qualified name. */
  readonly host: string | null;
  readonly root: string;
  /** As `--database`; null for none. */
  readonly database: string | null;
  /** The folder that the agent keeps its clone and its state in. */
  readonly state: string;
  /** The private key, and the known hosts, for a repository behind ssh; null for ssh's own choice. */
  readonly sshKey: string | null;
  readonly knownHosts: string | null;
  /** As git-credential-store(1) reads it, for a repository behind https; null for a public one. */
  readonly credentials: string | null;
  /** Seconds that a fetch may take. */
  readonly timeLimit: number;
}

export interface AgentConfigFile extends SourceFile {
  /** Whether somebody else than its owner may read it. */
  readonly isExposed: boolean;
}

const known = [
  'version',
  'repository',
  'branch',
  'file',
  'allowed_signers',
  'principals',
  'gpg_keys',
  'host',
  'root',
  'database',
  'state',
  'ssh_key',
  'known_hosts',
  'credentials',
  'time_limit',
] as const;
type Key = (typeof known)[number];

type Problem = (text: string) => string | null;

/** Reports everything that is wrong at once. */
export function readAgentConfig(file: AgentConfigFile): Staged<AgentConfig> {
  const parsed = parse([file]);
  const document = parsed.value?.[0];
  if (document === undefined) return { value: null, diagnostics: parsed.diagnostics };
  const { value } = document;
  if (!isMap(value)) return { value: null, diagnostics: [invalid(document, [], 'it is a map of settings')] };
  const diagnostics: Diagnostic[] = [...unknownKeys(document, value)];
  const report = (key: Key, message: string, hint?: string): null => {
    diagnostics.push(invalid(document, key in value ? [key] : [], message, hint));
    return null;
  };
  const text = (key: Key, problem: Problem): string | null => {
    const given = value[key];
    if (given === undefined || given === null) return null;
    if (typeof given !== 'string') return report(key, `"${key}" is text`);
    const wrong = problem(given);
    return wrong === null ? given : report(key, `"${key}" ${wrong}`);
  };
  const needed = (key: Key, problem: Problem): string => {
    if (value[key] === undefined || value[key] === null) report(key, `"${key}" is missing`);
    return text(key, problem) ?? '';
  };

  if (value.version !== 1) report('version', '"version" is 1');
  const config: AgentConfig = {
    repository: needed('repository', repositoryProblem),
    branch: text('branch', branchProblem) ?? 'main',
    file: text('file', pathProblem) ?? 'mail.yaml',
    allowedSigners: text('allowed_signers', absolutePath),
    principals: principalsOf(value.principals, (message) => report('principals', message)),
    gpgKeys: text('gpg_keys', absolutePath),
    host: text('host', plainText),
    root: text('root', absolutePath) ?? '/',
    database: text('database', databaseProblem),
    state: text('state', absolutePath) ?? '/var/lib/mailc/repository',
    sshKey: text('ssh_key', absolutePath),
    knownHosts: text('known_hosts', absolutePath),
    credentials: text('credentials', absolutePath),
    timeLimit: secondsOf(value.time_limit, (message) => report('time_limit', message)),
  };
  if (config.allowedSigners === null && config.gpgKeys === null) {
    report('allowed_signers', 'nobody could sign: "allowed_signers", "gpg_keys" or both name who may');
  }
  if (file.isExposed && hasPassword(config.database)) {
    report('database', '"database" holds a password that others can read', `chmod 600 ${file.path}`);
  }
  return staged(config, inFileOrder(diagnostics, file.path));
}

function unknownKeys(document: SourceDocument, value: object): readonly Diagnostic[] {
  const names: readonly string[] = known;
  return Object.keys(value)
    .filter((key) => !names.includes(key))
    .map((key) => {
      const near = suggest(key, known);
      const hint = near === null ? `it may hold ${known.join(', ')}` : `did you mean "${near}"?`;
      return invalid(document, [key], `unknown setting ${quote(key)}`, hint, 'key');
    });
}

function invalid(
  document: SourceDocument,
  path: readonly string[],
  message: string,
  hint?: string,
  part: 'key' | 'value' = 'value',
): Diagnostic {
  return error('agent-config-invalid', document.positionOf(path, part), message, {
    ...(hint === undefined ? {} : { hint }),
    // The one line that may hold a password.
    concealed: path[0] === 'database' || path[0] === 'repository',
  });
}

function isMap(value: PlainValue): value is Readonly<Record<string, PlainValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function principalsOf(
  value: PlainValue | undefined,
  report: (message: string) => null,
): readonly string[] | null {
  if (value === undefined || value === null) return null;
  const isList = Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
  return isList ? (value as readonly string[]) : report('"principals" is a list of names');
}

function secondsOf(value: PlainValue | undefined, report: (message: string) => null): number {
  if (value === undefined || value === null) return 120;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 3600) return value;
  report('"time_limit" is a number of seconds, 1 to 3600');
  return 120;
}

function plainText(text: string): string | null {
  if (text === '') return 'is empty';
  return /[\p{C}]/u.test(text) ? 'has a control character' : null;
}

function absolutePath(text: string): string | null {
  return plainText(text) ?? (isAbsolute(text) ? null : 'is an absolute path');
}

function databaseProblem(text: string): string | null {
  const folder = /^embedded:(.*)$/s.exec(text)?.[1];
  if (folder !== undefined) return absolutePath(folder);
  return (
    plainText(text) ?? (/^postgres(ql)?:\/\//.test(text) ? null : 'is a Postgres URL, or embedded:FOLDER')
  );
}

function hasPassword(database: string | null): boolean {
  return database !== null && (/:\/\/[^/@]*:[^@]*@/.test(database) || /[?&]password=/i.test(database));
}
