import { expect, test } from 'vitest';
import { compileText } from '../../test/support/compile-text.ts';
import { bobsHash, twoHostsMailYaml } from '../../test/support/small-mail-yaml.ts';
import type { Compiled } from '../compile.ts';
import { type Elsewhere, partsElsewhere } from './elsewhere.ts';
import { elsewhereLines, elsewhereNotes, elsewhereTitle } from './format/elsewhere-lines.ts';

const withCarol = twoHostsMailYaml.replace(
  'aliases:',
  `  carol@example.com: { password: "${bobsHash}" }\naliases:`,
);

async function compiled(text: string): Promise<Compiled> {
  const { value, diagnostics } = await compileText(text);
  if (value === null) throw new Error(JSON.stringify(diagnostics));
  return value;
}

/** As the host `own` would say it. */
async function from(own: string, before: string | null, now: string): Promise<Elsewhere> {
  const parts = partsElsewhere(before === null ? null : await compiled(before), await compiled(now), {
    own: new Set([own]),
    rowsAreElsewhere: own !== 'store.example.com',
  });
  const since = before === null ? null : { generation: 3, commit: null, at: '2026-03-04T05:06:07.000Z' };
  return { since, parts };
}

test('rows and files are for the hosts that have them', async () => {
  const now = `${twoHostsMailYaml.replace('quota: 1GB', 'quota: 2GB')}mail: { message_size: 7MB }\n`;
  const lines = elsewhereLines(await from('mx.example.com', twoHostsMailYaml, now));
  expect(lines).toEqual(['store.example.com: 1 user, 1 file, reload dovecot']);
});

test('the own rows are nobody else’s', async () => {
  const now = twoHostsMailYaml.replace('quota: 1GB', 'quota: 2GB');
  expect((await from('store.example.com', twoHostsMailYaml, now)).parts).toEqual([]);
});

test('nothing is said of a host that nothing changed for', async () => {
  const now = `${twoHostsMailYaml}spam: { tag_level: 3 }\n`;
  expect((await from('mx.example.com', twoHostsMailYaml, now)).parts).toEqual([]);
  expect((await from('store.example.com', twoHostsMailYaml, now)).parts).toEqual([
    {
      host: 'mx.example.com',
      services: ['amavis', 'clamav', 'opendkim', 'postfix'],
      changes: { file: 1 },
      effects: [{ service: 'amavis', action: 'reload' }],
    },
  ]);
});

test('before the first apply it is which services are for which host', async () => {
  const said = await from('mx.example.com', null, twoHostsMailYaml);
  expect(elsewhereTitle(said)).toBe('For other hosts to apply');
  expect(elsewhereLines(said)).toEqual(['store.example.com: dovecot, postgres']);
  expect(elsewhereNotes(said)).toEqual(['store.example.com has its own part to apply: dovecot, postgres.']);
});

test('a sentence says since when', async () => {
  const said = await from('mx.example.com', twoHostsMailYaml, withCarol);
  expect(elsewhereNotes(said)).toEqual([
    'store.example.com has its own part to apply: 1 user (since the last apply on this host, generation 3).',
  ]);
  expect(elsewhereTitle(said)).toBe(
    'For other hosts to apply, by what mail.yaml changed since the last apply on this host, generation 3',
  );
});

test('a host that mail.yaml does not have any more is named, as no apply is for it', async () => {
  const former = twoHostsMailYaml
    .replace(
      '  store.example.com:',
      `  old.example.com:
    addresses: [203.0.113.12]
    services: [clamav]
  store.example.com:`,
    )
    .replace('[amavis, clamav, opendkim', '[amavis, opendkim');
  const [line] = elsewhereLines(await from('mx.example.com', former, twoHostsMailYaml));
  expect(line).toMatch(/^old\.example\.com: not in mail\.yaml any more, and left as it is: .*stop clamav/);
});
