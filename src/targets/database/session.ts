/** One connection to a database, whichever kind it is: all that reading and synchronising need of it. */
import type { CopyBlock } from '../../../renderers/postgres/step.ts';

export interface Session {
  /** Without parameters the text may hold several statements; the result is the last one's. */
  readonly query: (text: string, parameters?: readonly unknown[]) => Promise<QueryResult>;
  /** Several statements, for the time of one: the result of each. */
  readonly queryEach: (texts: readonly string[]) => Promise<readonly QueryResult[]>;
  readonly copyIn: (block: CopyBlock) => Promise<void>;
  /** Asks the server to give up the statement that runs now; that one then fails. */
  readonly cancel: () => Promise<void>;
  /** What became of a transaction whose COMMIT was never answered; null when that cannot be found out. */
  readonly outcome: (transaction: string) => Promise<'committed' | 'aborted' | null>;
  readonly close: () => Promise<void>;
}

export interface QueryResult {
  /** Values by column, in the types of JavaScript that are nearest. */
  readonly rows: readonly (readonly unknown[])[];
  /** How many rows an INSERT, UPDATE or DELETE was about. */
  readonly affected: number;
}

/** Text of a COPY block in pieces of a size that is quick to send. */
export function* copyChunks(block: CopyBlock): Iterable<string> {
  let pending: string[] = [];
  let length = 0;
  for (const line of block.lines()) {
    pending.push(line);
    length += line.length;
    if (length < 64 * 1024) continue;
    yield pending.join('');
    pending = [];
    length = 0;
  }
  if (length > 0) yield pending.join('');
}
