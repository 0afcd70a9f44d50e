/** mailc dns --check: one line for each set of records, as those who read the records would judge them. */
import { expect, onTestFinished, test } from 'vitest';
import { startDnsServer, type Zone } from '../e2e/support/dns-server.ts';
import { aFolder, type Run } from '../support/run-mailc.ts';
import { smallMailYaml } from '../support/small-mail-yaml.ts';

async function check(zone: Zone, ...words: readonly string[]): Promise<Run> {
  const dns = await startDnsServer('127.0.0.1', 0);
  onTestFinished(() => dns.stop());
  dns.add(zone);
  const { mailc } = await aFolder({ 'mail.yaml': smallMailYaml });
  return mailc(['dns', '--check', '--resolver', dns.address, ...words]);
}

/** What mail.yaml wants, but for the DKIM key, which only a host knows. */
const asWanted: Zone = {
  'example.com': {
    MX: ['10 mail.example.com'],
    TXT: ['v=spf1 mx  ~all', 'google-site-verification=x'],
    CAA: ['0 issue letsencrypt.org'],
  },
  'mail.example.com': { A: ['203.0.113.10'], TXT: ['v=spf1 a -all'] },
  '_dmarc.example.com': { TXT: ['v=DMARC1;p=quarantine; rua=mailto:postmaster@example.com;'] },
  '_smtp._tls.example.com': { TXT: ['v=TLSRPTv1; rua=mailto:postmaster@example.com'] },
  '_submissions._tcp.example.com': { SRV: ['0 1 465 mail.example.com'] },
  '_submission._tcp.example.com': { SRV: ['10 1 587 mail.example.com'] },
  '_imaps._tcp.example.com': { SRV: ['0 1 993 mail.example.com'] },
  '_imap._tcp.example.com': { SRV: ['10 1 143 mail.example.com'] },
  '_pop3s._tcp.example.com': { SRV: ['20 1 995 mail.example.com'] },
  '_pop3._tcp.example.com': { SRV: ['30 1 110 mail.example.com'] },
  '_sieve._tcp.example.com': { SRV: ['0 1 4190 mail.example.com'] },
};

test('records that mean the same are right', async () => {
  const { stdout, stderr, code } = await check(asWanted);
  expect(stdout).not.toMatch(/^(missing|differs|unanswered)/m);
  expect(stdout).toMatch(/^ok {9}example\.com MX$/m);
  expect(stdout).toMatch(/^(\d+) of \1 as mail\.yaml wants them$/m);
  expect(stderr).toContain('the key of example.com is made on the host');
  expect(code).toBe(0);
});

test('what is missing, differs or is there twice is said, with exit code 2', async () => {
  const { stdout, code } = await check({
    ...asWanted,
    'example.com': {
      MX: ['10 mail.example.com', '20 old.example.com'],
      TXT: ['v=spf1 mx ~all', 'v=spf1 include:other.example -all'],
    },
  });
  expect(stdout).toContain(
    'differs    example.com MX: wanted 10 mail.example.com; found 10 mail.example.com, 20 old.example.com\n',
  );
  expect(stdout).toContain(
    'differs    example.com TXT: wanted v=spf1 mx ~all; found v=spf1 mx ~all, v=spf1 ',
  );
  expect(stdout).toContain('missing    example.com CAA: wanted 0 issue letsencrypt.org\n');
  expect(code).toBe(2);
});

test('what DNS answers cannot drive the terminal', async () => {
  const { stdout } = await check({
    ...asWanted,
    '_dmarc.example.com': { TXT: ['v=DMARC1; p=\u001b[2J\u0007'] },
  });
  expect(stdout).toContain('found v=DMARC1; p=\\u{1b}[2J\\u{7}');
});

test('a program reads the same as JSON', async () => {
  const { stdout } = await check({}, '--format', 'json');
  const { formatVersion, checks } = JSON.parse(stdout) as {
    readonly formatVersion: number;
    readonly checks: readonly { readonly name: string; readonly type: string }[];
  };
  expect(formatVersion).toBe(1);
  expect(checks.find(({ name, type }) => name === 'example.com' && type === 'MX')).toEqual({
    domain: 'example.com',
    name: 'example.com',
    type: 'MX',
    status: 'missing',
    wanted: ['10 mail.example.com'],
    found: [],
    why: null,
  });
});

test('without an answer nothing is known', async () => {
  const { mailc } = await aFolder({ 'mail.yaml': smallMailYaml });
  const silent = await startDnsServer('127.0.0.1', 0);
  await silent.stop();
  const { stdout, code } = await mailc(['dns', '--check', '--resolver', silent.address]);
  expect(stdout).toMatch(/^unanswered example\.com MX: the resolver refuses connections$/m);
  expect(code).toBe(1);
});
