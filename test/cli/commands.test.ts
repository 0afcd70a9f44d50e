/** Every other command as a user meets it: exit codes, streams, mistakes. */
import { appendFileSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aFolder } from '../support/run-mailc.ts';
import { smallMailYaml } from '../support/small-mail-yaml.ts';

const withTypo = smallMailYaml.replace('    quota: 1GB', '    qouta: 1GB');

describe('validate', () => {
  test('says on stdout what a valid file holds', async () => {
    const folder = await aFolder({ 'mail.yaml': smallMailYaml });
    const run = await folder.mailc(['validate']);
    expect(run).toEqual({
      code: 0,
      stdout: 'mail.yaml is valid: 1 host, 1 domain, 2 users, 3 aliases\n',
      stderr: '',
    });
  });

  test('shows the line, the caret and the cure of a typo on stderr, and exits 3', async () => {
    const folder = await aFolder({ 'infra/mail.yaml': withTypo });
    const run = await folder.mailc(['validate', 'infra/mail.yaml']);
    expect(run.code).toBe(3);
    expect(run.stdout).toBe('');
    expect(run.stderr).toBe(
      [
        'error[key-unknown]: unknown key "qouta" in "users.bob@example.com"',
        '  --> infra/mail.yaml:14:5',
        '   |',
        '14 |     qouta: 1GB',
        '   |     ^^^^^',
        '   = hint: did you mean "quota"?',
        '',
        '1 error',
        '',
      ].join('\n'),
    );
  });

  test('annotates a pull request with paths from the top of the repository', async () => {
    const folder = await aFolder({ 'infra/mail.yaml': withTypo });
    const run = await folder.mailc(['validate', 'infra/mail.yaml', '--format', 'github']);
    expect(run.code).toBe(3);
    expect(run.stdout).toMatch(/^::error file=infra\/mail\.yaml,line=14,/);
  });

  test('prints JSON and SARIF that programs can read', async () => {
    const folder = await aFolder({ 'mail.yaml': withTypo });
    const json = JSON.parse((await folder.mailc(['validate', '--format', 'json'])).stdout);
    expect(json.diagnostics[0]).toMatchObject({ code: 'key-unknown', severity: 'error' });
    const sarif = JSON.parse((await folder.mailc(['validate', '--format', 'sarif'])).stdout);
    expect(sarif).toMatchObject({ version: '2.1.0' });
    expect(sarif.runs[0].results[0].ruleId).toBe('key-unknown');
  });

  test('with --strict exits 3 for a warning', async () => {
    const warned = smallMailYaml.replace('  example.com:\n', '  example.com: { dmarc: { policy: none } }\n');
    const folder = await aFolder({ 'mail.yaml': warned });
    expect((await folder.mailc(['validate'])).code).toBe(0);
    expect((await folder.mailc(['validate', '--strict'])).code).toBe(3);
  });

  test('shows the line of an include that matches nothing', async () => {
    const folder = await aFolder({ 'mail.yaml': `${smallMailYaml}include: [users/*.yaml]\n` });
    const run = await folder.mailc(['validate']);
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('17 | include: [users/*.yaml]');
  });

  test('points to mailc init where there is no mail.yaml', async () => {
    const folder = await aFolder({ 'README.md': '' });
    const run = await folder.mailc(['validate']);
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('mailc init');
  });
});

describe('compile', () => {
  test('writes once, then nothing; --check says when it is stale, and writes nothing', async () => {
    const folder = await aFolder({ 'mail.yaml': smallMailYaml });
    expect((await folder.mailc(['compile'])).stdout).toMatch(/^out: \d+ files, \d+ written, 0 removed\n$/);
    expect((await folder.mailc(['compile'])).stdout).toMatch(/^out: \d+ files, 0 written, 0 removed\n$/);
    expect((await folder.mailc(['compile', '--check'])).code).toBe(0);
    const zone = join(folder.path, 'out/dns/example.com.zone');
    appendFileSync(zone, '; by hand\n');
    const stale = await folder.mailc(['compile', '--check']);
    expect(stale).toMatchObject({ code: 2, stdout: 'stale: out/dns/example.com.zone\n' });
    expect(readFileSync(zone, 'utf8')).toContain('; by hand');
  });

  test('removes what it wrote for a domain that is gone, and nothing else', async () => {
    const folder = await aFolder({
      'mail.yaml': smallMailYaml.replace('domains:\n', 'domains:\n  example.net:\n'),
    });
    await folder.mailc(['compile']);
    folder.write({ 'mail.yaml': smallMailYaml, 'out/notes.txt': 'mine' });
    await folder.mailc(['compile']);
    expect(existsSync(join(folder.path, 'out/dns/example.net.zone'))).toBe(false);
    expect(existsSync(join(folder.path, 'out/notes.txt'))).toBe(true);
  });

  test('follows no link out of its folder', async () => {
    const folder = await aFolder({ 'mail.yaml': smallMailYaml, 'elsewhere/keep': '', 'out/keep': '' });
    symlinkSync('../elsewhere', join(folder.path, 'out/dns'));
    const run = await folder.mailc(['compile']);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('error[output-not-writable]');
    expect(existsSync(join(folder.path, 'elsewhere/example.com.zone'))).toBe(false);
  });
});

describe('plan --from', () => {
  test('compares two commits without touching the checkout', async () => {
    const folder = await aFolder({ 'mail.yaml': smallMailYaml });
    folder.write({ 'mail.yaml': smallMailYaml.replace('quota: 1GB', 'quota: 2GB') });
    await folder.commit();
    folder.write({ 'mail.yaml': 'not yet: valid' });
    const run = await folder.mailc(['plan', '--from', 'HEAD~1', '--to', 'HEAD', '--detailed-exitcode']);
    expect(run.code).toBe(2);
    expect(run.stdout).toContain('~ update user bob@example.com  quota 1GB -> 2GB  mail.yaml:12:3');
    expect(readFileSync(join(folder.path, 'mail.yaml'), 'utf8')).toBe('not yet: valid');
  });

  test('plans the first mail.yaml from nothing', async () => {
    const folder = await aFolder({ 'README.md': '' });
    folder.write({ 'mail.yaml': smallMailYaml });
    await folder.commit();
    const run = await folder.mailc(['plan', '--from', 'HEAD~1', '--to', 'HEAD']);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain('+ create user   bob@example.com');
  });

  test('takes a hostile ref for what it is', async () => {
    const folder = await aFolder({ 'mail.yaml': smallMailYaml });
    for (const ref of ['--output=stolen', '-', '$(touch stolen)', 'HEAD:mail.yaml', 'a..b']) {
      const run = await folder.mailc(['plan', `--from=${ref}`]);
      expect(run.code, ref).toBe(3);
      expect(run.stderr, ref).toContain('error[git-ref-');
    }
    expect(existsSync(join(folder.path, 'stolen'))).toBe(false);
  });

  test('asks for something to compare with', async () => {
    const folder = await aFolder({ 'mail.yaml': smallMailYaml });
    const run = await folder.mailc(['plan']);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('--database');
  });
});

describe('init', () => {
  const flags = ['--domain', 'example.com', '--address', '203.0.113.9', '--user', 'bob@example.com'];
  const hash = ['--password', /"(\$6\$[^"]+)"/.exec(smallMailYaml)?.[1] ?? ''];

  test('writes a mail.yaml that is valid without a warning, and overwrites nothing', async () => {
    const folder = await aFolder({ 'README.md': '' });
    expect((await folder.mailc(['init', ...flags, ...hash])).code).toBe(0);
    expect((await folder.mailc(['validate', '--strict'])).code).toBe(0);
    const again = await folder.mailc(['init', ...flags, ...hash]);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('error[file-exists]');
  });

  test('judges its answers before it writes, and repeats no password', async () => {
    const folder = await aFolder({ 'README.md': '' });
    const run = await folder.mailc(['init', ...flags, '--password', 'hunter2']);
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('error[password-clear-text]');
    expect(run.stderr).not.toContain('hunter2');
    expect(existsSync(join(folder.path, 'mail.yaml'))).toBe(false);
  });

  test('without a terminal says which flag is missing', async () => {
    const folder = await aFolder({ 'README.md': '' });
    const run = await folder.mailc(['init']);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('--domain');
  });
});

describe('passwd', () => {
  test('hashes the first line of standard input', async () => {
    const folder = await aFolder({}, { git: false });
    const run = await folder.mailc(['passwd', '--rounds', '5000'], { stdin: 'пароль\n' });
    expect(run.stdout).toMatch(/^\$6\$rounds=5000\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}\n$/);
  });

  test('refuses an empty password, and too few rounds', async () => {
    const folder = await aFolder({}, { git: false });
    expect(await folder.mailc(['passwd'], { stdin: '\n' })).toMatchObject({ code: 1, stdout: '' });
    expect(await folder.mailc(['passwd', '--rounds', '10'], { stdin: 'x\n' })).toMatchObject({
      code: 1,
      stdout: '',
    });
  });
});

describe('explain', () => {
  test('prints a page, and suggests the near code for a wrong one', async () => {
    const folder = await aFolder({}, { git: false });
    expect((await folder.mailc(['explain', 'alias-cycle'])).stdout).toContain('Cure:');
    const wrong = await folder.mailc(['explain', 'alias-cylce']);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('did you mean alias-cycle?');
  });
});

describe('dns', () => {
  test('prints one domain, and says where the key is to be had', async () => {
    const folder = await aFolder({ 'mail.yaml': smallMailYaml });
    const run = await folder.mailc(['dns', 'EXAMPLE.com']);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain('@ 3600 IN MX 10 mail\n');
    expect(run.stdout).toContain('mailc dns');
    expect((await folder.mailc(['dns', 'exmaple.com'])).stderr).toContain('did you mean example.com?');
  });
});

describe('a mistake on the command line', () => {
  test.each([
    [['validat'], 'Did you mean validate?'],
    [['plan', '--frm', 'main'], 'Did you mean --from?'],
    [['validate', '--format', 'xml'], 'text, json, github, sarif'],
    [['apply', '--allow', 'everything', '--root', 'x'], 'deletes-user'],
  ])('%j is one line and a cure, exit 1, nothing on stdout', async (words, cure) => {
    const folder = await aFolder({ 'mail.yaml': smallMailYaml });
    const run = await folder.mailc(words);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain(cure);
    expect(run.stderr).not.toContain('    at ');
  });

  test('no command at all prints help and exits 1', async () => {
    const folder = await aFolder({}, { git: false });
    const run = await folder.mailc([]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('Commands:');
  });
});
