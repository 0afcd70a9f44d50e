import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sha512Crypt } from '../src/password/sha512-crypt.ts';
import { aHash } from './support/a-mail-system.ts';
import { analyseText, compileText, systemOf } from './support/compile-text.ts';

const example = readFileSync('mail.yaml.example', 'utf8');

test('mail.yaml.example compiles without an error or a warning', async () => {
  const { value, diagnostics } = await compileText(example);

  expect(diagnostics).toEqual([]);
  expect(value?.artifacts.length).toBeGreaterThan(20);
});

test('it has the first line by which editors complete and explain', () => {
  expect(example.split('\n')[0]).toBe('# yaml-language-server: $schema=./schema/mail.schema.json');
});

test('it shows every property of the schema', () => {
  const schema = JSON.parse(readFileSync('schema/mail.schema.json', 'utf8'));
  const missing = propertyNames(schema).filter((name) => !new RegExp(`\\b${name}:`).test(example));

  // The images are all alike; one stands for the others.
  expect(missing).toEqual(['amavis', 'clamav', 'dovecot', 'opendkim', 'postfix']);
});

test('its hashes are those of the passwords that it names', () => {
  const named = /Behind those of this example[\s\S]*?\nusers:/.exec(example)?.[0] ?? '';
  const passwords = [...named.matchAll(/"([^"]+)"/g)].map(([, password]) => Buffer.from(password ?? ''));
  const hashes = systemOf(example).users.map(({ passwordHash }) => passwordHash.split('$'));

  expect(hashes.map(([, , , , digest]) => digest)).toEqual(
    hashes.map(([, , rounds, salt], index) =>
      sha512Crypt(
        passwords[index] ?? Buffer.of(),
        Buffer.from(salt ?? ''),
        Number(rounds?.slice('rounds='.length)),
      ),
    ),
  );
});

test('what it shows in comments is right as well', () => {
  const uncommented = example
    .replace('[203.0.113.10, "2001:db8::10"]', '$&\n    services: [postgres, dovecot, opendkim, postfix]')
    .replace('# include: ', 'include: ')
    .replace(/^( *)# ( *(filter\.example\.com:|addresses: \[203|services: \[clamav).*)$/gm, '$1$2')
    .replace('catch_all: alice', 'catch_all: dave');
  const include = `users:\n  dave@example.com: { password: "${aHash}" }\n`;
  const { value, diagnostics } = analyseText(uncommented, { 'users/dave.yaml': include });

  expect(diagnostics).toEqual([]);
  expect(value?.hosts.map(({ name }) => name)).toEqual(['filter.example.com', 'mail.example.com']);
});

function propertyNames(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, examples: _, ...rest } = schema as Readonly<Record<string, object>>;
  const below = [...Object.values(properties), ...Object.values(rest)].flatMap(propertyNames);
  return [...new Set([...Object.keys(properties), ...below])].sort();
}
