// What SpamAssassin reads back is what was written.

import { describe, expect, it } from 'vitest';
import { describeReal } from '../../../test/debian/debian13.ts';
import { UnescapableError } from '../escaped.ts';
import { spamassassinWord } from './spamassassin.ts';

const words = ['203.0.113.10', '2001:db8::10', '172.30.0.0/24', '6.31', '-999', '/etc/mailc/current', 'a_b'];

const good = (value: string) => expect(spamassassinWord(value)).toBe(value);
const bad = (value: string) => expect(() => spamassassinWord(value)).toThrow(UnescapableError);

describe('a word for SpamAssassin', () => {
  it('is what addresses, numbers and paths are made of', () => {
    for (const word of words) good(word);
  });

  it('has nothing that would end it, begin a comment or a second line', () => {
    for (const value of [
      '',
      'a b',
      '#',
      'a#b',
      'a\nb',
      '\u0000',
      '$',
      '%',
      '{',
      "'",
      '"',
      '\\',
      '\u202e',
      'ä',
    ]) {
      bad(value);
    }
  });
});

describeReal('SpamAssassin', (debian) => {
  it('reads back every word as it was', async () => {
    const ask = `my $s = Mail::SpamAssassin->new({ site_rules_filename => '/tmp/rules', local_tests_only => 1,
        dont_copy_prefs => 1, userprefs_filename => '/dev/null', rules_filename => '/dev/null' });
      $s->init(0);
      print $s->{conf}->{report_contact}, "\\n";`;
    for (const word of [...words, 'x'.repeat(10_000)]) {
      const files = { '/tmp/rules/local.cf': `report_contact ${spamassassinWord(word)}\n` };
      const { stdout } = await debian.run(['perl', '-MMail::SpamAssassin', '-e', ask], { files });
      expect(stdout).toBe(`${word}\n`);
    }
  });
});
