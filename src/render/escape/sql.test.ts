// What PostgreSQL reads back is what was written.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import pg from 'pg';
import { from } from 'pg-copy-streams';
import { describe, expect, it } from 'vitest';
import { describePostgres } from '../../../test/database/servers.ts';
import { UnescapableError } from '../escaped.ts';
import { copyArray, copyField, sqlIdentifier, sqlLiteral } from './sql.ts';

/** Anything that a value may hold, and often what a reader of SQL or COPY acts on. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.constantFrom(
        "'",
        '"',
        '\\',
        '\\.',
        '\\N',
        '$1',
        '$$',
        ':x',
        '{',
        '}',
        ',',
        'NULL',
        '--',
        '/*',
        ';',
        '🙂',
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join('').replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Cs}/gu, ''));
const texts = [...fc.sample(anyText, 300), '', "x'\\".repeat(3333)];

describe('a string constant', () => {
  const good = (value: string, expected: string) => expect(sqlLiteral(value)).toBe(expected);
  const bad = (value: string) => expect(() => sqlLiteral(value)).toThrow(UnescapableError);

  it('doubles quotes', () => good("it's", "'it''s'"));
  it('says when it has backslashes', () => good("\\'", "E'\\\\'''"));
  it('refuses what no statement should hold', () => {
    bad('a\u0000b');
    bad('a\nb');
    bad('\ud800');
  });
});

describe('an identifier', () => {
  const good = (name: string, expected: string) => expect(sqlIdentifier(name)).toBe(expected);
  const bad = (name: string) => expect(() => sqlIdentifier(name)).toThrow(UnescapableError);

  it('is always quoted', () => good('mail', '"mail"'));
  it('doubles quotes', () => good('a"; DROP TABLE users; --', '"a""; DROP TABLE users; --"'));
  it('refuses what would become another name', () => {
    bad('');
    bad('x'.repeat(64));
    bad('ü'.repeat(32));
    bad('a\u0000b');
  });
});

describe('a column of COPY', () => {
  it('has its own ways to write what is no text', () => {
    expect([null, true, false, 12].map(copyField)).toEqual(['\\N', 't', 'f', '12']);
    expect(() => copyField(1.5)).toThrow(UnescapableError);
    expect(() => copyField(2 ** 53)).toThrow(UnescapableError);
  });
  it('is never the null, the end or a new column or line', () => {
    expect(copyField('\\N')).toBe('\\\\N');
    expect(copyField('\\.')).toBe('\\\\.');
    for (const value of ['a\tb', 'a\nb', 'a\rb']) expect(() => copyField(value)).toThrow(UnescapableError);
  });
  it('can be an array, which has a quoting of its own inside', () => {
    expect(copyArray([])).toBe('{}');
    expect(copyArray(['a', 'NULL', 'x,"y"', '\\'])).toBe('{"a","NULL","x,\\\\"y\\\\"","\\\\\\\\"}');
  });
});

describePostgres('a server', (server) => {
  async function withClient<T>(action: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client(await server.url());
    await client.connect();
    try {
      return await action(client);
    } finally {
      await client.end();
    }
  }

  it.each(['on', 'off'])(
    'reads constants and names, with standard_conforming_strings %s',
    async (setting) => {
      const names = texts.filter((text) => text !== '' && Buffer.byteLength(text) <= 63);
      await withClient(async (client) => {
        await client.query(`SET standard_conforming_strings = ${setting}`);
        const constants = await client.query({
          text: `SELECT ARRAY[${texts.map(sqlLiteral).join(',')}]`,
          rowMode: 'array',
        });
        expect(constants.rows[0]?.[0]).toEqual(texts);
        const columns = await client.query(
          `SELECT ${names.map((name) => `1 AS ${sqlIdentifier(name)}`).join(',')}`,
        );
        expect(columns.fields.map(({ name }) => name)).toEqual(names);
      });
    },
  );

  it('reads columns of COPY', async () => {
    await withClient(async (client) => {
      await client.query('CREATE TEMPORARY TABLE t (number int, value text, list text[])');
      const lines = texts.map(
        (text, index) => `${[copyField(index), copyField(text), copyArray([text, 'x', text])].join('\t')}\n`,
      );
      await pipeline(Readable.from(lines), client.query(from('COPY t FROM STDIN')));
      const { rows } = await client.query({
        text: 'SELECT value, list FROM t ORDER BY number',
        rowMode: 'array',
      });
      expect(rows).toEqual(texts.map((text) => [text, [text, 'x', text]]));
    });
  });
});
