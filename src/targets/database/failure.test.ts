// What is said of a database that cannot be used: what is wrong, what to do, and never the password.

import { createServer, type Server } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import { openDatabaseTarget } from './database-target.ts';
import { databaseFailure } from './failure.ts';

const canary = 'c4n%r\'y"$';

async function failureOf(location: string): Promise<{ code: string; text: string }> {
  try {
    await (await openDatabaseTarget(location, { workingFolder: '/' })).close();
  } catch (cause) {
    if (!(cause instanceof DiagnosticError)) throw cause;
    // Everything that could be printed of it, the stack and properties of its own included.
    const text = [
      cause.stack,
      JSON.stringify(cause),
      JSON.stringify(Object.getOwnPropertyDescriptors(cause)),
    ].join('\n');
    return { code: cause.diagnostics[0]?.code ?? '', text: `${cause.message}\n${text}` };
  }
  throw new Error('it should have failed');
}

/** Says one thing to whoever connects. */
function aServer(answer: Buffer): Promise<Server> {
  const server = createServer((socket) =>
    socket.once('data', () => socket.end(answer)).on('error', () => {}),
  );
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function errorResponse(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.from('E\0\0\0\0');
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

describe('a database that cannot be used', () => {
  it.each([
    ['', 'database-url-invalid'],
    [`mysql://root:${canary}@localhost/mail`, 'database-url-invalid'],
    [`postgresql://postgres:${canary}@local host:port/mail`, 'database-url-invalid'],
    [`postgresql://postgres:${canary}@localhost:99999/mail`, 'database-url-invalid'],
    ['embedded:', 'database-url-invalid'],
    [`postgresql://postgres:${encodeURIComponent(canary)}@127.0.0.1:1/mail`, 'database-unreachable'],
    [`postgresql://postgres:${encodeURIComponent(canary)}@nowhere.invalid/mail`, 'database-unreachable'],
    [
      `postgresql://postgres:${encodeURIComponent(canary)}@127.0.0.1:1/mail?sslmode=verify-ca`,
      'database-url-invalid',
    ],
    [`postgresql:///mail?host=/nowhere&password=${encodeURIComponent(canary)}`, 'database-unreachable'],
  ])('%#: says so', async (location, code) => {
    const failure = await failureOf(location);
    expect(failure.code).toBe(code);
    expect(failure.text).not.toContain(canary);
    expect(failure.text).not.toContain(encodeURIComponent(canary));
  });

  describe('because the server refuses', () => {
    const servers: Server[] = [];
    afterAll(() => {
      for (const server of servers) server.close();
    });
    it.each([
      ['28P01', 'password authentication failed', 'database-login-refused'],
      ['28000', 'no pg_hba.conf entry for host "::1", no encryption', 'database-login-refused'],
      ['3D000', 'database "mail" does not exist', 'database-not-found'],
      ['53300', 'too many clients already', 'database-unreachable'],
      ['57P03', 'the database system is starting up', 'database-unreachable'],
      ['XX000', `${canary} is a funny password`, 'database-unreachable'],
    ])('with %s, %s', async (sqlstate, message, code) => {
      const server = await aServer(errorResponse(sqlstate, message));
      servers.push(server);
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : null;
      const failure = await failureOf(
        `postgresql://postgres:${encodeURIComponent(canary)}@127.0.0.1:${port}/mail`,
      );
      expect(failure.code).toBe(code);
      expect(failure.text).toContain(`database mail on 127.0.0.1:${port}: `);
      expect(failure.text).not.toContain(canary);
    });
  });
});

describe('a statement that fails', () => {
  const failed = (cause: unknown) =>
    databaseFailure(cause, { database: 'it', phase: 'use', password: null }).diagnostics[0];

  it.each([
    [{ code: '42501', message: 'permission denied for table users' }, 'database-permission'],
    [{ code: '25006', message: 'cannot execute INSERT in a read-only transaction' }, 'database-permission'],
    [{ code: '55P03', message: 'canceling statement due to lock timeout' }, 'database-locked'],
    [{ code: '57P01', message: 'terminating connection' }, 'database-connection-lost'],
    [{ code: 'ECONNRESET', message: 'read ECONNRESET' }, 'database-connection-lost'],
    [{ message: 'Connection terminated unexpectedly' }, 'database-connection-lost'],
    [{ code: '53100', message: 'could not extend file: No space left on device' }, 'database-failed'],
  ])('has a code: %j', (properties, code) => {
    expect(failed(Object.assign(new Error(properties.message), properties))?.code).toBe(code);
  });

  it('never shows a row', () => {
    const cause = Object.assign(new Error('new row violates a constraint\nsecond line'), {
      code: '23514',
      detail: 'Failing row contains (bob, {SHA512-CRYPT}$6$secret)',
      where: 'COPY desired_user, line 1: "bob {SHA512-CRYPT}$6$secret"',
    });
    expect(JSON.stringify(failed(cause))).not.toContain('secret');
    expect(failed(cause)?.message).toBe('it: new row violates a constraint');
  });
});
