/** One pull at a time on a machine. The lock is a listening socket: the kernel drops it with its holder. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PullLock {
  readonly release: () => Promise<void>;
}

/** `folder` (absolute) is the agent's state. Null where another process has it. Leaves nothing behind on Linux. */
export function takePullLock(folder: string): Promise<PullLock | null> {
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 32);
  // An abstract address on Linux (unix(7)); elsewhere a pull is only ever tried out.
  const name = process.platform === 'linux' ? `\0mailc-pull-${id}` : join(tmpdir(), `mailc-pull-${id}.sock`);
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') resolve(null);
      else reject(cause);
    });
    server.listen(name, () => {
      server.unref();
      resolve({ release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
