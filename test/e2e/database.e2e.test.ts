// The database is away while mail comes in and many users ask for theirs: everybody is told "for now", by every
// protocol, nobody's password is called wrong, and all goes on as soon as it is back.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { connectSubmission, deliveryTime, pop3Of, receive, tlsOf } from './support/clients.ts';
import { Conversation } from './support/conversation.ts';
import { reloadLogLines } from './support/log-lines.ts';
import { passwords } from './support/organisation.ts';
import { outageLogLines } from './support/outage-log-lines.ts';
import { docker, eventually } from './support/run.ts';
import { describeWorld, type World } from './support/shared.ts';
import { SieveClient } from './support/sieve-client.ts';

const user = 'alice@example.com';

describeWorld(
  'while the database is away',
  (start) => {
    it('twenty logins at once wait for it, and succeed when it is back within seconds', async () => {
      const world = await start();
      const burst = await connectedUsers(world);
      await docker(['stop', 'postgres']);
      const answers = Promise.all(burst.map((login) => login()));
      await docker(['start', 'postgres']);
      const returned = Date.now();
      for (const answer of await answers) expect(answer).toMatch(letIn);
      // A process of Postfix whose last question failed asks again five seconds later (retry_interval).
      await sleep(Math.max(0, returned + 6000 - Date.now()));
    }, 120_000);

    it('twenty logins at once, mail and submission are refused for now, and for now only', async () => {
      const world = await start();
      const usual = await deliveryTime(world, user, 'the database is there');
      const burst = await connectedUsers(world);
      await docker(['stop', 'postgres']);
      let returned = 0;
      try {
        // Each login waits eleven seconds for the database.
        const answers = Promise.all(burst.map((login) => login()));
        const mail = { to: user, subject: 'no database' };
        expect(await receive(world, mail)).toMatchObject({
          code: expect.toSatisfy((code: number) => code >= 400 && code < 500),
        });
        // Before a password is asked for, so that no program thinks that it is wrong.
        await expect(connectSubmission(world)).rejects.toThrow(/^submission: 451 4\.3\.[0-5] /);
        for (const answer of await answers) {
          expect(answer).toMatch(
            /^(1 NO \[UNAVAILABLE\] |454 4\.7\.0 |POP3: -ERR \[SYS\/TEMP\] |ManageSieve: NO \(TRYLATER\) )/,
          );
        }
      } finally {
        returned = Date.now();
        await docker(['start', 'postgres']);
      }
      await Promise.all([
        ...Object.entries(logins).map(async ([protocol, connect]) => {
          const again = async () => letIn.test(await (await connect(world))());
          await eventually(`a login by ${protocol}`, () => again().catch(() => false), 10_000);
          expect(Date.now() - returned).toBeLessThan(10_000);
        }),
        deliveryTime(world, user, 'the database is back').then(() =>
          expect(Date.now() - returned).toBeLessThan(10_000 + usual),
        ),
      ]);
      // Else a process of Postfix that asks nothing until another file's tests do would learn only then, and say so,
      // that its connection is lost.
      await world.reload('postfix');
    }, 120_000);
  },
  [...outageLogLines, ...reloadLogLines],
);

const letIn = /^(1 OK|235|\+OK|OK)/;

/** Logs in, and gives the answer. */
type Login = () => Promise<string>;

/** As many as may wait for the database; connected before, since Postfix sends away who comes later. */
function connectedUsers(world: World): Promise<readonly Login[]> {
  const burst = [
    ...Array(9).fill(logins.imap),
    ...Array(9).fill(logins.submission),
    logins.pop3,
    logins.sieve,
  ];
  return Promise.all(burst.map((connect) => connect(world)));
}

/** Each is past the greeting, where that matters. */
const logins = {
  imap: async (world: World): Promise<Login> => {
    const client = await Conversation.open({
      host: await world.addressOf('dovecot'),
      port: 993,
      tls: tlsOf(world),
    });
    await client.line();
    return async () => {
      client.write(`1 LOGIN ${user} "${passwords[user]}"\r\n`);
      const answer = await client.line();
      client.close();
      return answer ?? 'no answer';
    };
  },
  submission: async (world: World): Promise<Login> => {
    const client = await connectSubmission(world);
    return async () => {
      const { code, text } = await client.authPlain(user, passwords[user]);
      client.conversation.close();
      return `${code} ${text}`;
    };
  },
  pop3:
    async (world: World): Promise<Login> =>
    () =>
      pop3Of(world, user).then(
        (client) => {
          client.close();
          return '+OK';
        },
        (refused: Error) => refused.message,
      ),
  sieve:
    async (world: World): Promise<Login> =>
    () =>
      SieveClient.login(world, user).then(
        (client) => {
          client.close();
          return 'OK';
        },
        (refused: Error) => refused.message,
      ),
};
