import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Drift, type Plan, type Resource, resourceKinds } from '../../model/plan.ts';
import { diff } from '../diff.ts';
import { aDomain, aDrift, aFile, anAlias, aState, aUser, mailYaml, noOptions } from '../example-state.ts';
import { readPlan } from '../read-plan.ts';
import { planJson } from './json.ts';
import { planMarkdown } from './markdown.ts';
import { planText } from './text.ts';

const plan = (
  live: readonly Resource[],
  desired: readonly Resource[],
  drift: Readonly<Record<string, Drift>>,
): Plan => diff(aState(desired), aState(live, resourceKinds, drift), noOptions);
const text = (one: Plan): string =>
  planText(one, { full: false, allowed: new Set(), paint: (_style, inner) => inner });
const markdown = (one: Plan): string => planMarkdown(one, { allowed: new Set() });

const a = aDomain('a.org');
const mainCf = (content: string) => aFile('postfix/main.cf', content);
const root = { by: 'owner root', at: '2026-03-04T05:06:08.123Z' };

test('what mail.yaml changes, what was changed outside and what follows stand apart', () => {
  const one = plan(
    [
      a,
      aUser('amy@a.org', { password: '{X}hand' }),
      aUser('bob@a.org', { quota: 1024 ** 3 }),
      aUser('eve@a.org'),
      aFile('dovecot/dovecot.conf', 'one\nTWO\n', 'restart'),
    ],
    [
      a,
      aUser('amy@a.org', { source: mailYaml(4) }),
      aUser('bob@a.org', { quota: 2 * 1024 ** 3, source: mailYaml(5) }),
      anAlias('info@a.org', ['amy@a.org'], { source: mailYaml(9) }),
      aFile('dovecot/dovecot.conf', 'one\ntwo\n', 'restart'),
    ],
    {
      'user/amy@a.org': aDrift(aUser('amy@a.org')),
      'user/eve@a.org': aDrift(null),
      'alias/info@a.org': aDrift(anAlias('info@a.org', ['amy@a.org'])),
      'file/mail.example.com/dovecot/dovecot.conf': aDrift(
        aFile('dovecot/dovecot.conf', 'one\ntwo\n', 'restart'),
        root,
      ),
    },
  );
  expect(text(one)).toBe(`mail.yaml changes
  database
    ~ update user bob@a.org  quota 1GB -> 2GB  mail.yaml:5:3

Changed outside mailc since the last apply
  database
    - delete user  eve@a.org   added by role eve, 2026-03-04 05:06:07 UTC  ! deletes-user
    + create alias info@a.org  -> amy@a.org, removed by role eve, 2026-03-04 05:06:07 UTC  mail.yaml:9:3
    ~ update user  amy@a.org   password changed, by role eve, 2026-03-04 05:06:07 UTC  ! changes-password  mail.yaml:4:3
  mail.example.com
    ~ update file dovecot/dovecot.conf  +1 -1, then restart dovecot, by owner root, 2026-03-04 05:06:08 UTC
        @@ -1,2 +1,2 @@
         one
        -TWO
        +two

What follows
  For mail
    eve@a.org will bounce (was a user)
    amy@a.org may now send as info@a.org  mail.yaml:4:3
  For services
    restart dovecot on mail.example.com (dovecot/dovecot.conf changed outside mailc)
    nothing for 4 rows: the services read the database as it is

Hazards
  ! changes-password: user/amy@a.org
  ! deletes-user: user/eve@a.org

1 to create, 3 to update, 1 to delete. Plan ${one.planId.slice(0, 12)}, commit 3f2c1ab00000.
Refused: changes-password, deletes-user (allow with: mailc apply --allow changes-password --allow deletes-user)
`);
});

test('what both changed is shown three ways: as applied, as it is, as it will be', () => {
  const one = plan(
    [a, aUser('bob@a.org', { quota: 2048, enabled: false }), mainCf('a\nhand\nc\n')],
    [a, aUser('bob@a.org', { quota: 4096 }), mainCf('a\nb\nfile\n')],
    {
      'user/bob@a.org': aDrift(aUser('bob@a.org', { quota: 1024 }), { by: null }),
      'file/mail.example.com/postfix/main.cf': aDrift(mainCf('a\nb\nc\n'), root),
    },
  );
  expect(text(one)).toContain(`mail.yaml changes
  database
    ~ update user bob@a.org  quota 2KB -> 4KB, enabled, changed outside mailc too
  mail.example.com
    ~ update file postfix/main.cf  +2 -2, then reload postfix, changed outside mailc too

Changed outside mailc since the last apply
  database
    ~ update user bob@a.org  quota was 1KB, is 2KB, will be 4KB, enabled was true, is false, will be true, changed, 2026-03-04 05:06:07 UTC
  mail.example.com
    ~ update file postfix/main.cf  by owner root, 2026-03-04 05:06:08 UTC
        --- as applied
        +++ as it is
        @@ -1,3 +1,3 @@
         a
        -b
        +hand
         c
        --- as it is
        +++ as it will be
        @@ -1,3 +1,3 @@
         a
        -hand
        -c
        +b
        +file

What follows
`);
});

test('a hazard of what both changed is named once', () => {
  const one = plan([a, aUser('bob@a.org', { quota: 1 })], [a], {
    'user/bob@a.org': aDrift(aUser('bob@a.org')),
  });
  expect(text(one)).toContain(
    '- delete user bob@a.org  quota 1B, changed outside mailc too  ! deletes-user\n',
  );
  expect(text(one)).toContain(
    '- delete user bob@a.org  quota was no limit, is 1B, by role eve, 2026-03-04 05:06:07 UTC\n',
  );
});

test('a plan of drift alone has nothing under the heading of mail.yaml', () => {
  const one = plan([a, aUser('eve@a.org')], [a], { 'user/eve@a.org': aDrift(null) });
  expect(text(one)).toMatch(/^Changed outside mailc since the last apply\n/);
  expect(markdown(one)).not.toContain('mail.yaml changes');
});

test('a comment has the three parts as headings', () => {
  const one = plan([a, aUser('eve@a.org')], [a, aUser('bob@a.org')], { 'user/eve@a.org': aDrift(null) });
  const headings = markdown(one).match(/^\*\*.*\*\*$/gm);
  expect(headings).toEqual([
    '**1 hazard**',
    '**What follows for mail**',
    '**What follows for services**',
    '**mail.yaml changes**',
    '**Changed outside mailc since the last apply**',
  ]);
});

test('a file that nobody reads while it runs needs nothing', () => {
  const readme = (content: string) => aFile('postfix/README', content, 'nothing');
  expect(text(plan([readme('1\n')], [readme('2\n')], {}))).toContain(
    '  For services\n    nothing for postfix on mail.example.com (postfix/README)\n',
  );
});

test('whoever changed something can neither drive the terminal nor leave a code block', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('\u001b[2J\u001b]0;x\u0007', '</details>@everyone', '```\n# heading', '\u202egnp.exe'),
  );
  fc.assert(
    fc.property(hostile, hostile, hostile, (by, at, content) => {
      const one = plan([a, aUser('eve@a.org'), mainCf('b')], [a, mainCf('c')], {
        'user/eve@a.org': aDrift(null, { by, at }),
        'file/mail.example.com/postfix/main.cf': aDrift(mainCf(content), { by, at }),
      });
      for (const output of [text(one), planJson(one, '1')]) {
        expect(output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/u);
      }
      expect(markdown(one).replace(/^(`{3,})[a-z]*\n[\s\S]*?\n\1$/gm, '')).not.toMatch(/everyone|heading/);
      expect(readPlan(planJson(one, '1'), '1').value?.planId).toBe(one.planId);
    }),
  );
});
