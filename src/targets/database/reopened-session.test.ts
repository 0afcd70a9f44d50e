import { expect, test } from 'vitest';
import { type OpenConnection, reopened } from './reopened-session.ts';
import type { Session } from './session.ts';

/** Connections that come up when the test says so, and tell which of them were closed. */
function aServer() {
  const closed: number[] = [];
  const broken = new Set<number>();
  const ready: (() => void)[] = [];
  const connect = (): Promise<OpenConnection> =>
    new Promise((resolve) => {
      const number = ready.length;
      const session: Session = {
        query: async () => ({ rows: [], affected: 0 }),
        queryEach: async () => [],
        copyIn: async () => {},
        cancel: async () => {},
        outcome: async () => null,
        close: async () => void closed.push(number),
      };
      const isBroken = () => broken.has(number);
      ready.push(() => resolve({ session, name: 'test', password: null, isBroken }));
    });
  return { connect, ready, closed, broken };
}

test('what is still being opened when it is closed is closed too', async () => {
  const { connect, ready, closed } = aServer();
  const session = reopened(connect);
  const opened = session.open();
  await new Promise(setImmediate);
  const close = session.close();
  ready[0]?.();
  await Promise.all([opened, close]);
  expect(closed).toEqual([0]);
});

test('once closed it is not opened again', async () => {
  const { connect, ready } = aServer();
  const session = reopened(connect);
  await session.close();
  await expect(session.open()).rejects.toThrow('closed');
  expect(ready).toEqual([]);
});

test('two that need it at once get one connection', async () => {
  const { connect, ready } = aServer();
  const session = reopened(connect);
  const both = Promise.all([session.open(), session.open()]);
  await new Promise(setImmediate);
  ready[0]?.();
  await both;
  expect(ready).toHaveLength(1);
});

test('a connection that broke is closed, and another one takes its place', async () => {
  const { connect, ready, closed, broken } = aServer();
  const session = reopened(connect);
  for (const number of [0, 1]) {
    const opened = session.open();
    await new Promise(setImmediate);
    ready[number]?.();
    await opened;
    broken.add(number);
  }
  expect(closed).toEqual([0]);
});
