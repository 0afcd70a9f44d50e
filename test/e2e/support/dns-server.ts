// The DNS of the tests' world (RFC 1035): every name that is not written here does not exist.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, isIPv6, type Socket } from 'node:net';

const typeNumbers = { A: 1, CNAME: 5, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, CAA: 257 } as const;
export type RecordType = keyof typeof typeNumbers;

/** `MX` as `10 mx.elsewhere.example`, `TXT` as one string however long, `SRV` and `CAA` as in a zone without quotes. */
export type Zone = Readonly<Record<string, Readonly<Partial<Record<RecordType, readonly string[]>>>>>;

export interface DnsServer {
  /** Adds names, or replaces them whole. */
  readonly add: (zone: Zone) => void;
  /** In the shape of node:dns, for verifiers: rejects with ENOTFOUND or ENODATA. */
  readonly resolve: (name: string, type: string) => Promise<string[][] | string[]>;
  /** With its port. */
  readonly address: string;
  /** Every name that was asked for, lower-case. */
  readonly asked: ReadonlySet<string>;
  readonly stop: () => Promise<void>;
}

/** On port 53, where programs expect it; 0 is any that is free. */
export async function startDnsServer(address: string, wantedPort = 53): Promise<DnsServer> {
  const names = new Map<string, Zone[string]>();
  const asked = new Set<string>();
  const reply = (query: Buffer): Buffer | null => answer(names, asked, query);

  const udp = createSocket('udp4');
  udp.on('message', (query, from) => {
    const message = reply(query);
    if (message !== null) udp.send(message, from.port, from.address);
  });
  udp.bind(wantedPort, address);
  await once(udp, 'listening');
  const { port } = udp.address();

  const connections = new Set<Socket>();
  const tcp = createServer((connection) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
    connection.on('error', () => {});
    let received = Buffer.alloc(0);
    connection.on('data', (data) => {
      received = Buffer.concat([received, data]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        const message = reply(received.subarray(2, end));
        received = received.subarray(end);
        if (message !== null) connection.write(Buffer.concat([uint16(message.length), message]));
      }
    });
  });
  tcp.listen(port, address);
  await once(tcp, 'listening');

  return {
    add: (zone) => {
      for (const [name, records] of Object.entries(zone)) names.set(name.toLowerCase(), records);
    },
    resolve: (name, type) => {
      const records = names.get(name.toLowerCase());
      const values = records?.[type as RecordType];
      if (values === undefined) {
        const code = records === undefined ? 'ENOTFOUND' : 'ENODATA';
        return Promise.reject(Object.assign(new Error(`${code} ${name}`), { code }));
      }
      if (type === 'MX') return Promise.resolve(values.map(mailExchange) as unknown[] as string[]);
      return Promise.resolve(type === 'TXT' ? values.map((value) => [value]) : [...values]);
    },
    address: `${address}:${port}`,
    asked,
    stop: async () => {
      for (const connection of connections) connection.destroy();
      await Promise.all([
        new Promise<void>((done) => udp.close(() => done())),
        new Promise<void>((done) => tcp.close(() => done())),
      ]);
    },
  };
}

/** An object in node:dns, of which the types of verifiers know nothing. */
function mailExchange(value: string): { readonly priority: number; readonly exchange: string } {
  const [preference = '', exchange = ''] = value.split(' ');
  return { priority: Number(preference), exchange };
}

/** The name below which a PTR stands, such as `10.113.0.203.in-addr.arpa`; lists of addresses have the same labels. */
export function reverseName(address: string, zone = isIPv6(address) ? 'ip6.arpa' : 'in-addr.arpa'): string {
  const labels = isIPv6(address) ? [...ip6(address).toString('hex')] : address.split('.');
  return [...labels.reverse(), zone].join('.');
}

function answer(names: ReadonlyMap<string, Zone[string]>, asked: Set<string>, query: Buffer): Buffer | null {
  if (query.length < 17) return null;
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const questionEnd = at + 5;
  if (questionEnd > query.length) return null;
  const name = labels.join('.').toLowerCase();
  asked.add(name);
  const type = query.readUInt16BE(at + 1);
  const records = names.get(name);
  const exists = records !== undefined || [...names.keys()].some((other) => other.endsWith(`.${name}`));
  const answers = (Object.keys(records ?? {}) as RecordType[])
    .filter((key) => typeNumbers[key] === type || key === 'CNAME')
    .flatMap((key) => (records?.[key] ?? []).map((value) => record(typeNumbers[key], data(key, value))));
  const header = Buffer.concat([
    query.subarray(0, 2),
    // Response, authoritative, recursion as desired and available; 3 is NXDOMAIN.
    uint16(0x8480 | (query.readUInt16BE(2) & 0x0100) | (exists ? 0 : 3)),
    ...[1, answers.length, 0, 0].map(uint16),
  ]);
  return Buffer.concat([header, query.subarray(12, questionEnd), ...answers]);
}

/** Of the name that was asked for: a pointer to it, class IN, kept for no time. */
function record(type: number, value: Buffer): Buffer {
  return Buffer.concat([...[0xc00c, type, 1, 0, 0, value.length].map(uint16), value]);
}

function data(type: RecordType, value: string): Buffer {
  switch (type) {
    case 'A':
      return Buffer.from(value.split('.').map(Number));
    case 'AAAA':
      return ip6(value);
    case 'CNAME':
    case 'PTR':
      return domainName(value);
    case 'MX': {
      const { priority, exchange } = mailExchange(value);
      return Buffer.concat([uint16(priority), domainName(exchange)]);
    }
    case 'SRV': {
      const [priority, weight, port, target = ''] = value.split(' ');
      return Buffer.concat([...[priority, weight, port].map((n) => uint16(Number(n))), domainName(target)]);
    }
    case 'CAA': {
      const [flags, tag = '', text = ''] = value.split(' ');
      return Buffer.concat([
        Buffer.from([Number(flags), tag.length]),
        Buffer.from(`${tag}${text}`, 'latin1'),
      ]);
    }
    case 'TXT':
      return Buffer.concat(
        (value.match(/.{1,255}/gs) ?? ['']).map((part) =>
          Buffer.concat([Buffer.from([part.length]), Buffer.from(part, 'latin1')]),
        ),
      );
  }
}

function domainName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  const parts = labels.map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1'));
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function ip6(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return Buffer.concat([...before, ...zeros, ...after].map(uint16));
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}
