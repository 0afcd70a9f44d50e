// What sh reads back is what was written.

import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnescapableError } from '../escaped.ts';
import { shellCommand, shellComment, shellWord } from './shell.ts';

const good = (value: string, expected: string) => expect(shellWord(value)).toBe(expected);
const bad = (value: string) => expect(() => shellWord(value)).toThrow(UnescapableError);

/** Anything that a word may hold, and often what a shell would act on. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.constantFrom(
        "'",
        '"',
        '\\',
        '$',
        '$(id)',
        '`id`',
        '!',
        '*',
        '~',
        '#',
        '&&',
        ';',
        '{a,b}',
        '%s',
        '\u202e',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join('').replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Cs}/gu, ''));

/** What a POSIX shell and bash make of command lines: `printf` of each, ended by a line feed. */
function readBack(shell: string, lines: readonly string[]): readonly string[] {
  const script = lines.map((line) => `printf '%s\\n' ${line}\n`).join('');
  return execFileSync(shell, { input: script, encoding: 'utf8' }).split('\n').slice(0, -1);
}

describe('a shell word', () => {
  it('stays bare when nothing in it means anything to a shell', () => {
    good('/srv/mail', '/srv/mail');
    good('type=bind,source=/srv/mail', 'type=bind,source=/srv/mail');
    good('30s', '30s');
  });

  it('is quoted otherwise', () => {
    good('', "''");
    good('/srv/my mail', "'/srv/my mail'");
    good('$(reboot)', "'$(reboot)'");
    good('~root', "'~root'");
    good("it's", "'it'\\''s'");
  });

  it('refuses what no line of a script can hold', () => {
    bad('a\nb');
    bad('a\u0000b');
    bad('\u001b[2J');
    bad('\ud800');
  });

  it.each(['sh', 'bash'])('is read back by %s as it was', (shell) => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 40, maxLength: 60 }), (values) => {
        expect(readBack(shell, values.map(shellWord))).toEqual(values);
      }),
      { numRuns: 10 },
    );
  });

  it('is read back even at 10,000 characters', () => {
    const long = `$'"\\ `.repeat(2000);
    expect(readBack('sh', [shellWord(long)])).toEqual([long]);
  });
});

describe('a command for a second shell', () => {
  it('is the same words again after both have read it', () => {
    const command = ['printf', '%s|', "it's", '$HOME', 'a b', ''];
    expect(shellCommand(command)).toBe(`printf '%s|' 'it'\\''s' '$HOME' 'a b' ''`);
    expect(
      execFileSync('sh', ['-c', `sh -c ${shellWord(shellCommand(command))}`], { encoding: 'utf8' }),
    ).toBe("it's|$HOME|a b||");
  });

  it('refuses what would be an assignment or nothing at all', () => {
    expect(() => shellCommand(['A=b', 'c'])).toThrow(UnescapableError);
    expect(() => shellCommand([])).toThrow(UnescapableError);
  });
});

describe('a shell comment', () => {
  it('cannot leave its line', () => {
    expect(shellComment('of mail.example.com; rm -rf /')).toBe('of mail.example.com; rm -rf /');
    expect(() => shellComment('a\nrm -rf /')).toThrow(UnescapableError);
  });
});
