// Files by HTTP, from the test's own process: what the system would fetch from the world outside.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface WebServer {
  /** Without a slash at its end. */
  readonly url: string;
  /** Path, with a slash in front, to content; any other path is 404. Changes count from the next request on. */
  readonly files: Map<string, string | Buffer>;
  /** Every path that was asked for, in order. */
  readonly asked: readonly string[];
  readonly stop: () => Promise<void>;
}

export async function startWebServer(address: string): Promise<WebServer> {
  const files = new Map<string, string | Buffer>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').replace(/\?.*/, '');
    asked.push(path);
    const content = files.get(path);
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': 'application/octet-stream' });
    response.end(request.method === 'HEAD' ? '' : (content ?? ''));
  });
  server.listen(0, address);
  await once(server, 'listening');
  return {
    url: `http://${address}:${(server.address() as AddressInfo).port}`,
    files,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
