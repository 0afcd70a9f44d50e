/**
 * npm run bench: what mailc costs beside an empty Node process, as ratios of one run. The plans need an installed
 * Postgres server; without one they are left out.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aSource } from './a-source.mjs';
import { median, ratio, report, times } from './measure.mjs';
import { startPostgres } from './postgres.mjs';

const mailc = join(dirname(fileURLToPath(import.meta.url)), '../../dist/mailc.cjs');
const folder = mkdtempSync(join(tmpdir(), 'mailc-bench-'));
const postgres = startPostgres();
let reached = true;

try {
  for (const users of [100, 10_000, 20_000]) writeFileSync(join(folder, `${users}.yaml`), aSource(users));
  const empty = [process.execPath, '-e', '0'];
  const run = (...words) => [process.execPath, mailc, ...words];

  const start = times(
    { empty, validate: run('validate', '100.yaml'), compile: run('compile', '100.yaml', '-o', 'out') },
    31,
    { cwd: folder },
  );
  check('validate, 100 users / empty node', ratio(start.validate, start.empty), 1.5);
  check('compile, 100 users / empty node', ratio(start.compile, start.empty), 1.8);

  const growth = times({ ten: run('validate', '10000.yaml'), twenty: run('validate', '20000.yaml') }, 7, {
    cwd: folder,
  });
  check('validate, 20,000 users / 10,000 users', ratio(growth.twenty, growth.ten), 2.5);

  if (postgres === null) {
    console.log('left out: plans, as no Postgres server is installed');
  } else {
    const environment = { ...process.env, MAILC_DATABASE: postgres.url };
    for (const users of [100, 10_000]) {
      execFileSync(
        process.execPath,
        [
          mailc,
          'apply',
          `${users}.yaml`,
          '--yes',
          '--allow-dirty',
          '--allow',
          'deletes-user',
          '--allow',
          'deletes-alias',
          '--allow',
          'deletes-domain',
          '--allow',
          'deletes-many',
          '--allow',
          'changes-password',
        ],
        { cwd: folder, env: environment, stdio: ['ignore', 'ignore', 'inherit'] },
      );
      const plan = times({ empty, plan: run('plan', `${users}.yaml`) }, users === 100 ? 31 : 7, {
        cwd: folder,
        env: environment,
      });
      if (users === 100)
        check('plan without changes, 100 users / empty node', ratio(plan.plan, plan.empty), 2.2);
      else check('plan without changes, 10,000 users', median(plan.plan) / 1000, 1, ' s');
    }
  }
} finally {
  postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = reached ? 0 : 1;

function check(name, value, goal, unit) {
  reached = report(name, value, goal, unit) && reached;
}
