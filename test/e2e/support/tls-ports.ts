// Every port that has TLS, up to where it begins: at once, or after what the port's protocol has for STARTTLS.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import type { World } from './shared.ts';

/** What is said, if anything, and the line that the answer ends with. */
interface Step {
  readonly say?: string;
  readonly until: RegExp;
}

export interface TlsPort {
  readonly name: string;
  readonly service: 'postfix' | 'dovecot';
  readonly port: number;
  /** Up to TLS. */
  readonly before: readonly Step[];
  /** Within TLS: something that only the protocol's own server answers so. */
  readonly within: readonly Step[];
  /** The number of the client's address; that of the mail host of elsewhere.example where there is none. */
  readonly client?: number;
}

const smtp: readonly Step[] = [
  { until: /^220 / },
  { say: 'EHLO x.example', until: /^250 / },
  { say: 'STARTTLS', until: /^220 / },
];
const ehlo: readonly Step[] = [{ say: 'EHLO x.example', until: /^250 / }];
/** Whom postscreen does not let through: of the block list. */
export const listedClient = 248;

export const tlsPorts: readonly TlsPort[] = [
  { name: '25', service: 'postfix', port: 25, before: smtp, within: ehlo },
  // Which has a TLS of its own (tlsproxy) for who never gets past it.
  {
    name: '25, of postscreen',
    service: 'postfix',
    port: 25,
    before: smtp,
    within: [
      ...ehlo,
      { say: 'MAIL FROM:<x@elsewhere.example>', until: /^250 / },
      { say: 'RCPT TO:<bob@example.com>', until: /^550 .* blocked using/ },
    ],
    client: listedClient,
  },
  { name: '587', service: 'postfix', port: 587, before: smtp, within: ehlo },
  { name: '465', service: 'postfix', port: 465, before: [], within: [{ until: /^220 / }] },
  {
    name: '143',
    service: 'dovecot',
    port: 143,
    before: [{ until: /^\* OK/ }, { say: 'a STARTTLS', until: /^a OK/ }],
    within: [{ say: 'b CAPABILITY', until: /^b OK/ }],
  },
  { name: '993', service: 'dovecot', port: 993, before: [], within: [{ until: /^\* OK/ }] },
  {
    name: '110',
    service: 'dovecot',
    port: 110,
    before: [{ until: /^\+OK/ }, { say: 'STLS', until: /^\+OK/ }],
    within: [{ say: 'CAPA', until: /^\.$/ }],
  },
  { name: '995', service: 'dovecot', port: 995, before: [], within: [{ until: /^\+OK/ }] },
  {
    name: '4190',
    service: 'dovecot',
    port: 4190,
    before: [{ until: /^OK/ }, { say: 'STARTTLS', until: /^OK/ }],
    // It says anew what it can do, unasked.
    within: [{ until: /^OK/ }],
  },
];

/** A connection on which TLS comes next. */
export async function connectTo(world: World, { service, port, before, client }: TlsPort): Promise<Socket> {
  const socket = connect({
    host: await world.addressOf(service),
    port,
    localAddress: client === undefined ? world.outside.address : await world.outsideAddress(client),
  });
  socket.setTimeout(30_000, () => socket.destroy(new Error(`port ${port} says nothing for 30 seconds`)));
  await once(socket, 'connect');
  for (const step of before) await take(socket, step);
  return socket;
}

/** Rejects with the alert of the server where it refuses. */
export async function speakTls(socket: Socket, tls: ConnectionOptions): Promise<TLSSocket> {
  const secure = connectTls({ ...tls, socket });
  await once(secure, 'secureConnect');
  return secure;
}

/** The line that the step waits for. */
export async function take(socket: Socket, { say, until }: Step): Promise<string> {
  if (say !== undefined) socket.write(`${say}\r\n`);
  for (let received = ''; ; ) {
    const [data] = await once(socket, 'data');
    received += data.toString('latin1');
    const line = received
      .split('\r\n')
      .slice(0, -1)
      .find((one) => until.test(one));
    if (line !== undefined) return line;
  }
}
