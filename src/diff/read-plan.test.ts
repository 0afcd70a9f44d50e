import { expect, test } from 'vitest';
import { resourceKinds } from '../model/plan.ts';
import { diff } from './diff.ts';
import { aDomain, aDrift, aFile, aState, aUser, mailYaml, noOptions } from './example-state.ts';
import { planJson } from './format/json.ts';
import { planText } from './format/text.ts';
import { readPlan } from './read-plan.ts';

const live = [aDomain('a.org'), aUser('robert@a.org'), aUser('gone@a.org'), aFile('postfix/main.cf', 'a\n')];
const desired = [
  aDomain('a.org', { source: mailYaml(3) }),
  aUser('bob@a.org', { movedFrom: 'robert@a.org', password: '{X}y', source: mailYaml(5) }),
  aFile('postfix/main.cf', 'b\n'),
];
const drift = {
  'file/mail.example.com/postfix/main.cf': aDrift(aFile('postfix/main.cf', 'c\n')),
  'user/gone@a.org': aDrift(null),
};
const plan = diff(aState(desired), aState(live, resourceKinds, drift), { ...noOptions, dirty: true });
const saved = planJson(plan, '1.2.3');
const codes = (json: string) => readPlan(json, '1.2.3').diagnostics.map((diagnostic) => diagnostic.code);
const edited = (edit: (document: ReturnType<typeof JSON.parse>) => void): string => {
  const document = JSON.parse(saved);
  edit(document);
  return JSON.stringify(document);
};

test('a plan that was read back prints what was reviewed', () => {
  const options = { full: true, allowed: new Set<never>(), paint: (_style: string, text: string) => text };
  const { value } = readPlan(saved, '1.2.3');
  expect(value && planText(value, options)).toBe(planText(plan, options));
});

test('layout and the order of names do not matter', () => {
  const sorted = (value: unknown): unknown =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .sort()
            .reverse()
            .map(([name, inner]) => [name, sorted(inner)]),
        )
      : Array.isArray(value)
        ? value.map(sorted)
        : value;
  expect(codes(JSON.stringify(sorted(JSON.parse(saved))))).toEqual([]);
});

test('a plan that another version of mailc made is refused, also when it is the same plan', () => {
  expect(readPlan(planJson(plan, '9.9.9'), '1.2.3').diagnostics).toMatchObject([
    { code: 'plan-version', message: 'mailc "9.9.9" made the plan, and this is mailc "1.2.3"' },
  ]);
});

test('nor does it help to write another version into it', () => {
  const other = planJson(plan, '9.9.9').replace('"mailc": "9.9.9"', '"mailc": "1.2.3"');
  expect(readPlan(other, '1.2.3').diagnostics).toMatchObject([
    {
      code: 'plan-edited',
      message: 'the saved plan is not what mailc wrote: its checksum does not fit its content',
    },
  ]);
});

test.each([
  [
    'a change taken out',
    edited((document) => {
      document.changes.pop();
    }),
  ],
  [
    'a hazard taken off',
    edited((document) => {
      document.changes[0].hazards = [];
    }),
  ],
  [
    'a hazard of the plan taken off',
    edited((document) => {
      document.hazards = [];
    }),
  ],
  [
    'another commit',
    edited((document) => {
      document.commit = 'f'.repeat(40);
    }),
  ],
  [
    'a clean source',
    edited((document) => {
      document.dirty = false;
    }),
  ],
  [
    'another live state',
    edited((document) => {
      document.stateHash = 'f'.repeat(64);
    }),
  ],
  [
    'another file',
    edited((document) => {
      document.changes[1].after.address = 'eve@a.org';
    }),
  ],
  [
    'a drift taken off',
    edited((document) => {
      document.changes[0].drift = null;
    }),
  ],
  [
    'somebody else to blame',
    edited((document) => {
      document.changes[0].drift.by = 'role bob';
    }),
  ],
  [
    'another sentence',
    edited((document) => {
      document.consequences[0].message = 'nothing happens';
    }),
  ],
  [
    'another summary',
    edited((document) => {
      document.summary.delete = 0;
    }),
  ],
  [
    'a name that mailc does not know',
    edited((document) => {
      document.changes[0].note = 'approved';
    }),
  ],
  [
    'a space more in a value',
    edited((document) => {
      document.consequences[0].message += ' ';
    }),
  ],
  [
    'another checksum',
    edited((document) => {
      document.checksum = 'f'.repeat(64);
    }),
  ],
  [
    'no checksum',
    edited((document) => {
      delete document.checksum;
    }),
  ],
])('%s is an edited plan', (_what, json) => {
  expect(codes(json)).toEqual(['plan-edited']);
});

test('another format version is refused, whatever else is in the file', () => {
  expect(readPlan('{"formatVersion": 2, "steps": []}', '1.2.3').diagnostics).toMatchObject([
    { code: 'plan-version', message: 'this mailc reads plans of format version 1, not 2' },
  ]);
});

test.each([
  ['nothing', ''],
  ['text', 'apply it'],
  ['half a plan', saved.slice(0, 300)],
  ['a number', '5'],
  ['a list', '[]'],
  ['null', 'null'],
  ['no version', '{}'],
  ['an empty plan', '{"formatVersion": 1}'],
  [
    'a change of nothing',
    edited((document) => {
      document.changes[0] = null;
    }),
  ],
  [
    'an unknown hazard',
    edited((document) => {
      document.changes[0].hazards = ['burns-down'];
    }),
  ],
  [
    'an unknown kind',
    edited((document) => {
      document.changes[0].address = 'house/a';
    }),
  ],
  [
    'a create that has a before',
    edited((document) => {
      document.changes[0].action = 'create';
    }),
  ],
  [
    'a commit that is an option',
    edited((document) => {
      document.commit = '--output=x';
    }),
  ],
])('%s is not a plan', (_what, json) => {
  expect(codes(json)).toEqual(['plan-unreadable']);
});

test('what is missing is named', () => {
  expect(
    readPlan(
      edited((document) => {
        delete document.changes[1].reason;
      }),
      '1.2.3',
    ).diagnostics,
  ).toMatchObject([
    {
      message:
        'a saved plan needs one of added-in-source, changed-in-source, changed-outside, moved-in-source, not-in-source, rotates-secret at changes[1].reason',
      hint: 'make the plan again: mailc plan -o plan.json',
    },
  ]);
});
