/** What sync.sql is made of: printed for psql (print-steps.ts), or executed one by one by `mailc apply`. */
import { UnescapableError } from '../../src/render/escaped.ts';

export type Step = SqlStatement | CopyBlock | PasswordSetting;

export interface SqlStatement {
  readonly kind: 'statement';
  /** Without the semicolon at its end. */
  readonly text: string;
  /** What it is there for, as a comment above it; null where it speaks for itself. */
  readonly purpose: string | null;
  /** Which of the numbers in {@link RowCounts} its affected rows are. */
  readonly counts: RowCount | null;
}

/** Rows on their way into a temporary table. */
export interface CopyBlock {
  readonly kind: 'copy';
  /** With its schema; a name that mailc made up. */
  readonly table: string;
  readonly columns: readonly string[];
  /** Lines of COPY's text format, each with its line feed; made anew on each call, since they can be millions. */
  readonly lines: () => Iterable<string>;
}

/** Hands the mail role's password to the statements after it: as a variable of psql, or as mailc has it. */
export interface PasswordSetting {
  readonly kind: 'password';
  /** The transaction-local setting that holds it; empty leaves the role's password as it is. */
  readonly setting: string;
  /** The variable of psql. */
  readonly variable: string;
}

export const rowCounts = [
  'domainsInserted',
  'domainsUpdated',
  'domainsDeleted',
  'usersMoved',
  'usersInserted',
  'usersUpdated',
  'usersDeleted',
  'sendAsInserted',
  'sendAsDeleted',
  'aliasesInserted',
  'aliasesDeleted',
] as const;
export type RowCount = (typeof rowCounts)[number];

/** How many rows of a table change in one synchronisation. */
export type RowCounts = Readonly<Record<RowCount, number>>;

export function statement(
  text: string,
  {
    purpose = null,
    counts = null,
  }: { readonly purpose?: string | null; readonly counts?: RowCount | null } = {},
): SqlStatement {
  return { kind: 'statement', text, purpose, counts };
}

/** A block of PL/pgSQL: for what must look before it acts. */
export function block(
  body: string,
  options: { readonly declare?: string; readonly purpose?: string } = {},
): SqlStatement {
  if (body.includes('$mailc$')) throw new UnescapableError('sql', 'it would end the block that it stands in');
  const declare = options.declare === undefined ? '' : `DECLARE\n${indent(options.declare)}\n`;
  return statement(`DO $mailc$\n${declare}BEGIN\n${indent(body)}\nEND\n$mailc$`, {
    purpose: options.purpose ?? null,
  });
}

/** PL/pgSQL that notes that something other than rows was changed; `expression` is SQL. */
export function note(expression: string): string {
  return `PERFORM pg_catalog.set_config('${notesSetting}', pg_catalog.concat_ws(E'\\n', nullif(pg_catalog.current_setting('${notesSetting}', true), ''), ${expression}), true);`;
}

/** The transaction-local setting where {@link note} writes, a line each. */
export const notesSetting = 'mailc.notes';

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
