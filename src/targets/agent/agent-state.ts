/** What the agent remembers between two runs, as a small file that is whole or not there. */
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { error, type Staged } from '../../diagnostics/diagnostic.ts';
import { quote } from '../../diagnostics/quote.ts';
import { writeFileDurably } from '../host/write-durably.ts';
import { makeFolders } from '../make-folders.ts';

export interface AgentState {
  readonly version: 1;
  /** The head of the branch as it was last fetched, and when it first was. */
  readonly fetched: Seen | null;
  readonly verified: (Seen & { readonly by: string }) | null;
  readonly applied: Seen | null;
  /** What keeps the agent from applying; null where nothing does. */
  readonly waiting: Waiting | null;
}

export interface Seen {
  /** 40 hex digits, or 64. */
  readonly commit: string;
  /** ISO 8601. */
  readonly at: string;
}

export const waitingFor = ['fetch', 'branch', 'signature', 'source', 'plan', 'hazards', 'apply'] as const;

export interface Waiting {
  readonly for: (typeof waitingFor)[number];
  /** Null where no commit could be fetched. */
  readonly commit: string | null;
  readonly planId: string | null;
  /** ISO 8601. */
  readonly since: string;
  /** A clause, safe to print: `the plan has the hazard deletes-user`. */
  readonly reason: string;
  /** What lets the agent go on, to be typed on the host; null where that is no command of mailc. */
  readonly command: string | null;
  /** sha256 of the report as it was printed, hex: the same one is not printed again. */
  readonly report: string;
}

const nothingYet: AgentState = {
  version: 1,
  fetched: null,
  verified: null,
  applied: null,
  waiting: null,
};

/** From the folder that agent.yaml calls `state`; the first state of all where there is none yet. */
export function readAgentState(folder: string): Staged<AgentState> {
  let text: string;
  try {
    text = readFileSync(join(folder, fileName), 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { value: nothingYet, diagnostics: [] };
    return unreadable(folder, cause instanceof Error ? cause.message : String(cause));
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return unreadable(folder, 'it is not JSON');
  }
  return isState(value) ? { value, diagnostics: [] } : unreadable(folder, 'it has another shape');
}

/** Throws what the file system refuses. */
export function writeAgentState(folder: string, state: AgentState): void {
  makeStateFolder(folder);
  writeFileDurably(join(folder, fileName), `${JSON.stringify(state, null, 2)}\n`, 0o600);
}

/** Only for root: a plan that is kept here says what is live. */
export function makeStateFolder(folder: string): void {
  makeFolders(folder);
  chmodSync(folder, 0o700);
}

const fileName = 'state.json';

function unreadable(folder: string, reason: string): Staged<AgentState> {
  const diagnostic = error(
    'agent-state-unreadable',
    null,
    `${quote(join(folder, fileName))} cannot be read: ${reason}`,
    { hint: 'mailc explain agent-state-unreadable says what is lost without it' },
  );
  return { value: null, diagnostics: [diagnostic] };
}

function isState(value: unknown): value is AgentState {
  if (!isRecord(value) || value.version !== 1) return false;
  const { fetched, verified, applied, waiting } = value;
  return (
    [fetched, verified, applied].every((seen) => seen === null || isSeen(seen)) &&
    (verified === null || (isRecord(verified) && typeof verified.by === 'string')) &&
    (waiting === null || isWaiting(waiting))
  );
}

function isSeen(value: unknown): boolean {
  return isRecord(value) && isId(value.commit) && typeof value.at === 'string';
}

function isWaiting(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { commit, planId, since, reason, command, report } = value;
  return (
    waitingFor.some((kind) => kind === value.for) &&
    (commit === null || isId(commit)) &&
    [planId, command].every((text) => text === null || typeof text === 'string') &&
    [since, reason, report].every((text) => typeof text === 'string')
  );
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
