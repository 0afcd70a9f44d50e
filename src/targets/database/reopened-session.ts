/** A session that is opened when it is needed, again where its connection broke, and never after it was closed. */
import type { Connected } from './connect.ts';
import type { Session } from './session.ts';

export interface OpenConnection extends Connected {
  readonly isBroken: () => boolean;
}

export interface ReopenedSession extends Session {
  /** Before anything that begins anew. What is in the middle of something fails with its connection. */
  readonly open: () => Promise<void>;
}

/** `close` leaves nothing behind, not even what somebody who has given up waiting for it was still opening. */
export function reopened(connectAnew: () => Promise<OpenConnection>): ReopenedSession {
  let current: OpenConnection | null = null;
  let opening: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  const session = (): Session => {
    if (current === null) throw new Error('the connection is not open');
    return current.session;
  };
  const connect = async (): Promise<void> => {
    if (isClosed) throw new Error('the connection was closed');
    if (current?.isBroken() === false) return;
    const before = current;
    current = null;
    await before?.session.close().catch(() => {});
    current = await connectAnew();
  };
  return {
    // One after the other: a second connection would be one that nobody closes.
    open: () => {
      const opened = opening.then(connect);
      opening = opened.catch(() => {});
      return opened;
    },
    query: (text, parameters) => session().query(text, parameters),
    queryEach: (texts) => session().queryEach(texts),
    copyIn: (block) => session().copyIn(block),
    cancel: () => session().cancel(),
    outcome: (transaction) => session().outcome(transaction),
    close: async () => {
      isClosed = true;
      await opening;
      await current?.session.close().catch(() => {});
      current = null;
    },
  };
}
