/** What the zone's template is given: names relative to the domain, reasons wrapped, neighbours together. */
import type { TemplateViews } from '../../src/generated/templates.js';
import { zoneComment, zoneName, zoneText } from '../../src/render/escape/zone.ts';
import { type Escaped, trusted, UnescapableError } from '../../src/render/escaped.ts';
import { generatedNotice } from '../../src/render/host-layout.ts';
import type { DnsData, DnsRecord, DomainDns } from './records.ts';

type ZoneView = TemplateViews['dns/domain.zone'];
type RecordView = ZoneView['groups'][number]['records'][number];

export function zoneView({ domain, records, notes }: DomainDns): ZoneView {
  const groups: { readonly text: string; readonly members: DnsRecord[] }[] = [];
  for (const record of records) {
    const last = groups.at(-1);
    if (last?.text === record.reason) last.members.push(record);
    else groups.push({ text: record.reason, members: [record] });
  }
  return {
    notice: zoneComment(generatedNotice),
    domain: zoneComment(domain),
    origin: zoneName(domain),
    notes: notes.map(wrap),
    groups: groups.map(({ text, members }) => ({
      reason: wrap(text),
      records: recordViews(members, domain),
    })),
  };
}

function recordViews(records: readonly DnsRecord[], origin: string): readonly RecordView[] {
  const names = records.map(({ name }) => zoneName(name, origin));
  const width = names.reduce((longest, name) => Math.max(longest, name.length), 0);
  return records.map(({ ttl, data }, index) => ({
    name: trusted<'zone'>((names[index] ?? '').padEnd(width)),
    ttl: number(ttl),
    type: trusted<'zone'>(data.type),
    data: recordData(data, origin),
  }));
}

function recordData(data: DnsData, origin: string): Escaped<'zone'> {
  switch (data.type) {
    case 'A':
    case 'AAAA':
      return address(data.address);
    case 'MX':
      return trusted<'zone'>(`${data.preference} ${zoneName(data.exchange, origin)}`);
    case 'SRV':
      return trusted<'zone'>(`${data.priority} ${data.weight} ${data.port} ${zoneName(data.target, origin)}`);
    case 'TXT':
      return zoneText(data.text);
    case 'CAA':
      return trusted<'zone'>(`${data.flags} ${data.tag} ${zoneText(data.value)}`);
  }
}

/** `resolve` has normalised it; this only makes sure that it can be nothing else. */
function address(text: string): Escaped<'zone'> {
  if (!/^[0-9a-f.:]+$/.test(text)) throw new UnescapableError('zone', 'it is no address');
  return trusted<'zone'>(text);
}

function number(value: number): Escaped<'zone'> {
  return trusted<'zone'>(String(value));
}

/** Lines of at most 108 characters, beside the comment sign. */
function wrap(text: string): readonly Escaped<'zone'>[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > 108) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.map(zoneComment);
}
