// Runs psql, the client of PostgreSQL, where it is installed.

import { spawnSync } from 'node:child_process';

export const hasPsql = spawnSync('psql', ['--version']).status === 0;

/** Behind the name of a test that needs it. */
export const unlessPsql = hasPsql ? '' : ' [not run: psql is not installed]';

/** Without the user's own settings, and quietly. */
export function runPsql(url: string, file: string, ...flags: readonly string[]) {
  return spawnSync('psql', ['-X', '-q', ...flags, '-f', file, url], { encoding: 'utf8' });
}
