// What systemd reads back is what was written.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeReal } from '../../../test/debian/debian13.ts';
import { UnescapableError } from '../escaped.ts';
import { systemdArgument, systemdText, systemdWord } from './systemd.ts';

/** What some reader of a unit acts on. */
const meaningful = fc.constantFrom(
  ...['%h', '%', '$HOME', '$', '{', '"', "'", '\\', '\\x41', '\\n', ';', ' ', '#', '\u202e'],
);

describe('a word in a unit', () => {
  const good = (value: string, expected: string) => expect(systemdWord(value)).toBe(expected);
  const bad = (value: string) => expect(() => systemdWord(value)).toThrow(UnescapableError);

  it('stays bare when nothing in it means anything to systemd', () => good('/srv/mail', '/srv/mail'));

  it('has no specifiers', () => good('/srv/100%/%h', '/srv/100%%/%%h'));

  it('is quoted otherwise', () => {
    good('', '""');
    good('/srv/my mail', '"/srv/my mail"');
    good('say "x"', '"say \\"x\\""');
    good('a\\b', '"a\\\\b"');
    good(';', '";"');
    good("it's", '"it\'s"');
  });

  it('keeps a dollar sign, which directives other than Exec take as it is', () =>
    good('/srv/$x', '"/srv/$x"'));

  it('refuses what no line of a unit can hold', () => {
    bad('a\nExecStart=/bin/evil');
    bad('\u0000');
    bad('\ud800');
    bad('\ufffe'); // a unit with it is not loaded at all
  });
});

describe('an argument of a command in a unit', () => {
  it('reads no variable', () => {
    expect(systemdArgument('$HOME')).toBe('"$$HOME"');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is systemd's syntax that is tested.
    expect(systemdArgument('${HOME}')).toBe('"$${HOME}"');
    expect(systemdArgument('/srv/mail')).toBe('/srv/mail');
  });
});

describe('a line of text in a unit', () => {
  it('has no specifiers', () => expect(systemdText('postfix of %H')).toBe('postfix of %%H'));

  it('refuses what would change or leave the line', () => {
    for (const value of ['a\nb', 'a\\', ' a', 'a ']) {
      expect(() => systemdText(value)).toThrow(UnescapableError);
    }
  });
});

describeReal('systemd itself', (debian) => {
  // `systemd --test` loads units as PID 1 would and prints what it understood. It wants the machine's cgroups.
  const mounts = readFileSync('/proc/self/mounts', 'utf8');
  const cgroups = [...mounts.matchAll(/^\S+ (\/sys\/fs\/cgroup\S*) /gm)].map(([, path]) => path ?? '');
  const binds = Object.fromEntries(cgroups.map((path) => [path, path]));

  async function load(unit: string): Promise<string> {
    const { stdout } = await debian.run(
      ['/usr/lib/systemd/systemd', '--test', '--system', '--unit=x.service'],
      {
        files: { '/etc/systemd/system/x.service': unit },
        binds,
        user: 'nobody',
      },
    );
    return /Unit x\.service:\n(.*?)\n\t\S+ Unit /s.exec(stdout)?.[1] ?? '';
  }

  const values = fc
    .sample(
      fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 4 }), meaningful), { maxLength: 10 }),
      150,
    )
    .map((parts) =>
      parts
        .join('')
        .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]|[\p{Cs}\p{Noncharacter_Code_Point}]/gu, ''),
    )
    .concat('%$"\\ '.repeat(2000));

  it('reads back every argument of a command', async () => {
    const unit = `[Service]\n${values.map((value) => `ExecStart=/bin/echo ${systemdArgument(value)}\n`).join('')}`;
    const commands = [...(await load(`${unit}Type=oneshot\n`)).matchAll(/Command Line: \/bin\/echo (.*)/g)];

    // It prints words in quotes where it sees need, and keeps `$$` until it starts the command.
    const read = commands.map(([, word = '']) =>
      word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/gu, '$1') : word,
    );
    expect(read).toHaveLength(values.length);
    for (const [index, value] of values.entries()) expect(read[index]?.replaceAll('$$', '$')).toBe(value);
  });

  it('reads back every path of a list', async () => {
    const paths = values.map((value, index) => `/${index}${value.replaceAll(/[/.]/g, '')}x`);
    const unit = paths.map((path) => `RequiresMountsFor=${systemdWord(path)}\n`).join('');
    const loaded = await load(`[Unit]\n${unit}[Service]\nExecStart=/bin/true\n`);
    const read = new Set(
      [...loaded.matchAll(/RequiresMountsFor: (.*) \(origin-file\)$/gm)].map(([, path]) => path),
    );
    for (const path of paths.filter(({ length }) => length < 4096)) expect(read).toContain(path);
  });

  it('reads back every line of text', async () => {
    for (const value of ['50% of %h', '"quoted" \\x41 $HOME ; #', 'Zürich \u202e']) {
      const loaded = await load(
        `[Unit]\nDescription=${systemdText(value)}\n[Service]\nExecStart=/bin/true\n`,
      );
      expect(/Description: (.*)/.exec(loaded)?.[1]).toBe(value);
    }
  });
});
