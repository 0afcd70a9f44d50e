/**
 * The promise that plan is apply, kept for any two configurations one after the other: on every kind of
 * database and on the files of hosts, from the text of mail.yaml to what lies there in the end.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { apply } from '../../src/apply/apply.ts';
import { readLive } from '../../src/apply/read-live.ts';
import type { Targets } from '../../src/apply/targets.ts';
import type { Compiled } from '../../src/compile.ts';
import { diff } from '../../src/diff/diff.ts';
import { planJson } from '../../src/diff/format/json.ts';
import { planText } from '../../src/diff/format/text.ts';
import { desiredState } from '../../src/diff/state.ts';
import { type Address, formatAddress } from '../../src/model/address.ts';
import type { MailYaml } from '../../src/model/mail-yaml.generated.ts';
import type { Plan } from '../../src/model/plan.ts';
import { openHostTarget } from '../../src/targets/host/host-target.ts';
import { readSecrets } from '../../src/targets/host/secret-store.ts';
import { fillIn } from '../../src/targets/host/stage-unit.ts';
import { ownFileNames } from '../../src/targets/host/unit-manifest.ts';
import { type ADatabase, describeDatabases } from '../database/databases.ts';
import { physicalRows } from '../database/physical-rows.ts';
import { aRecord, asLive, withTarget } from '../database/synchronised.ts';
import { anApply } from '../support/an-apply.ts';
import { compileText } from '../support/compile-text.ts';
import { anyMailYaml } from './any-mail-yaml.ts';

const environment = { RELAY_PASSWORD: `it's "quoted" $HOME #1` };

describeDatabases('any two configurations', (kind) => {
  const root = mkdtempSync(join(tmpdir(), 'mailc-any-two-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('follow each other as planned, and back again', { timeout: 150_000 }, async () => {
    const database = await kind.create();
    const place = { database, root };
    const any = anyMailYaml(database.role);
    await fc.assert(
      fc.asyncProperty(any, any, async (writtenA, writtenB) => {
        const [a, b] = [await compiled(writtenA), await compiled(writtenB)];
        await becomes(a, place);
        const { plan: there } = await becomes(b, place);
        expectOfflinePlan(there, a, b);
        expectHazards(there, a, b);

        const before = { files: filesBelow(root), rows: await physicalRows(database) };
        const again = await becomes(b, place);
        expect(again.plan.changes).toEqual([]);
        expect({ files: filesBelow(root), rows: await physicalRows(database) }).toEqual(before);

        const { plan: back } = await becomes(a, place);
        expectOfflinePlan(back, b, a);
        expectHazards(back, b, a);
      }),
      { numRuns: database.url === null ? 3 : 8, interruptAfterTimeLimit: 40_000 },
    );
  });
});

describe('a plan', () => {
  const pair = fc.tuple(anyMailYaml('mail'), anyMailYaml('mail'));

  it('does not depend on the order of keys, nor on how YAML is written', async () => {
    await fc.assert(
      fc.asyncProperty(pair, fc.infiniteStream(fc.nat()), async ([a, b], random) => {
        const live = desiredState(await compiled(a));
        const plan = planOf(await compiled(b), live);
        const shuffled = shuffledKeys(b, random) as MailYaml;
        for (const text of [stringify(shuffled, plain), JSON.stringify(shuffled), stringify(b, flowing)]) {
          const same = await compiledText(text);
          expect(withoutLines(planOf(same, live))).toEqual(withoutLines(plan));
        }
        expect(planJson(planOf(await compiled(b), live), '0')).toBe(planJson(plan, '0'));
      }),
      { numRuns: 12, interruptAfterTimeLimit: 20_000 },
    );
  });

  it('between equal configurations is empty', async () => {
    await fc.assert(
      fc.asyncProperty(anyMailYaml('mail'), async (a) => {
        const plan = planOf(await compiled(a), desiredState(await compiled(a)));
        expect(planText(plan, { paint: (_, text) => text, full: true, allowed: new Set() })).toBe(
          'No changes.\n',
        );
      }),
      { numRuns: 10, interruptAfterTimeLimit: 10_000 },
    );
  });
});

interface Place {
  readonly database: ADatabase;
  /** Holds a root folder for each host. */
  readonly root: string;
}

function compiled(written: MailYaml): Promise<Compiled> {
  return compiledText(stringify(written, plain));
}

/** Of a text that is right: warnings only. */
async function compiledText(text: string): Promise<Compiled> {
  const { value, diagnostics } = await compileText(text);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (value === null || errors.length > 0) throw new Error(`${JSON.stringify(errors, null, 2)}\n${text}`);
  return value;
}

function planOf(wanted: Compiled, live: ReturnType<typeof desiredState>): Plan {
  const { guards, mail } = wanted.system;
  return diff(desiredState(wanted), live, {
    commit: aRecord.commit,
    dirty: false,
    deleteShare: guards.deleteShare,
    mail: { live: mail, desired: mail },
  });
}

/** Plans, applies what was planned, and holds rows and files to what the compiler says that they are. */
async function becomes(wanted: Compiled, { database, root }: Place): Promise<{ readonly plan: Plan }> {
  return withTarget(database, async (target) => {
    const hosts = wanted.system.hosts.map(({ name, data }) =>
      openHostTarget({
        host: name,
        root: join(root, name),
        data,
        secrets: wanted.system.secrets,
        environment,
      }),
    );
    const targets: Targets = { database: target, hosts };
    const { guards, mail } = wanted.system;
    const desired = desiredState(wanted);
    const options = {
      commit: aRecord.commit,
      dirty: false,
      deleteShare: guards.deleteShare,
      mail: { live: mail, desired: mail },
    };
    const plan = diff(desired, (await readLive(targets, wanted)).state, options);
    const result = await apply({
      ...anApply(plan),
      compiled: wanted,
      desired,
      targets,
    });
    expect(result).toEqual({ outcome: 'done' });
    expect((await target.read()).rows).toEqual(asLive(wanted.system));
    for (const host of wanted.system.hosts) expectFiles(wanted, host.name, join(root, host.name, host.data));
    expect(diff(desired, (await readLive(targets, wanted)).state, options).changes).toEqual([]);
    const [latest] = await target.history();
    if (plan.changes.some(({ kind }) => databaseKinds.has(kind))) expect(latest?.planId).toBe(plan.planId);
    return { plan };
  });
}

/** Behind `current` lie the artifacts of each unit, with secrets filled in, and nothing else. */
function expectFiles({ artifacts, system }: Compiled, host: string, data: string): void {
  const secrets = readSecrets(join(data, 'mailc/secrets'), '/', system.secrets, environment).values;
  const wanted: Record<string, unknown> = {};
  for (const artifact of artifacts) {
    if (artifact.host !== host || artifact.unit === null) continue;
    const [, unit = '', ...rest] = artifact.path.split('/');
    wanted[[unit, ...rest].join('/')] = { text: fillIn(artifact.content, secrets), mode: artifact.mode };
  }
  const found: Record<string, unknown> = {};
  for (const unit of readdirSync(join(data, 'mailc'))) {
    const current = join(data, 'mailc', unit, 'current');
    for (const [path, { text, mode }] of Object.entries(filesBelow(current))) {
      if (!ownFileNames.has(path)) found[`${unit}/${path}`] = { text, mode: mode & 0o7777 };
    }
  }
  expect(found).toEqual(wanted);
}

/** By path; none where there is no such folder. The lock's note is rewritten by whoever holds it. */
function filesBelow(folder: string): Record<string, { text: string; mode: number; changed: number }> {
  const files: Record<string, { text: string; mode: number; changed: number }> = {};
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  for (const name of names) {
    const { mode, ctimeMs: changed } = statSync(join(folder, name));
    if (name.endsWith('mailc/lock') || (mode & 0o170000) !== 0o100000) continue;
    files[name] = { text: readFileSync(join(folder, name), 'utf8'), mode, changed };
  }
  return files;
}

const databaseKinds: ReadonlySet<string> = new Set(['schema', 'domain', 'user', 'alias']);
const hostKinds: ReadonlySet<string> = new Set(['file', 'unit', 'port']);

/** What a pull request is shown without any database is what apply then does to one. */
function expectOfflinePlan(live: Plan, before: Compiled, after: Compiled): void {
  const hosts = ({ system }: Compiled) => system.hosts.map(({ name, data }) => `${name} ${data}`);
  const sameHosts = hosts(before).join() === hosts(after).join();
  const shown = ({ changes }: Plan) =>
    changes
      .filter(({ kind }) => databaseKinds.has(kind) || (sameHosts && hostKinds.has(kind)))
      .map(({ action, address, hazards }) => `${action} ${address} ${hazards.join()}`);
  expect(shown(live)).toEqual(shown(planOf(after, desiredState(before))));
}

/** What goes from users, aliases, domains and passwords, worked out from nothing but the two mail systems. */
function expectHazards({ changes }: Plan, { system: a }: Compiled, { system: b }: Compiled): void {
  const expected = new Map<string, string>();
  const usersOfA = new Map(a.users.map((user) => [formatAddress(user.address), user]));
  const moved = new Set<string>();
  for (const user of b.users) {
    const address = formatAddress(user.address);
    const former = user.movedFrom === null ? null : formatAddress(user.movedFrom);
    const before = usersOfA.get(address) ?? usersOfA.get(former ?? '');
    if (before === undefined) continue;
    moved.add(formatAddress(before.address));
    if (before.passwordHash !== user.passwordHash) expected.set(`user/${address}`, 'changes-password');
  }
  for (const address of usersOfA.keys())
    if (!moved.has(address)) expected.set(`user/${address}`, 'deletes-user');
  for (const address of gone(a.aliases, b.aliases)) {
    // Every domain has these two as long as it is there.
    if (!/^(abuse|postmaster)@/.test(address)) expected.set(`alias/${address}`, 'deletes-alias');
  }
  for (const { name } of a.domains) {
    if (!b.domains.some((domain) => domain.name === name)) expected.set(`domain/${name}`, 'deletes-domain');
  }
  const found = changes
    .filter(({ kind }) => databaseKinds.has(kind))
    .flatMap(({ address, hazards }) => hazards.map((hazard) => [address, hazard] as const));
  expect(new Map(found)).toEqual(expected);
}

function gone(
  before: readonly { readonly address: Address }[],
  after: readonly { readonly address: Address }[],
): readonly string[] {
  const stay = new Set(after.map(({ address }) => formatAddress(address)));
  return before.map(({ address }) => formatAddress(address)).filter((address) => !stay.has(address));
}

const plain = { aliasDuplicateObjects: false };
const flowing = {
  ...plain,
  collectionStyle: 'flow',
  defaultStringType: 'QUOTE_SINGLE',
  defaultKeyType: null,
} as const;

/** All that a plan says but for the lines of mail.yaml that it names, and the id that covers them. */
function withoutLines(plan: Plan): unknown {
  return JSON.parse(
    JSON.stringify({ ...plan, planId: null }, (key, value) => {
      if (key === 'source') return null;
      return value instanceof Map ? [...value] : value;
    }),
  );
}

/** The order of lists means something, or at least is not YAML's to change. */
function shuffledKeys(value: unknown, random: Iterator<number>): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffledKeys(item, random));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => ({
        rank: random.next().value as number,
        entry: [key, shuffledKeys(item, random)] as const,
      }))
      .sort((x, y) => x.rank - y.rank)
      .map(({ entry }) => entry),
  );
}
