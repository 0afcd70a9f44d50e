// Stands in for the Razor network: one server that is its own discovery, for razor-agents 2.8, which ask what is known
// of a message's signatures.

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

export interface RazorServer {
  /** From now on every signature is known as that of spam, or none is. */
  readonly know: (spam: boolean) => void;
  /** How many signatures were asked for. */
  readonly asked: () => number;
  readonly stop: () => Promise<void>;
}

/** On port 2703, where razor-agents look. */
export async function startRazorServer(address: string): Promise<RazorServer> {
  let spam = false;
  let asked = 0;
  const answer = (query: string): string => {
    if (query === 'a=g&pm=csl' || query === 'a=g&pm=nsl')
      return `-${query.slice(-3)}=?\r\n${address}\r\n.\r\n`;
    // Average confidence, lines and kilobytes of a batch, and which engines there are: 4 and 8, a bit each.
    if (query === 'a=g&pm=state') return 'ac=20&bql=50&bqs=64&se=88\r\n';
    const signatures = query.replace(/^-/, '').split('\r\n');
    asked += signatures.length;
    const verdict = spam ? 'p=1&cf=100' : 'p=0';
    return signatures.length === 1
      ? `${verdict}\r\n`
      : `-${signatures.map(() => `${verdict}\r\n`).join('')}.\r\n`;
  };

  const connections = new Set<Socket>();
  const server = createServer((connection) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
    connection.on('error', () => {});
    connection.write('sn=C&srl=1&ep4=7542-10&a=l\r\n');
    let received = '';
    connection.on('data', (data) => {
      received += data.toString('latin1');
      for (;;) {
        // A batch begins with a dash and ends with a dot; anything else is one line.
        const end = received.startsWith('-') ? '\r\n.\r\n' : '\r\n';
        const at = received.indexOf(end);
        if (at < 0) return;
        const query = received.slice(0, at);
        received = received.slice(at + end.length);
        if (query === 'a=q') connection.end();
        else connection.write(answer(query));
      }
    });
  });
  server.listen(2703, address);
  await once(server, 'listening');
  return {
    know: (next) => {
      spam = next;
    },
    asked: () => asked,
    stop: async () => {
      for (const connection of connections) connection.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
