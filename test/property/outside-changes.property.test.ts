/** Whatever somebody does to the rows by hand is shown as what it is, and the next apply puts it right. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readLive } from '../../src/apply/read-live.ts';
import type { Compiled } from '../../src/compile.ts';
import { sameAttributes } from '../../src/diff/attributes.ts';
import { diff } from '../../src/diff/diff.ts';
import { desiredState } from '../../src/diff/state.ts';
import type { Plan, State } from '../../src/model/plan.ts';
import type { DatabaseRows } from '../../src/model/rows.ts';
import { sqlLiteral } from '../../src/render/escape/sql.ts';
import type { OpenDatabaseTarget } from '../../src/targets/database/database-target.ts';
import { type ADatabase, describeDatabases } from '../database/databases.ts';
import { aRecord, synchronised, withTarget } from '../database/synchronised.ts';
import { compileText } from '../support/compile-text.ts';
import { anyMailYaml } from './any-mail-yaml.ts';

describeDatabases('any edits by hand', (kind) => {
  it('are shown with what had been there, and put right', { timeout: 150_000 }, async () => {
    const database = await kind.create();
    await fc.assert(
      fc.asyncProperty(anyMailYaml(database.role), anyEdits, async (written, edits) => {
        const { value } = await compileText(stringify(written, { aliasDuplicateObjects: false }));
        const compiled = withoutMoves(value);
        await synchronised(database, compiled.system);
        const applied = await liveState(database, compiled);
        expect(applied.drift.size).toBe(0);

        for (const edit of edits) await tryTo(database, edit);
        const live = await liveState(database, compiled);
        const { changes } = planOf(compiled, live);
        for (const { address, reason, drift } of changes) {
          const before = applied.resources.get(address)?.attributes ?? null;
          expect({ address, reason, applied: drift?.applied }).toEqual({
            address,
            reason: 'changed-outside',
            applied: before,
          });
        }
        expect(changes.map(({ address }) => address).sort()).toEqual(differing(applied, live));

        await synchronised(database, compiled.system);
        const after = await liveState(database, compiled);
        expect(planOf(compiled, after).changes).toEqual([]);
        expect(after.drift.size).toBe(0);
      }),
      { numRuns: database.url === null ? 6 : 15, interruptAfterTimeLimit: 40_000 },
    );
  });
});

type Edit = (rows: DatabaseRows) => string;

/** Of a list that may be empty. */
const pick = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)];
const names = fc.constantFrom('eve', 'mallory', "o'brien", 'bob', 'ü@x', '\\');

const anyEdits = fc.array(
  fc.oneof(
    fc.tuple(fc.nat(), fc.constantFrom(`password = '{X}'`, 'enabled = NOT enabled', 'quota = 7')).map(
      ([index, change]): Edit =>
        ({ users }) =>
          `UPDATE public.users SET ${change} WHERE ${user(pick(users, index))}`,
    ),
    fc.nat().map(
      (index): Edit =>
        ({ users }) =>
          `DELETE FROM public.users WHERE ${user(pick(users, index))}`,
    ),
    fc.tuple(fc.nat(), names).map(
      ([index, name]): Edit =>
        ({ users }) =>
          `UPDATE public.users SET name = ${sqlLiteral(name)} WHERE ${user(pick(users, index))}`,
    ),
    fc.tuple(fc.nat(), names).map(
      ([index, name]): Edit =>
        ({ domains }) =>
          `INSERT INTO public.users (name, domain, password, mailbox)
VALUES (${sqlLiteral(name)}, ${domain(pick(domains, index))}, '{X}', gen_random_uuid()::text)`,
    ),
    fc.tuple(fc.nat(), names).map(
      ([index, name]): Edit =>
        ({ users }) =>
          `INSERT INTO public.send_as SELECT ${sqlLiteral(name)}, 'x.example', name, domain
FROM public.users WHERE ${user(pick(users, index))}`,
    ),
    fc.nat().map(
      (index): Edit =>
        ({ aliases }) =>
          `DELETE FROM public.alias WHERE ${user(pick(aliases, index))}`,
    ),
    fc.tuple(fc.nat(), names).map(
      ([index, name]): Edit =>
        ({ aliases }) =>
          `INSERT INTO public.alias SELECT DISTINCT name, domain, ${sqlLiteral(name)}, 'x.example'
FROM public.alias WHERE ${user(pick(aliases, index))}`,
    ),
    fc.tuple(fc.nat(), fc.constantFrom(`domain = 'renamed.example'`, `catch_all = '{x@y.example}'`)).map(
      ([index, change]): Edit =>
        ({ domains }) =>
          `UPDATE public.domains SET ${change} WHERE domain = ${domain(pick(domains, index))}`,
    ),
    fc.nat().map(
      (index): Edit =>
        ({ domains }) =>
          `DELETE FROM public.domains WHERE domain = ${domain(pick(domains, index))}`,
    ),
    fc
      .constantFrom(
        'DELETE FROM public.send_as',
        'TRUNCATE public.alias',
        'TRUNCATE public.users CASCADE',
        'UPDATE public.users SET enabled = false',
        // What goes wrong leaves nothing behind, in the rows or in what is remembered.
        'WITH gone AS (DELETE FROM public.users RETURNING 1) SELECT 1 / (count(*) - count(*)) FROM gone',
      )
      .map(
        (statement): Edit =>
          () =>
            statement,
      ),
  ),
  { minLength: 1, maxLength: 8 },
);

/** A row of users or of alias. */
function user(key: { readonly name: string; readonly domain: string } | undefined): string {
  return key === undefined
    ? 'false'
    : `name = ${sqlLiteral(key.name)} AND domain = ${sqlLiteral(key.domain)}`;
}

function domain(row: { readonly domain: string } | undefined): string {
  return sqlLiteral(row?.domain ?? 'nothing.example');
}

/** Constraints of the tables refuse some edits. */
async function tryTo(database: ADatabase, edit: Edit): Promise<void> {
  const { rows } = await withTarget(database, (target) => target.read());
  await database.query(edit(rows)).catch(() => {});
}

function withoutMoves(compiled: Compiled | null): Compiled {
  if (compiled === null) throw new Error('does not compile');
  const users = compiled.system.users.map((one) => ({ ...one, movedFrom: null }));
  return { ...compiled, system: { ...compiled.system, users } };
}

function liveState(database: ADatabase, compiled: Compiled): Promise<State> {
  return withTarget(database, async (target: OpenDatabaseTarget) => {
    return (await readLive({ database: target, hosts: [] }, compiled)).state;
  });
}

function planOf(compiled: Compiled, live: State): Plan {
  const { guards, mail } = compiled.system;
  return diff(desiredState(compiled), live, {
    commit: aRecord.commit,
    dirty: false,
    deleteShare: guards.deleteShare,
    mail: { live: mail, desired: mail },
  });
}

/** Addresses, sorted. */
function differing(before: State, after: State): readonly string[] {
  const addresses = new Set([...before.resources.keys(), ...after.resources.keys()]);
  const attributes = (state: State, address: string) => state.resources.get(address)?.attributes ?? null;
  return [...addresses]
    .filter((address) => !sameAttributes(attributes(before, address), attributes(after, address)))
    .sort();
}
