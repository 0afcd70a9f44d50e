import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HazardId, Plan, Resource } from '../../model/plan.ts';
import { diff } from '../diff.ts';
import { aDomain, aFile, anAlias, aPort, aState, aUser, mailYaml, noOptions } from '../example-state.ts';
import { readPlan } from '../read-plan.ts';
import { planJson } from './json.ts';
import { commentMarker, planMarkdown } from './markdown.ts';
import { type Paint, planText } from './text.ts';

const plan = (live: readonly Resource[], desired: readonly Resource[], options: object = {}): Plan =>
  diff(aState(desired), aState(live), { ...noOptions, ...options });
const plain: Paint = (_style, text) => text;
const text = (one: Plan, { full = false, allowed = [] as readonly HazardId[], paint = plain } = {}): string =>
  planText(one, { full, allowed: new Set(allowed), paint });
const markdown = (one: Plan): string => planMarkdown(one, { allowed: new Set() });

const everything = plan(
  [
    aDomain('example.com'),
    aUser('bob@example.com', { quota: 1024 ** 3, sendAs: ['a@example.com'] }),
    aUser('old@example.com'),
    aUser('robert@example.com'),
    anAlias('info@example.com', ['old@example.com']),
    aFile('dovecot/dovecot.conf', 'one\ntwo\n', 'restart'),
    aFile('postfix/main.cf', 'a\nb\nc\nd\ne\n'),
    aPort('smtp', 25),
  ],
  [
    aDomain('example.com', { catchAll: ['bob@example.com'], source: mailYaml(9) }),
    aUser('bob@example.com', { quota: 2 * 1024 ** 3, sendAs: ['b@example.com'], source: mailYaml(41) }),
    aUser('rob@example.com', { movedFrom: 'robert@example.com', source: mailYaml(50) }),
    anAlias('sales@example.com', ['bob@example.com', 'x@elsewhere.org'], { source: mailYaml(60) }),
    aFile('dovecot/dovecot.conf', 'one\nzwei\n', 'restart'),
    aFile('postfix/main.cf', 'a\nb\nC\nd\ne\n'),
    aFile('postfix/master.cf', 'x\ny\n'),
    aPort('smtp', 2525),
  ],
);

test('a plan on a terminal', () => {
  expect(text(everything)).toBe(`mail.yaml changes
  database
    - delete alias  info@example.com   -> old@example.com  ! deletes-alias
    - delete user   old@example.com    ! deletes-user
    + create alias  sales@example.com  -> bob@example.com, x@elsewhere.org  mail.yaml:60:3
    ~ update domain example.com        catch_all +bob@example.com  mail.yaml:9:3
    ~ update user   bob@example.com    quota 1GB -> 2GB, send_as +b@example.com, -a@example.com  mail.yaml:41:3
    ~ update user   rob@example.com    moved from robert@example.com, mailbox kept  mail.yaml:50:3
  mail.example.com
    + create file postfix/master.cf     2 lines
    ~ update file dovecot/dovecot.conf  +1 -1, then restart dovecot
        @@ -1,2 +1,2 @@
         one
        -two
        +zwei
    ~ update file postfix/main.cf       +1 -1, then reload postfix
        @@ -1,5 +1,5 @@
         a
         b
        -c
        +C
         d
         e
    ~ update port smtp                  port 25 -> 2525  ! closes-port ! opens-port

What follows
  For mail
    mail to unknown addresses of example.com will be delivered to bob@example.com (bounced before)  mail.yaml:9:3
    info@example.com will be delivered to bob@example.com instead of old@example.com
    old@example.com will be delivered to bob@example.com instead of old@example.com
    robert@example.com will be delivered to bob@example.com instead of rob@example.com
    bob@example.com may now send as b@example.com  mail.yaml:41:3
  For services
    restart dovecot on mail.example.com (dovecot/dovecot.conf)
    reload postfix on mail.example.com (postfix/master.cf, postfix/main.cf)
    nothing for 6 rows: the services read the database as it is

Hazards
  ! closes-port: port/mail.example.com/smtp
  ! deletes-alias: alias/info@example.com
  ! deletes-user: user/old@example.com
  ! opens-port: port/mail.example.com/smtp

2 to create, 6 to update, 2 to delete. Plan ${everything.planId.slice(0, 12)}, commit 3f2c1ab00000.
Refused: closes-port, deletes-alias, deletes-user, opens-port (allow with: mailc apply --allow closes-port --allow deletes-alias --allow deletes-user --allow opens-port)
`);
});

test('a plan without changes is one line', () => {
  const nothing = plan([aUser('bob@a.org')], [aUser('bob@a.org')], { commit: null });
  expect(text(nothing)).toBe('No changes.\n');
  expect(markdown(nothing)).toBe('<!-- mailc plan -->\n### mailc plan: no changes\n');
});

test('what was allowed is shown and no longer refused', () => {
  const last = text(everything, { allowed: ['closes-port', 'deletes-alias', 'opens-port'] })
    .trimEnd()
    .split('\n')
    .at(-1);
  expect(last).toBe('Refused: deletes-user (allow with: mailc apply --allow deletes-user)');
});

test('colour repeats what the glyphs say', () => {
  const painted = text(everything, { paint: (style, inner) => `<${style}>${inner}</>` });
  expect(painted).toContain('<red>- delete user   old@example.com    ! deletes-user</>');
  expect(painted.replaceAll(/<\/?[a-z]*>/g, '')).toBe(text(everything).replaceAll(/<\/?[a-z]*>/g, ''));
});

test('of a new user only what is out of the ordinary is said', () => {
  const created = plan([], [aUser('amy@a.org'), aUser('bob@a.org', { enabled: false, quota: 512 })]);
  expect(text(created)).toContain(
    '    + create user amy@a.org\n    + create user bob@a.org  quota 512B, disabled\n',
  );
});

test('a password change says that it changed', () => {
  const changed = plan([aUser('bob@a.org')], [aUser('bob@a.org', { password: '{SHA512-CRYPT}$6$n$new' })]);
  expect(text(changed)).toContain('~ update user bob@a.org  password changed  ! changes-password');
  expect(JSON.parse(planJson(changed, '1')).changes[0]).toMatchObject({
    before: { password: { redacted: true, changed: true } },
    after: { password: { redacted: true, changed: true } },
  });
});

test('no format shows a password hash, and neither does a plan that was read back', () => {
  const users = (canary: string) => [
    aUser('bob@a.org', { password: canary }),
    aUser('amy@a.org', { password: canary }),
  ];
  const secret = plan(
    [...users('CANARY-1'), aUser('old@a.org', { password: 'CANARY-2' })],
    users('CANARY-3'),
  );
  const saved = readPlan(planJson(secret, '1'), '1').value;
  for (const one of [secret, saved ?? secret]) {
    const outputs = [text(one, { full: true }), markdown(one), planJson(one, '1')];
    expect(outputs.join()).not.toContain('CANARY');
  }
});

test('the JSON of a plan', () => {
  const moved = plan(
    [aUser('robert@a.org')],
    [aUser('bob@a.org', { movedFrom: 'robert@a.org', quota: 1024, source: mailYaml(7) })],
  );
  expect(JSON.parse(planJson(moved, '1.2.3'))).toEqual({
    formatVersion: 1,
    mailc: '1.2.3',
    planId: moved.planId,
    commit: noOptions.commit,
    dirty: false,
    stateHash: moved.stateHash,
    desiredHash: moved.desiredHash,
    changes: [
      {
        address: 'user/bob@a.org',
        action: 'update',
        reason: 'moved-in-source',
        hazards: [],
        before: {
          address: 'robert@a.org',
          enabled: true,
          password: { redacted: true, changed: false },
          quota: null,
          send_as: [],
        },
        after: {
          address: 'bob@a.org',
          enabled: true,
          password: { redacted: true, changed: false },
          quota: 1024,
          send_as: [],
        },
        source: { file: 'mail.yaml', line: 7, column: 3 },
        effect: null,
        drift: null,
      },
    ],
    hazards: [],
    consequences: [],
    summary: { create: 0, update: 1, delete: 0 },
    elsewhere: null,
    checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

// Size

const many = (count: number, name = 'user') =>
  Array.from({ length: count }, (_, index) => aUser(`${name}${index}@a.org`));

test('twenty thousand changes are shown as far as one reads, the rest counted, the dangerous first', () => {
  const domain = aDomain('a.org');
  const large = plan(
    [domain, aUser('z@a.org')],
    [domain, ...many(20_000), aUser('z@a.org', { password: '{X}' })],
  );
  const shown = text(large).split('\n');
  expect(shown.length).toBeLessThan(120);
  expect(shown[2]).toBe('    ~ update user z@a.org          password changed  ! changes-password');
  expect(shown).toContain('    … and 19,941 more: create 19,941 users (--full shows all)');
  expect(text(large, { full: true }).split('\n').length).toBeGreaterThan(20_000);
});

test('long differences of a file are cut and counted', () => {
  const lines = (mark: string) => Array.from({ length: 100 }, (_, index) => `${mark}${index}\n`).join('');
  const rewritten = plan([aFile('postfix/main.cf', lines('a'))], [aFile('postfix/main.cf', lines('b'))]);
  expect(text(rewritten)).toContain('+100 -100, then reload postfix');
  expect(text(rewritten)).toContain('        … and 177 more lines\n');
  expect(text(rewritten, { full: true })).toContain('+b99');
});

test('a comment fits a pull request whatever the size of the change', () => {
  const big = plan(
    [aDomain('a.org'), ...many(20_000)],
    [
      aDomain('a.org'),
      ...many(20_000, 'other'),
      ...Array.from({ length: 300 }, (_, index) => aFile(`f/${index}`, 'é')),
    ],
  );
  const comment = markdown(big);
  expect(comment.startsWith(commentMarker)).toBe(true);
  expect(comment).toContain('20,300 to create, 0 to update, 20,000 to delete');
  expect(comment).toContain(
    '- `deletes-many`: `20000 of 20000 users would be deleted (100 %, guarded from 10 %)`',
  );
  expect(comment).toContain('40,000 changes</summary>');
  expect(new TextEncoder().encode(comment).length).toBeLessThanOrEqual(65_536);
});

// Hostile values: a live database may hold anything.

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '\u001b[2J\u001b]0;x\u0007',
    '\u202egnp.exe',
    '@everyone',
    '<img src=x onerror=alert(1)>',
    '</details>',
    '[click](https://evil.example)',
    '```\n# heading\n',
    '`````````````````````````````````````````````````',
    'a|b|c',
    '\u0000\u009b31m',
    '&lt;b&gt;',
    'x'.repeat(10_000),
    '\u{10ffff}'.repeat(3_000),
    '`'.repeat(5_000),
  ),
);
const hostilePlan = fc
  .record({ names: fc.array(hostile, { minLength: 1, maxLength: 8 }), value: hostile, content: hostile })
  .map(({ names, value, content }) =>
    plan(
      [
        aDomain('a.org'),
        aFile('postfix/main.cf', content),
        ...names.map((name) => anAlias(`${name}@a.org`, [value])),
      ],
      [aDomain('a.org'), aFile('postfix/main.cf', value), ...names.map((name) => aUser(`${name}@a.org`))],
    ),
  );

test('no value can drive the terminal or add a line', () => {
  fc.assert(
    fc.property(hostilePlan, (one) => {
      for (const output of [text(one), text(one, { full: true }), planJson(one, '1')]) {
        expect(output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/u);
      }
    }),
  );
});

test('in a comment no value stands outside of code', () => {
  fc.assert(
    fc.property(hostilePlan, (one) => {
      const comment = markdown(one);
      expect(new TextEncoder().encode(comment).length).toBeLessThanOrEqual(65_536);
      expect(outsideOfCode(comment)).toMatch(/^[a-zA-Z0-9 \n.,:;#*!<>/=\-()…[\]]*$/);
      expect(outsideOfCode(comment)).not.toMatch(/evil|everyone|onerror/);
      const groups = one.changes.some((change) => change.kind === 'file') ? 2 : 1;
      expect(outsideOfCode(comment).split('<details>')).toHaveLength(groups + 1);
    }),
  );
});

/** As CommonMark reads it: blocks fenced by backticks and spans of them are gone. */
function outsideOfCode(comment: string): string {
  const blocks = comment.replace(/^(`{3,})[a-z]*\n[\s\S]*?\n\1$/gm, '');
  return blocks.replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
}

test('a plan with hostile values reads back as itself', () => {
  fc.assert(
    fc.property(hostilePlan, (one) => {
      expect(readPlan(planJson(one, '1'), '1').value?.planId).toBe(one.planId);
    }),
  );
});
