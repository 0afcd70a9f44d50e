/** Holds what DNS answers against the records that mail.yaml asks for, as those who read the records would. */
import type { DnsData, DnsRecord } from './records.ts';

/** All records of one name that answer one question: its MX, or its one SPF record among other TXT. */
export interface RecordSet {
  readonly name: string;
  readonly type: DnsData['type'];
  readonly wanted: readonly DnsData[];
}

export type Comparison = 'same' | 'missing' | 'different';

/** In the order of the first record of each. */
export function recordSets(records: readonly DnsRecord[]): readonly RecordSet[] {
  const sets = new Map<string, { name: string; type: DnsData['type']; wanted: DnsData[] }>();
  for (const { name, data } of records) {
    const key = `${name} ${data.type} ${data.type === 'TXT' ? kindOfText(data.text) : ''}`;
    const set = sets.get(key) ?? { name, type: data.type, wanted: [] };
    set.wanted.push(data);
    sets.set(key, set);
  }
  return [...sets.values()];
}

/** Of `found`, the data that has to do with the set: a name may have TXT records for other purposes. */
export function relevant(set: RecordSet, found: readonly DnsData[]): readonly DnsData[] {
  const [first] = set.wanted;
  if (first?.type !== 'TXT') return found;
  // Nothing but keys stands there (RFC 6376 section 3.6.2.2), and the tag v= may be left out.
  if (isDkimName(set.name)) return found;
  const kind = kindOfText(first.text);
  return found.filter((data) => data.type === 'TXT' && kindOfText(data.text) === kind);
}

/** `found` is {@link relevant}. More than what is wanted is different too: two SPF records are none (RFC 7208). */
export function compareRecords(set: RecordSet, found: readonly DnsData[]): Comparison {
  if (found.length === 0) return 'missing';
  const canonical = (all: readonly DnsData[]): string =>
    all
      .map((data) => canonicalData(data, set.name))
      .sort()
      .join('\n');
  return canonical(set.wanted) === canonical(found) ? 'same' : 'different';
}

/** The data as in a zone, on one line. */
export function printData(data: DnsData): string {
  switch (data.type) {
    case 'A':
    case 'AAAA':
      return data.address;
    case 'MX':
      return `${data.preference} ${data.exchange}`;
    case 'SRV':
      return `${data.priority} ${data.weight} ${data.port} ${data.target}`;
    case 'TXT':
      return data.text;
    case 'CAA':
      return `${data.flags} ${data.tag} ${data.value}`;
  }
}

function canonicalData(data: DnsData, name: string): string {
  if (data.type !== 'TXT') return printData(data).toLowerCase();
  if (isDkimName(name)) return canonicalKey(data.text);
  if (kindOfText(data.text) === 'v=spf1') return data.text.trim().toLowerCase().replace(/ +/g, ' ');
  return canonicalTags(tagsOf(data.text));
}

function isDkimName(name: string): boolean {
  return name.includes('._domainkey.');
}

function kindOfText(text: string): string {
  return (/^\s*v\s*=\s*[a-z0-9]+/i.exec(text)?.[0] ?? '').replaceAll(/\s/g, '').toLowerCase();
}

/** Tags by name, of `tag=value; tag=value` (RFC 6376 section 3.2). */
function tagsOf(text: string): ReadonlyMap<string, string> {
  const tags = text.split(';').filter((tag) => tag.trim() !== '');
  return new Map(
    tags.map((tag) => {
      const [name = '', ...value] = tag.split('=');
      return [name.trim(), value.join('=').trim()];
    }),
  );
}

function canonicalTags(tags: ReadonlyMap<string, string>): string {
  return JSON.stringify([...tags].sort());
}

/** What is left out has a meaning (RFC 6376 section 3.6.1), and white space in the key has none. */
function canonicalKey(text: string): string {
  const { v = 'DKIM1', k = 'rsa', h = '', s = '*', t = '', p = '' } = Object.fromEntries(tagsOf(text));
  const hashes = h === '' ? ['sha256'] : h.split(':').map((hash) => hash.trim());
  const services = s.split(':').map((service) => service.trim());
  const isTesting = t.split(':').some((flag) => flag.trim() === 'y');
  return JSON.stringify({
    version: v,
    type: k,
    verifiesSha256: hashes.includes('sha256'),
    forMail: services.includes('*') || services.includes('email'),
    isTesting,
    key: p.replaceAll(/\s/g, ''),
  });
}
