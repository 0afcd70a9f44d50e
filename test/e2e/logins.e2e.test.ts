// Many users at once who ask for their mail while the database is away: Dovecot's authentication, which then has one
// process for them all and a queue before it, answers each, and everybody as soon as the database is back.

import { expect, it } from 'vitest';
import { connectSubmission, imapOf, pop3Of, tlsOf } from './support/clients.ts';
import { Conversation } from './support/conversation.ts';
import { passwords } from './support/organisation.ts';
import { outageLogLines } from './support/outage-log-lines.ts';
import { docker, eventually } from './support/run.ts';
import { describeWorld, type World } from './support/shared.ts';
import { SieveClient } from './support/sieve-client.ts';

const user = 'alice@example.com';

describeWorld(
  'twenty logins at once while the database is away',
  (start) => {
    it('keep nobody out once it is back', async () => {
      const world = await start();
      // Connected before, since Postfix sends away who comes later; ten places, from which it takes thirty each.
      const burst = [
        ...(await Promise.all(Array.from({ length: 10 }, () => openImap(world)))),
        ...(await Promise.all(Array.from({ length: 10 }, () => openSubmission(world)))),
      ];
      await docker(['stop', 'postgres']);
      try {
        // The first may meet a process that knew the database, the second one that never did.
        const first = (await openImap(world))();
        await pause(500);
        const second = (await openImap(world))();
        for (const answer of await Promise.all([first, second].map(inTime))) {
          expect(answer).toMatch(/\[UNAVAILABLE\]|no answer yet/);
        }
        await pause(3500);
        const answers = await Promise.all(burst.map((login) => inTime(login())));
        // Postfix knows but one answer to Dovecot's no.
        for (const answer of answers)
          expect(answer).toMatch(/^(1 NO \[UNAVAILABLE\]|454 |535 |no answer yet)/);
      } finally {
        await docker(['start', 'postgres']);
      }
      await world.script('postgres.sh', '--wait');
      const returned = Date.now();
      await Promise.all(
        Object.entries(logins).map(([protocol, login]) =>
          eventually(`a login by ${protocol}`, () => login(world).catch(() => false), 10_000),
        ),
      );
      expect(Date.now() - returned).toBeLessThan(10_000);
    }, 120_000);
  },
  [
    ...outageLogLines,
    {
      service: 'dovecot',
      line: /auth: Error: auth-worker: Aborted PASSV request .*: Internal auth worker failure/,
      reason: 'logins that waited for the database when their process left',
    },
  ],
);

/** A process that had a connection when the database went waits a minute for another one before it says so. */
function inTime(answer: Promise<string>): Promise<string> {
  return answer.catch(() => 'no answer yet');
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

type Login = () => Promise<string>;

/** Past the greeting; what is returned logs in, and gives the answer. */
async function openImap(world: World): Promise<Login> {
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
}

async function openSubmission(world: World): Promise<Login> {
  const client = await connectSubmission(world);
  return async () => {
    const { code, text } = await client.authPlain(user, passwords[user]);
    client.conversation.close();
    return `${code} ${text}`;
  };
}

const logins: Readonly<Record<string, (world: World) => Promise<boolean>>> = {
  imap: async (world) => {
    await (await imapOf(world, user)).logout();
    return true;
  },
  pop3: async (world) => {
    (await pop3Of(world, user)).close();
    return true;
  },
  sieve: async (world) => {
    (await SieveClient.login(world, user)).close();
    return true;
  },
  submission: async (world) => {
    const client = await connectSubmission(world);
    const { code } = await client.authPlain(user, passwords[user]);
    await client.quit();
    return code === 235;
  },
};
