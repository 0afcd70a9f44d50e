/** A DKIM key is changed in stages that mail.yaml writes down, and never before DNS has the new one. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type DnsServer, startDnsServer } from '../e2e/support/dns-server.ts';
import { aFolder, type Run, runMailc } from '../support/run-mailc.ts';
import { smallMailYaml } from '../support/small-mail-yaml.ts';

interface Installation {
  readonly dns: DnsServer;
  readonly host: string;
  /** Writes the stage into mail.yaml and commits it. */
  readonly stage: (dkim: string) => Promise<void>;
  readonly mailc: (...words: readonly string[]) => Promise<Run>;
  readonly plan: () => Promise<Run>;
  readonly apply: (...words: readonly string[]) => Promise<Run>;
  /** The text of a key's record, from the host's own key. */
  readonly record: (selector: string) => Promise<string>;
}

/** The domain signs with s1, and DNS has its record. */
async function anInstallation(): Promise<Installation> {
  const mailYaml = (dkim: string): string =>
    smallMailYaml.replace(/^( {2}example\.com:).*$/m, `$1 { dkim: ${dkim} }`);
  const folder = await aFolder({ 'source/mail.yaml': mailYaml('{ selector: s1 }') });
  const source = join(folder.path, 'source');
  const host = join(folder.path, 'rotation-host');
  const dns = await startDnsServer('127.0.0.1', 0);
  onTestFinished(() => dns.stop());
  const mailc = (...words: readonly string[]): Promise<Run> => runMailc(words, source);
  const live = ['--root', '../rotation-host', '--resolver', dns.address] as const;
  const record = async (selector: string): Promise<string> => {
    const { stdout } = await mailc('dns', 'example.com', '--root', '../rotation-host', '--format', 'json');
    const { records } = JSON.parse(stdout) as {
      readonly records: readonly { readonly name: string; readonly data: { readonly text?: string } }[];
    };
    return records.find(({ name }) => name === `${selector}._domainkey.example.com`)?.data.text ?? '';
  };
  const installation: Installation = {
    dns,
    host,
    stage: async (dkim) => {
      folder.write({ 'source/mail.yaml': mailYaml(dkim) });
      await folder.commit();
    },
    mailc,
    plan: () => mailc('plan', ...live),
    apply: (...words) => mailc('apply', ...live, '--yes', ...words),
    record,
  };
  expect((await installation.apply()).code).toBe(0);
  dns.add({ 's1._domainkey.example.com': { TXT: [await record('s1')] } });
  return installation;
}

const unit = (host: string, file: string): string => join(host, 'srv/mail/mailc/opendkim/current', file);
const signing = (host: string): string | undefined =>
  /^example\.com example\.com:([^:]+):/m.exec(readFileSync(unit(host, 'KeyTable'), 'utf8'))?.[1];

test('a key is made, published, then signs, and the former one retires', async () => {
  const { dns, host, stage, plan, apply, record, mailc } = await anInstallation();

  await stage('{ selector: s1, next: s2 }');
  expect((await plan()).stderr).toContain('example.com: apply makes the key s2');
  expect((await apply()).code).toBe(0);
  expect(signing(host)).toBe('s1');
  expect(existsSync(unit(host, 'keys/example.com.s2.pem'))).toBe(true);
  const unpublished = await plan();
  expect(unpublished.stdout).toBe('No changes.\n');
  expect(unpublished.stderr).toContain('example.com: s2 is not published yet; next: publish the record');

  dns.add({ 's2._domainkey.example.com': { TXT: [await record('s2')] } });
  expect((await plan()).stderr).toContain('dkim: { selector: s2, previous: s1 }');

  await stage('{ selector: s2, previous: s1 }');
  const switching = await plan();
  expect(switching.stdout).toContain('mail from example.com will be signed with s2 instead of s1');
  expect(switching.stdout).not.toContain('dkim-unpublished');
  expect((await apply()).code).toBe(0);
  expect(signing(host)).toBe('s2');
  const zone = (await mailc('dns', 'example.com', '--root', '../rotation-host')).stdout;
  expect(zone).toMatch(/^s1\._domainkey/m);
  expect(zone).toMatch(/^s2\._domainkey/m);
  expect((await plan()).stderr).toContain('after a week, remove "previous: s1" and its record');

  await stage('{ selector: s2 }');
  expect((await apply()).code).toBe(0);
  expect(readdirSync(unit(host, 'keys'))).toEqual(['example.com.s2.pem']);
  // Whoever goes back to an earlier commit finds the key that its record is of.
  expect(readdirSync(join(host, 'srv/mail/mailc/secrets'))).toContain('dkim.example.com.s1');
  expect((await plan()).stderr).not.toContain('example.com');
});

test('a key that DNS does not have, or has otherwise, does not sign unless somebody says so', async () => {
  const { dns, host, stage, plan, apply, record, mailc } = await anInstallation();
  await stage('{ selector: s1, next: s2 }');
  expect((await apply()).code).toBe(0);
  await stage('{ selector: s2, previous: s1 }');
  expect((await plan()).stdout).toContain('DNS has no record s2._domainkey.example.com');

  dns.add({ 's2._domainkey.example.com': { TXT: [await record('s1')] } });
  expect((await plan()).stdout).toContain(
    "the record s2._domainkey.example.com in DNS is not that of the host's key",
  );
  const refused = await apply();
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain('--allow dkim-unpublished');
  expect(signing(host)).toBe('s1');

  // Nobody listens on the first of all ports.
  const deaf = await mailc('plan', '--root', '../rotation-host', '--resolver', '127.0.0.1:1');
  expect(deaf.stdout).toContain('DNS could not be asked for s2._domainkey.example.com');
  expect((await apply('--allow', 'dkim-unpublished')).code).toBe(0);
  expect(signing(host)).toBe('s2');
});

test('a selector that was never the next one has no key that DNS could know', async () => {
  const { stage, apply } = await anInstallation();
  await stage('{ selector: s2 }');
  const refused = await apply();
  expect(refused.code).toBe(4);
  expect(refused.stdout).toContain(
    'that key is made by this apply, so DNS cannot have it: write it as "next" first',
  );
});

test('without a rotation nobody is asked', async () => {
  const { dns, stage, plan, apply } = await anInstallation();
  expect((await plan()).code).toBe(0);
  await stage('{ selector: s1 }, quota: 1GB');
  expect((await apply()).code).toBe(0);
  expect([...dns.asked]).toEqual([]);
});

test('a resolver that is no address is one clear error', async () => {
  const { stage, mailc } = await anInstallation();
  await stage('{ selector: s1, next: s2 }');
  const { code, stderr } = await mailc('plan', '--root', '../rotation-host', '--resolver', 'dns.example');
  expect(code).toBe(1);
  expect(stderr).toContain('error[resolver-invalid]: "dns.example" is no address of a DNS server');
});
