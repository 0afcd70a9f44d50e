// Stands in for the Pyzor network: answers how often a digest was reported (the protocol is pyzor's own, over UDP).

import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface PyzorServer {
  /** What every digest is answered from now on. */
  readonly answer: (count: number) => void;
  /** How many questions there were. */
  readonly asked: () => number;
  readonly stop: () => Promise<void>;
}

export async function startPyzorServer(address: string): Promise<PyzorServer> {
  let count = 0;
  let asked = 0;
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    const thread = /^Thread: *(\d+)/m.exec(message.toString('latin1'))?.[1] ?? '0';
    asked += 1;
    const lines = [
      'Code: 200',
      'Diag: OK',
      'PV: 2.1',
      `Thread: ${thread}`,
      `Count: ${count}`,
      'WL-Count: 0',
      '',
      '',
    ];
    socket.send(lines.join('\n'), from.port, from.address);
  });
  socket.bind(24441, address);
  await once(socket, 'listening');
  return {
    answer: (next) => {
      count = next;
    },
    asked: () => asked,
    stop: () => new Promise((done) => socket.close(() => done())),
  };
}
