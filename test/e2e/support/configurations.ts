// Mail systems that differ in addresses: of the mail.yaml files in test/cases, each that has others than those before
// it, and one with every kind of address that mail may be refused for.

import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { compile } from '../../../src/compile.ts';
import type { MailSystem } from '../../../src/model/mail-system.ts';
import { readSources } from '../../../src/targets/source-tree.ts';
import { workingFolder } from '../../../src/targets/working-folder.ts';
import { caseNames } from '../../cases/case.ts';
import { hashOf } from './hash-of.ts';

export interface Configuration {
  readonly name: string;
  /** What stands in the place of the organisation's own keys. */
  readonly source: Readonly<Record<string, unknown>>;
  /** How many addresses to make up for it. */
  readonly generated: number;
}

export async function configurations(): Promise<readonly Configuration[]> {
  const different = new Map<string, Configuration>();
  for (const name of caseNames()) {
    const folder = fileURLToPath(new URL(`../../cases/${name}`, import.meta.url));
    const { value: files } = await readSources(workingFolder(folder), 'mail.yaml');
    const compiled = files && (await compile(files)).value;
    if (!compiled) throw new Error(`${name} does not compile`);
    const text = addressesOf(compiled.system);
    if (different.has(text)) continue;
    different.set(text, { name, source: sourceOf(files.map((file) => file.text)), generated: 100 });
  }
  return [...different.values(), refusals];
}

/** All that the answers depend on. */
function addressesOf({ domains, users, aliases, mail }: MailSystem): string {
  return JSON.stringify([
    domains.map(({ name, aliasOf, catchAll }) => [name, aliasOf, catchAll]),
    users.map(({ address, enabled, sendAs }) => [address, enabled, sendAs]),
    aliases.map(({ address, destinations }) => [address, destinations.map((one) => one.address)]),
    [mail.recipientDelimiter, mail.disabledUsers],
  ]);
}

function sourceOf(texts: readonly string[]): Configuration['source'] {
  const files = texts.map((text) => parse(text));
  const merged = (key: string) => Object.assign({}, ...files.map((file) => file[key]));
  return {
    domains: merged('domains'),
    users: merged('users'),
    aliases: merged('aliases'),
    mail: merged('mail'),
    postmaster: files.find((file) => file.postmaster).postmaster,
  };
}

const password = hashOf('the oracle knows');
const closed = { password, enabled: false };

const refusals: Configuration = {
  name: 'many disabled users',
  generated: 1000,
  source: {
    mail: { disabled_users: 'refuse', recipient_delimiter: '-' },
    domains: {
      'example.com': { catch_all: 'closed@example.com' },
      'example.net': { alias_of: 'example.com' },
      'example.org': { catch_all: ['shut@example.com', 'far@elsewhere.example'] },
      'bücher.example': { alias_of: 'example.org' },
      'example.info': {},
    },
    users: {
      'closed@example.com': closed,
      'shut@example.com': closed,
      'open@example.com': { password, send_as: ['desk@example.org', 'shut@example.com'] },
      'open@example.org': { password },
      'plain@example.info': { password },
    },
    aliases: {
      'one@example.com': 'closed@example.com',
      'two@example.com': 'one@example.net',
      'three@example.org': 'two@example.com',
      'both@example.com': ['closed@example.com', 'shut@example.com'],
      'behind@example.org': ['both@example.com', 'one@example.com'],
      'half@example.com': ['closed@example.com', 'open@example.com'],
      'behindhalf@example.com': 'half@example.com',
      'away@example.com': ['closed@example.com', 'someone@elsewhere.example'],
      'behindaway@example.com': 'away@example.com',
      'detail@example.com': 'closed-lists@example.com',
      'caught@example.org': 'anybody@example.com',
    },
    postmaster: 'open@example.com',
  },
};
