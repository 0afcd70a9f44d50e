/**
 * The most awkward of what mail.yaml may hold, in one mail system: the real programs read each value back as
 * it was written, and find nothing else.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Compiled } from '../../src/compile.ts';
import { printContent } from '../../src/render/secret-marker.ts';
import { describeServers } from '../database/databases.ts';
import { hasPsql, runPsql } from '../database/psql.ts';
import { asLive, withTarget } from '../database/synchronised.ts';
import { describeReal } from '../debian/debian13.ts';
import { compileText } from '../support/compile-text.ts';
import { laidArtifacts } from '../support/laid-artifacts.ts';
import { alicesHash, bobsHash } from '../support/small-mail-yaml.ts';

/** All that stands for itself on a keyboard, but for the two that a login at a smarthost cannot have. */
const printable = Array.from({ length: 0x7e - 0x20 }, (_, index) => String.fromCharCode(0x21 + index)).join(
  '',
);
const username = printable.replace(':', '');
const relayPassword = `${printable} ${printable}`;
const elsewhere = "!#$%&'*+-/=?^_`{|}~@elsewhere.example";
const localpart = "#o'neil&co=x~y_z.-";
const data = '/srv/-a+b@c=d~e_f.g';
const certificate = '/etc/-s+l/m@il=~/full@chain.pem';

const configuration = {
  version: 1,
  hosts: {
    'mail.example.com': { addresses: ['203.0.113.10'], tls: { certificate, key: certificate }, data },
  },
  database: { name: 'table', role: 'select' },
  network: { name: 'a-_b' },
  relay: {
    host: 'smtp.provider.example',
    username,
    password: { env: 'RELAY_PASSWORD' },
    spf_include: '_spf-1.provider.example',
  },
  postmaster: `${localpart}@example.com`,
  domains: {
    'example.com': { catch_all: [`${localpart}@example.com`, elsewhere], dmarc: { report_to: elsewhere } },
    'bücher.example': { alias_of: 'example.com' },
    'xn--80ak6aa92e.example': {},
  },
  users: {
    [`${localpart}@example.com`]: { password: bobsHash, send_as: ["'or''='@example.com"], quota: '1GB' },
    "it's@xn--80ak6aa92e.example": { password: alicesHash, moved_from: "was'it@xn--80ak6aa92e.example" },
  },
  aliases: {
    "'or''='@example.com": [elsewhere, '$(id)`id`'.replace(/[()]/g, '').concat('@elsewhere.example')],
    '#@example.com': `${localpart}+#{detail}@example.com`.replace(/[{}]/g, ''),
  },
};

let compiled: Compiled;
beforeAll(async () => {
  const { value, diagnostics } = await compileText(JSON.stringify(configuration));
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (value === null) throw new Error(JSON.stringify(errors, null, 2));
  compiled = value;
});

const textOf = (path: string): string =>
  printContent(compiled.artifacts.find((artifact) => artifact.path === path)?.content ?? []);
const secrets = {
  'relay.password': relayPassword,
  'database.select.password': 'secret',
  'srs.key': 'secret',
};
const laid = (unit: string) => laidArtifacts(compiled.artifacts, unit, secrets);
const silent = { code: 0, stdout: '', stderr: '' };

describeReal('awkward values', (debian) => {
  test('reach Postfix', async () => {
    const script = `
      cd /etc/mailc/current
      postconf -c . -n >/tmp/settings; postconf -c . -M >/tmp/services; postfix -c /etc/mailc/current check >/tmp/check
      postmap -c . -q '[smtp.provider.example]:587' texthash:relay-password
      postmap -c . -q root@mail.example.com texthash:system-aliases`;
    const read = await debian.run(['sh', '-ec', script], { files: laid('postfix') });
    expect(read).toEqual({
      code: 0,
      stdout: `${username}:${relayPassword}\n${localpart}@example.com\n`,
      stderr: '',
    });
  });

  test('reach Dovecot', async () => {
    const script = 'doveconf -c /etc/mailc/current/dovecot.conf -n >/tmp/settings';
    const { code, stderr } = await debian.run(['sh', '-ec', script], { files: laid('dovecot') });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('reach the shell: what a script asks of docker is what the container is', async () => {
    const scripts = laid('docker');
    for (const container of compiled.containers) {
      const path = `/etc/mailc/current/${container.name}.sh`;
      const docker = '#!/bin/sh\n[ "$1" = run ] && printf "%s\\0" "$@" >/tmp/asked\nexit 1\n';
      const script = `mkdir -p ${data}; PATH=/stub:$PATH sh ${path} >/tmp/out 2>&1; cat /tmp/asked`;
      const { stdout } = await debian.run(['sh', '-c', script], {
        files: { ...scripts, '/stub/docker': { content: docker, mode: 0o755 } },
      });
      const words = stdout.split('\0');
      for (const { from, to } of container.mounts) {
        expect(
          words.filter((word) => word.includes(`=${from},`) || word.endsWith(`=${from}`)).join(),
          path,
        ).toContain(to);
      }
      expect(words).toContain('a-_b');
    }
  });

  test('reach systemd', async () => {
    const units = Object.fromEntries(
      Object.entries(laid('systemd')).map(([path, file]) => [
        path.replace('/etc/mailc/current', '/etc/systemd/system'),
        file,
      ]),
    );
    const stub = '[Unit]\nDescription=Docker\n[Service]\nExecStart=/bin/true\n';
    const files = { ...units, '/etc/systemd/system/docker.service': stub };
    expect(await debian.run(['systemd-analyze', 'verify', ...Object.keys(units)], { files })).toEqual(silent);
  });

  test('reach the zones', async () => {
    for (const { name } of compiled.system.domains) {
      const zone = textOf(`dns/${name}.zone`);
      const { code, stdout } = await debian.run(
        ['named-compilezone', '-k', 'fail', '-o', '-', name, '/zone'],
        { files: { '/zone': `$TTL 60\n@ SOA ns.invalid. x.invalid. 1 1 1 1 1\n@ NS ns.invalid.\n${zone}` } },
      );
      expect(code, stdout).toBe(0);
      if (name === 'example.com') {
        const [, encoded = ''] = /rua=mailto:([^;"]*)/.exec(stdout) ?? [];
        expect(decodeURIComponent(encoded)).toBe(elsewhere);
        // RFC 7489 section 6.2: these two end an address.
        expect(encoded).not.toMatch(/[,!]/);
      }
    }
  });
});

const folder = mkdtempSync(join(tmpdir(), 'mailc-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

describeServers('awkward values', (kind) => {
  test.skipIf(!hasPsql)('reach PostgreSQL by psql', async () => {
    const database = await kind.create();
    const file = join(folder, 'sync.sql');
    writeFileSync(file, textOf('database/sync.sql'));
    const run = runPsql(database.url ?? '', file, '-v', `mail_password=${relayPassword}`);
    expect(run).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const { rows } = await withTarget(database, (target) => target.read());
    expect(rows).toEqual(asLive(compiled.system));
    // The role is the whole server's, and its name is one of a kind here: a keyword.
    await database.query('DROP OWNED BY "select"; DROP ROLE "select"');
  });
});
