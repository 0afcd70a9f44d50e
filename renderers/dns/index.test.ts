// What a domain publishes, and that BIND loads it.

import { describe, expect, it } from 'vitest';
import { printContent } from '../../src/render/secret-marker.ts';
import { describeReal } from '../../test/debian/debian13.ts';
import type { Differences, DomainDifferences } from '../../test/support/a-mail-system.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import { dns, printZone } from './index.ts';
import { allDnsRecords, type DnsData, type PublicKeys } from './records.ts';

const noKeys: PublicKeys = new Map();
const aKey = `MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A${'b'.repeat(360)}`;

/** The domain `name` of a system, as data. */
function ask(name: string, differences: Differences = {}, publicKeys = noKeys) {
  const all = allDnsRecords(aMailSystem(differences), publicKeys);
  const { records, notes } = all.find(({ domain }) => domain === name) ?? { records: [], notes: [] };
  const at = (type: DnsData['type'], owner = name) =>
    records.filter((record) => record.name === owner && record.data.type === type).map(({ data }) => data);
  const text = (owner = name) => at('TXT', owner).map((data) => (data.type === 'TXT' ? data.text : ''));
  return { records, notes, at, text };
}

const domain = (differences: Omit<DomainDifferences, 'name'>) => ({
  domains: [{ name: 'example.com', ...differences }],
});

describe('mail exchanges', () => {
  it('are the hosts that publish the smtp port, the first one first', () => {
    const hosts = [
      'mx1.example.com',
      'mx2.example.com',
      { name: 'out.example.com', ports: { smtp: null } },
      { name: 'store.example.com', services: ['dovecot' as const] },
    ];
    expect(ask('example.com', { hosts }).at('MX')).toEqual([
      { type: 'MX', preference: 10, exchange: 'mx1.example.com' },
      { type: 'MX', preference: 20, exchange: 'mx2.example.com' },
    ]);
  });

  it('are the same for an alias domain', () => {
    const domains = ['example.com', { name: 'example.net', aliasOf: 'example.com' }];
    expect(ask('example.net', { domains }).at('MX')).toHaveLength(1);
  });
});

describe('hosts', () => {
  it('have their addresses in the domain that their name lies in', () => {
    const { at } = ask('example.com');
    expect(at('A', 'mail.example.com')).toEqual([{ type: 'A', address: '203.0.113.10' }]);
    expect(at('AAAA', 'mail.example.com')).toEqual([{ type: 'AAAA', address: '2001:db8::10' }]);
  });

  it('are left to the nearest hosted domain, and to others', () => {
    const hosts = ['mail.dept.example.com', 'mail.provider.net'];
    const domains = ['dept.example.com', 'example.com'];
    expect(ask('dept.example.com', { hosts, domains }).at('A', 'mail.dept.example.com')).toHaveLength(1);
    expect(ask('example.com', { hosts, domains }).records.some(({ data }) => data.type === 'A')).toBe(false);
  });

  it('may say HELO with their name', () => {
    expect(ask('example.com').text('mail.example.com')).toEqual(['v=spf1 a -all']);
  });

  it('have one SPF record even when they are named like the domain', () => {
    expect(ask('example.com', { hosts: ['example.com'] }).text()).toEqual(['v=spf1 mx ~all']);
  });

  it('need reverse DNS, which only a note can ask for', () => {
    expect(ask('example.com').notes.join('\n')).toContain('2001:db8::10 must resolve to mail.example.com');
  });
});

describe('SPF', () => {
  it('allows the mail exchanges', () => expect(ask('example.com').text()).toEqual(['v=spf1 mx ~all']));

  it('allows hosts that only send', () => {
    const hosts = ['mail.example.com', { name: 'out.example.com', ports: { smtp: null } }];
    expect(ask('example.com', { hosts }).text()).toEqual(['v=spf1 mx a:out.example.com ~all']);
  });

  it('includes what the smarthost publishes', () => {
    const relay = { spfInclude: 'spf.provider.example' };
    expect(ask('example.com', { relay }).text()).toEqual(['v=spf1 mx include:spf.provider.example ~all']);
  });

  it('allows the smarthost itself when nothing better is known, and says so', () => {
    const { text, notes } = ask('example.com', { relay: {} });
    expect(text()).toEqual(['v=spf1 mx a:smtp.provider.example ~all']);
    expect(notes.join('\n')).toContain('relay.spf_include');
  });
});

describe('DKIM', () => {
  const owner = 'mail._domainkey.example.com';
  const dkim = {
    selector: 'mail',
    publicKey: aKey,
    secret: 'dkim.example.com.mail',
    next: null,
    previous: null,
  };

  it('publishes the key that mail.yaml gives', () => {
    expect(ask('example.com', domain({ dkim })).text(owner)).toEqual([`v=DKIM1; h=sha256; k=rsa; p=${aKey}`]);
  });

  it('prefers the key that was found on the host', () => {
    const found = new Map([['dkim.example.com.mail', 'FOUND']]);
    expect(ask('example.com', domain({ dkim }), found).text(owner)).toEqual([
      'v=DKIM1; h=sha256; k=rsa; p=FOUND',
    ]);
  });

  it('publishes every key of a rotation', () => {
    const key = (selector: string) => ({ selector, publicKey: aKey, secret: `dkim.example.com.${selector}` });
    const { records, notes } = ask(
      'example.com',
      domain({ dkim: { ...key('s2'), next: { ...key('s3'), publicKey: null }, previous: key('s1') } }),
    );
    expect(records.filter(({ name }) => name.includes('_domainkey')).map(({ name }) => name)).toEqual([
      's1._domainkey.example.com',
      's2._domainkey.example.com',
    ]);
    expect(notes.join('\n')).toContain('the key s3 of example.com is made on the host at the next apply');
  });

  it('tells how to get a key that only the host knows', () => {
    const { text, notes } = ask('example.com', domain({ dkim: { ...dkim, publicKey: null } }));
    expect(text(owner)).toEqual([]);
    expect(notes.join('\n')).toContain('"mailc dns example.com --root /"');
  });

  it('names the host that has it, where there are several', () => {
    const hosts = [{ name: 'a.example.com', services: ['dovecot' as const] }, 'b.example.com'];
    expect(ask('example.com', { hosts }).notes.join('\n')).toContain('--root / --host b.example.com"');
  });

  it('is silent where mail is not signed', () => {
    const { records, notes } = ask('example.com', domain({ dkim: null }));
    expect(JSON.stringify([records, notes])).not.toContain('_domainkey');
  });
});

describe('DMARC', () => {
  it('says the policy and where to report', () => {
    const dmarc = { policy: 'reject' as const, reportTo: 'dmarc@example.com' };
    expect(ask('example.com', domain({ dmarc })).text('_dmarc.example.com')).toEqual([
      'v=DMARC1; p=reject; rua=mailto:dmarc@example.com',
    ]);
  });

  it('encodes what would end the address', () => {
    expect(
      ask('example.com', domain({ dmarc: { reportTo: 'a!b,c;d@example.com' } })).text('_dmarc.example.com'),
    ).toEqual(['v=DMARC1; p=quarantine; rua=mailto:a%21b%2Cc%3Bd@example.com']);
  });

  it('lets another hosted domain agree to its reports', () => {
    const domains = ['example.com', { name: 'example.net', dmarc: { reportTo: 'dmarc@example.com' } }];
    expect(ask('example.com', { domains }).text('example.net._report._dmarc.example.com')).toEqual([
      'v=DMARC1',
    ]);
    expect(ask('example.net', { domains }).notes.join('\n')).not.toContain('_report');
  });

  it('notes what a domain elsewhere has to publish', () => {
    const { notes } = ask('example.com', domain({ dmarc: { reportTo: 'dmarc@elsewhere.org' } }));
    expect(notes.join('\n')).toContain('example.com._report._dmarc.elsewhere.org');
  });
});

describe('MTA-STS and TLS-RPT', () => {
  it('report on TLS in any case', () => {
    expect(ask('example.com').text('_smtp._tls.example.com')).toEqual([
      'v=TLSRPTv1; rua=mailto:postmaster@example.com',
    ]);
    expect(ask('example.com').text('_mta-sts.example.com')).toEqual([]);
  });

  it('have an id that changes exactly with the policy', () => {
    const id = (differences: Differences) => ask('example.com', differences).text('_mta-sts.example.com')[0];
    const enforced = id(domain({ mtaSts: 'enforce' }));
    expect(enforced).toMatch(/^v=STSv1; id=[0-9a-f]{20}$/);
    expect(id({ ...domain({ mtaSts: 'enforce' }), dns: { ttl: 60 } })).toBe(enforced);
    expect(id(domain({ mtaSts: 'testing' }))).not.toBe(enforced);
    expect(id({ ...domain({ mtaSts: 'enforce' }), hosts: ['mx2.example.com'] })).not.toBe(enforced);
  });

  it('come with the policy that a web server has to give', () => {
    const { artifacts } = dns.render(aMailSystem(domain({ mtaSts: 'enforce' })));
    const policy = artifacts.find(({ path }) => path === 'dns/example.com.mta-sts.txt');
    expect(printContent(policy?.content ?? [])).toBe(
      'version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 604800\n',
    );
  });
});

describe('services for mail programs', () => {
  const srv = (port: number, priority = 0) => ({
    type: 'SRV',
    priority,
    weight: 1,
    port,
    target: 'mail.example.com',
  });

  it('prefer TLS from the first byte', () => {
    const { at } = ask('example.com');
    expect(at('SRV', '_imaps._tcp.example.com')).toEqual([srv(993)]);
    expect(at('SRV', '_imap._tcp.example.com')).toEqual([srv(143, 10)]);
    expect(at('SRV', '_submissions._tcp.example.com')).toEqual([srv(465)]);
    expect(at('SRV', '_sieve._tcp.example.com')).toEqual([srv(4190)]);
  });

  it('are denied where they are not published', () => {
    const { at } = ask('example.com', {
      hosts: [{ name: 'mail.example.com', ports: { pop3: null, sieve: null } }],
    });
    expect(at('SRV', '_pop3._tcp.example.com')).toEqual([
      { type: 'SRV', priority: 0, weight: 0, port: 0, target: '.' },
    ]);
    expect(at('SRV', '_sieve._tcp.example.com')).toEqual([]);
  });
});

describe('certificate authorities', () => {
  it('are those of mail.yaml', () => {
    expect(ask('example.com').at('CAA')).toEqual([
      { type: 'CAA', flags: 0, tag: 'issue', value: 'letsencrypt.org' },
    ]);
    expect(ask('example.com', { dns: { caa: [] } }).at('CAA')).toEqual([]);
  });
});

describeReal('named-checkzone', (debian) => {
  const key = (selector: string) => ({
    selector,
    publicKey: aKey,
    secret: `dkim.${selector}`,
    next: null,
    previous: null,
  });
  const systems: readonly (readonly [string, Differences])[] = [
    ['a usual domain', {}],
    [
      'a domain with everything',
      domain({ dkim: key('mail'), mtaSts: 'enforce', dmarc: { reportTo: 'd@elsewhere.org' } }),
    ],
    ['an awkward report address', domain({ dmarc: { reportTo: 'a";\\b(c)@example.com' } })],
    ['a domain of A-labels', { domains: ['xn--mnchen-3ya.example'] }],
    ['several hosts', { hosts: ['mx1.example.com', 'mx2.example.com'], relay: {} }],
  ];

  it.each(systems)('loads the zone of %s without a word', async (_, differences) => {
    const system = aMailSystem(differences);
    for (const domainDns of allDnsRecords(system, noKeys)) {
      // The domain's own zone: what is not mailc's, and the file.
      const zone = `$TTL 3600\n@ SOA ns.example.org. root.example.org. 1 7200 3600 1209600 3600\n@ NS ns.example.org.\n$INCLUDE /mail.zone\n`;
      const { code, stdout, stderr } = await debian.run(
        [
          'named-checkzone',
          '-k',
          'fail',
          '-n',
          'fail',
          '-S',
          'fail',
          '-m',
          'fail',
          '-i',
          'local',
          '-q',
          domainDns.domain,
          '/zone',
        ],
        { files: { '/zone': zone, '/mail.zone': printContent(printZone(domainDns)) } },
      );
      expect({ code, stdout, stderr }, domainDns.domain).toEqual({ code: 0, stdout: '', stderr: '' });
    }
  });

  it('reads back a key that takes several strings', async () => {
    const system = aMailSystem(domain({ dkim: key('mail') }));
    const [domainDns] = allDnsRecords(system, noKeys);
    if (domainDns === undefined) throw new Error('no domain');
    const zone = `@ 60 SOA ns.example.org. root.example.org. 1 1 1 1 60\n@ 60 NS ns.example.org.\n${printContent(printZone(domainDns))}`;
    const { stdout } = await debian.run(
      ['named-compilezone', '-q', '-s', 'full', '-o', '-', 'example.com', '/zone'],
      {
        files: { '/zone': zone },
      },
    );
    const line =
      stdout.split('\n').find((candidate) => candidate.startsWith('mail._domainkey.example.com.')) ?? '';
    expect(line.slice(line.indexOf('"') + 1, -1).replace('" "', '')).toBe(
      `v=DKIM1; h=sha256; k=rsa; p=${aKey}`,
    );
  });
});
