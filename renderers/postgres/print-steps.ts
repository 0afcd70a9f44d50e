/** Writes steps as a file for psql. */

import { sqlIdentifier, sqlLiteral } from '../../src/render/escape/sql.ts';
import { generatedNotice } from '../../src/render/host-layout.ts';
import { passwordVariable } from './role-steps.ts';
import { block, type CopyBlock, type PasswordSetting, type SqlStatement, type Step } from './step.ts';

/** Rows of a COPY block that are joined at a time: an artifact is a list of texts, and a million rows fit. */
const linesInAChunk = 2000;

/**
 * One transaction. psql must stop at the first error even when not told to: the data after a COPY that was
 * refused would otherwise be read as commands.
 */
export function printSteps(title: string, steps: readonly Step[]): readonly string[] {
  const chunks = [
    `-- ${generatedNotice}\n-- ${title}\n`,
    `\n\\set ON_ERROR_STOP on\n`,
    ...(steps.some(({ kind }) => kind === 'password') ? [passwordIsGiven] : []),
    `\nBEGIN;\n`,
  ];
  for (const step of steps) {
    if (step.kind === 'statement') chunks.push(printStatement(step));
    else if (step.kind === 'password') chunks.push(printPassword(step));
    else pushCopy(chunks, step);
  }
  chunks.push(`\nCOMMIT;\n`);
  return chunks;
}

const passwordIsGiven = `
\\if :{?${passwordVariable}}
\\else
DO $mailc$ BEGIN RAISE EXCEPTION 'give the password of the mail role, or none: psql -v ${passwordVariable}=' USING ERRCODE = 'MC003'; END $mailc$;
\\endif
`;

function printStatement({ text, purpose }: SqlStatement): string {
  const long = text.includes('\n') || purpose !== null;
  return `${long ? '\n' : ''}${purpose === null ? '' : `-- ${purpose}\n`}${text};\n`;
}

/**
 * Not SET, whose value stands in pg_stat_statements. It could stand in the server's log, so a superuser's
 * session says not to log statements up to the end of the transaction. `\gset` prints nothing.
 */
function printPassword({ setting, variable }: PasswordSetting): string {
  return `
${block(withoutLogging).text};
SELECT true AS password_is_set FROM pg_catalog.set_config(${sqlLiteral(setting)}, :'${variable}', true) \\gset
`;
}

const withoutLogging = `
IF pg_catalog.current_setting('is_superuser') = 'on' THEN
  SET LOCAL log_statement = 'none';
  SET LOCAL log_min_duration_statement = -1;
  SET LOCAL log_min_error_statement = 'panic';
END IF;`.trim();

/** The statement that takes the lines of a block; `source` is SQL. */
export function copyStatement({ table, columns }: CopyBlock, source = 'STDIN'): string {
  return `COPY ${table} (${columns.map(sqlIdentifier).join(', ')}) FROM ${source}`;
}

function pushCopy(chunks: string[], block: CopyBlock): void {
  chunks.push(`\n${copyStatement(block)};\n`);
  let pending: string[] = [];
  for (const line of block.lines()) {
    if (pending.push(line) === linesInAChunk) {
      chunks.push(pending.join(''));
      pending = [];
    }
  }
  chunks.push(`${pending.join('')}\\.\n`);
}
