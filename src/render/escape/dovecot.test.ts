// What Dovecot 2.4 reads back is what was written.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Debian13, describeReal } from '../../../test/debian/debian13.ts';
import { hostileText } from '../../../test/support/hostile-text.ts';
import { UnescapableError } from '../escaped.ts';
import { dovecotString } from './dovecot.ts';

const good = (value: string, expected: string) => expect(dovecotString(value)).toBe(expected);
const bad = (value: string) => expect(() => dovecotString(value)).toThrow(UnescapableError);

describe('a Dovecot string', () => {
  it('stands in quotes, with backslashes before quotes and backslashes', () => {
    good('', '""');
    good('mail.example.com', '"mail.example.com"');
    good('# not a comment', '"# not a comment"');
    good('$ENV:PATH', '"$ENV:PATH"');
    good('</etc/passwd', '"</etc/passwd"');
    good('a "quoted" \\', '"a \\"quoted\\" \\\\"');
  });

  it('is a variable that stands for the very text when it could be one', () => {
    good('100 %', `"%{literal('100 %')}"`);
    good('%{user}', `"%{literal('%{user}')}"`);
    good("it's %{user}", `"%{literal('it\\\\'s %{user}')}"`);
  });

  it('refuses what no line can hold', () => {
    bad('a\nb');
    bad('a\u0000b');
    bad('\u0085');
    bad('\ud800');
  });
});

/** Runs a script beside a Dovecot with these settings. */
async function beside(debian: Debian13, settings: string, socket: string, script: string): Promise<string> {
  const versions = 'dovecot_config_version = 2.4.1\ndovecot_storage_version = 2.4.1\n';
  const start = `dovecot -F -c /tmp/dovecot.conf & dovecot=$!
    until [ -S /run/dovecot/${socket} ]; do sleep 0.05; done
    ${script}
    kill $dovecot; wait`;
  const { stdout, stderr } = await debian.run(['sh', '-c', start], {
    files: { '/tmp/dovecot.conf': `${versions}log_path = /dev/stderr\nssl = no\n${settings}` },
  });
  expect(stderr.replace('Warning: Killed with signal', '')).not.toMatch(/warning|error|fatal/i);
  return stdout;
}

/** The fields that Dovecot says a user has: its auth protocol holds 8 KB of them. */
async function readBack(debian: Debian13, values: readonly string[]): Promise<readonly string[]> {
  const fields = values.map((value, index) => `field${index} = ${dovecotString(value)}\n`).join('');
  const stdout = await beside(
    debian,
    `protocols =
passdb static {
  password = x
}
userdb static {
  fields {
${fields}  }
}
`,
    'auth-userdb',
    'doveadm -c /tmp/dovecot.conf user bob@example.com',
  );
  const read = new Map(stdout.split('\n').map((line) => line.split('\t', 2) as [string, string]));
  return values.map((_, index) => read.get(`field${index}`) ?? '');
}

describeReal('Dovecot', (debian) => {
  it('reads back every value as it was', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(hostileText, { minLength: 30, maxLength: 40, size: 'max' }),
        async (values) => {
          expect(await readBack(debian, values)).toEqual(values);
        },
      ),
      { numRuns: 6, endOnFailure: true },
    );
  });

  it('reads back what its lexer would stumble over', async () => {
    const values = ['%', '%%', '%%{', '%y%', 'y', "%'", '%\\', '%"', '%}'];
    expect(await readBack(debian, values)).toEqual(values);
  });

  it.each([
    ['with variables', '%{$\'"\\#'],
    ['without', '{$\'"\\# '],
  ])('reads back 10,000 characters %s', async (_, characters) => {
    const long = characters.repeat(Math.ceil(10_000 / characters.length));
    const greeting = await beside(
      debian,
      `protocols = lmtp\nhostname = ${dovecotString(long)}\n`,
      'lmtp',
      `perl -MIO::Socket::UNIX -e 'print scalar readline(IO::Socket::UNIX->new("/run/dovecot/lmtp"))'`,
    );
    expect(greeting === `220 ${long} Dovecot ready.\r\n`).toBe(true);
  });
});
