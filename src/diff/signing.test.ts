// What a plan says of DKIM keys, from the tables that OpenDKIM reads.

import { describe, expect, it } from 'vitest';
import { opendkim } from '../../renderers/opendkim/index.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import type { Plan, Resource } from '../model/plan.ts';
import { printContent } from '../render/secret-marker.ts';
import { diff } from './diff.ts';
import { aState, noOptions } from './example-state.ts';
import type { KeyFacts, Publication } from './key-hazards.ts';
import { fileResource } from './resources.ts';

/** The table as the renderer writes it. */
function aKeyTable(selectors: Readonly<Record<string, string>>): Resource {
  const domains = Object.entries(selectors).map(([name, selector]) => ({
    name,
    dkim: { selector, publicKey: null, secret: `dkim.${name}.${selector}`, next: null, previous: null },
  }));
  const { artifacts } = opendkim.render(aMailSystem({ domains }));
  const table = artifacts.find(({ path }) => path.endsWith('/KeyTable'));
  if (table === undefined) throw new Error('there is a KeyTable');
  const text = printContent(table.content);
  return fileResource({
    host: 'mail.example.com',
    path: 'opendkim/KeyTable',
    mode: 0o644,
    text,
    effect: 'restart',
    source: null,
  });
}

function plan(
  before: Readonly<Record<string, string>> | null,
  after: Readonly<Record<string, string>>,
  keys: Partial<KeyFacts> = {},
): Plan {
  return diff(aState([aKeyTable(after)]), aState(before === null ? [] : [aKeyTable(before)]), {
    ...noOptions,
    keys: { published: new Map(), lost: [], rotated: new Set(), ...keys },
  });
}

const dnsHas = (status: Publication): Partial<KeyFacts> => ({
  published: new Map([['s2._domainkey.example.com', status]]),
});

describe('another selector', () => {
  it('is said', () => {
    const { consequences } = plan({ 'example.com': 's1' }, { 'example.com': 's2' });
    expect(consequences).toMatchObject([
      {
        kind: 'changes-dkim-key',
        address: '@example.com',
        message: 'mail from example.com will be signed with s2 instead of s1',
      },
    ]);
  });

  it.each<[string, Publication, readonly string[]]>([
    ['that DNS has is no hazard', { status: 'published' }, []],
    ['that DNS does not have is one', { status: 'absent' }, ['dkim-unpublished']],
    ['that DNS has otherwise is one', { status: 'different' }, ['dkim-unpublished']],
    ['that the host does not have yet is one', { status: 'unmade' }, ['dkim-unpublished']],
    ['is one where DNS does not answer', { status: 'unanswered', why: 'x' }, ['dkim-unpublished']],
  ])('%s', (_, publication, hazards) => {
    const { hazards: found } = plan({ 'example.com': 's1' }, { 'example.com': 's2' }, dnsHas(publication));
    expect(found.map(({ id }) => id)).toEqual(hazards);
  });

  it('is not judged where DNS was not asked, as between two commits', () => {
    expect(plan({ 'example.com': 's1' }, { 'example.com': 's2' }, { published: null }).hazards).toEqual([]);
  });
});

it('a domain that begins to be signed, or no longer is, has no key to replace', () => {
  const begins = plan({ 'a.org': 's1' }, { 'a.org': 's1', 'b.org': 's1' });
  expect([begins.hazards, begins.consequences]).toEqual([[], []]);
  expect(plan(null, { 'a.org': 's1' }).hazards).toEqual([]);
  expect(plan({ 'a.org': 's1', 'b.org': 's1' }, { 'a.org': 's1' }).consequences).toEqual([]);
});

it('a key that is lost is a hazard, of a plan that would make another', () => {
  const lost = [{ host: 'mail.example.com', secret: 'dkim.a.org.s1' }];
  const { hazards } = plan({ 'a.org': 's1' }, { 'a.org': 's1', 'b.org': 's1' }, { lost });
  expect(hazards).toEqual([
    {
      id: 'rotates-key',
      message:
        'dkim.a.org.s1 is gone from the secrets of mail.example.com, and another key would take its place',
    },
  ]);
});
