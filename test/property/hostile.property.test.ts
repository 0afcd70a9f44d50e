/**
 * Text that means something to a shell, a unit file, SQL, a zone or a terminal, in every field that takes
 * text: it is refused where it stands, or comes out as itself and as nothing more.
 */
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Compiled } from '../../src/compile.ts';
import type { Staged } from '../../src/diagnostics/diagnostic.ts';
import { formatText } from '../../src/diagnostics/format/text.ts';
import type { MailYaml } from '../../src/model/mail-yaml.generated.ts';
import { printContent } from '../../src/render/secret-marker.ts';
import { compileText } from '../support/compile-text.ts';
import { alicesHash, bobsHash } from '../support/small-mail-yaml.ts';
import { type StringField, stringFields } from './string-fields.ts';

/** Of a DKIM key. */
const publicKey =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAxaSPvrpyWYqvc1Dn4ZySgAAP4eAYHcBfSGcGPHLWmy3SmEMNO0Nt' +
  '+XcL6RWSJZGwaijrkmfZrVL+eOxmd3quoz2umKabzS6lElhuk7fmYIY68mnAxk74dn2+ZrHS4Wvrgp3lEfmCkukdCr5B2WG+' +
  '7uqyXIZdlrouqCDNGeOAAvbzSZMyR3WjbqxJaNuPKR+nGBlGsCwJlxuVRrl5KiAo0H7FEkrQMOPtMPyFMbGFhxXL/lvGd19c' +
  'vlIeRaEEqxtGX2CywHKyBMhNoVx4eKlDK1zAqVK9tGyLkyYl+DvWX8LPUjR8aTn2557lmxlYwO8TpWK1IVSwI7NILV+wWheQ' +
  'YQIDAQAB';

/** Every setting that takes text, used. */
const base: MailYaml = {
  version: 1,
  hosts: {
    'mail.example.com': {
      addresses: ['203.0.113.10'],
      tls: { letsencrypt: 'example.com' },
      services: ['postfix', 'dovecot', 'amavis', 'clamav', 'opendkim', 'postgres'],
    },
  },
  domains: {
    'example.com': {
      dkim: { selector: 'mail', public_keys: { mail: publicKey } },
      dmarc: { policy: 'reject' },
    },
    'example.net': { alias_of: 'example.com' },
    'example.org': { catch_all: ['bob@example.com'], quota: '5GB' },
  },
  users: {
    'alice@example.com': { password: alicesHash, send_as: ['sales@example.com'] },
    'bob@example.com': { password: bobsHash, quota: '10GB' },
  },
  aliases: {
    'sales@example.com': ['bob@example.com', 'alice@example.com'],
    'dmarc@example.com': 'alice@example.com',
    'team@example.com': ['bob@example.com', 'partner@elsewhere.org'],
  },
  postmaster: 'bob@example.com',
  relay: { host: 'smtp.provider.example', username: 'bob', password: { env: 'RELAY_PASSWORD' } },
  postscreen: { dnsbl: [{ domain: 'zen.spamhaus.org', reply: '127.0.0.2' }] },
  dns: { caa: ['letsencrypt.org'] },
};

const codes = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCharCode(from + index));

const controls = [...codes(0x00, 0x1f), ...codes(0x7f, 0x9f)];
const unseen = ['\u202e', '\u2066', '\u200f', '\u200b', '\u2028', '\u2029', '\ufeff', '\ud800', '\uffff'];
const punctuation = Array.from(' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: that is what may be taken for something else.
const phrases = ['${x}', '$(id)', '`id`', '%i', '%%', '{{x}}', '\\N', '\\.', "''", '/../..', ';--', '*/'];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
const long = 'x'.repeat(10_000);

const fields = stringFields();

test('the schema has fields of all kinds', () => {
  const names = fields.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(['users.* (key)', 'users.*.send_as.*', 'relay.password.file', 'hosts.*.data']),
  );
});

describe.each(fields)('$name', (field) => {
  test('takes hostile text as itself or not at all', async () => {
    const places = await rightPlaces(field);
    expect(places.length, `${field.name} must be right somewhere in the configuration above`).toBeGreaterThan(
      0,
    );
    for (const { example, mailYaml, harmless } of places) {
      for (const value of hostileValues(example)) {
        const outcome = await compileText(mailYaml(value));
        if (outcome.value === null) expectDiagnostics(outcome, value);
        else expect(structure(outcome.value), JSON.stringify(value)).toEqual(structure(harmless));
      }
    }
  });
});

function* hostileValues(example: string): Generator<string> {
  const inside = (text: string) => `${example.slice(0, 1)}${text}${example.slice(1)}`;
  // Letters beyond ASCII are nothing but letters, and would make another domain of a domain.
  for (const text of [...controls, ...unseen, 'é', 'ß']) yield inside(text);
  for (const text of [...punctuation, ...phrases, long]) {
    yield text;
    yield `${text}${example}`;
    yield `${example}${text}`;
  }
}

interface Place {
  readonly example: string;
  /** The text of mail.yaml with another value there. */
  readonly mailYaml: (value: string) => string;
  readonly harmless: Compiled;
}

/** One for an example that is of this system, and for addresses one that is elsewhere. */
async function rightPlaces(field: StringField): Promise<readonly Place[]> {
  const places: Place[] = [];
  for (const example of field.examples) {
    if (places.some((place) => example.includes('elsewhere') === place.example.includes('elsewhere')))
      continue;
    for (const configuration of field.configurations(base, placeholder)) {
      const text = stringify(configuration, quoted);
      const mailYaml = (value: string) => text.replace(`"${placeholder}"`, () => JSON.stringify(value));
      const { value: harmless } = await compileText(mailYaml(example));
      if (harmless === null) continue;
      places.push({ example, mailYaml, harmless });
      break;
    }
  }
  return places;
}

const placeholder = 'PLACEHOLDER';
const quoted = { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE', lineWidth: 0 } as const;

/** They point into the file, and print nothing that a terminal obeys. */
function expectDiagnostics({ diagnostics }: Staged<Compiled>, value: string): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  expect(errors.length, JSON.stringify(value)).toBeGreaterThan(0);
  for (const { position } of errors) expect(position?.file, JSON.stringify(value)).toBe('mail.yaml');
  const printed = formatText(errors, []);
  expect(printed.length).toBeLessThan(20_000);
  expect(printed, JSON.stringify(value)).not.toMatch(/[^\P{C}\n]/u);
}

/** What a value must not change: how many files there are, with how many lines each, and who may read them. */
function structure({ artifacts, containers }: Compiled): unknown {
  const files = artifacts.map(({ host, unit, mode, effect, content }) =>
    [host === null, unit, mode, effect, printContent(content).split('\n').length].join(' '),
  );
  return { files: files.sort(), containers: containers.length };
}
