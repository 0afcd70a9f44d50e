// Many users at once who ask for their mail while the database is away: Dovecot's authentication answers each within
// fifteen seconds, calls nobody's password wrong, and lets everybody in as soon as the database is back.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { connectSubmission, imapOf, pop3Of, tlsOf } from './support/clients.ts';
import { Conversation } from './support/conversation.ts';
import { reloadLogLines } from './support/log-lines.ts';
import { passwords } from './support/organisation.ts';
import { outageLogLines } from './support/outage-log-lines.ts';
import { docker, eventually } from './support/run.ts';
import { describeWorld, type World } from './support/shared.ts';
import { SieveClient } from './support/sieve-client.ts';

const user = 'alice@example.com';

describeWorld(
  'twenty logins at once while the database is away',
  (start) => {
    it('are refused for now, and for now only', async () => {
      const world = await start();
      const burst = await connectedUsers(world);
      await docker(['stop', 'postgres']);
      try {
        const answers = await Promise.all(burst.map((login) => login()));
        for (const answer of answers) expect(answer).toMatch(/^(1 NO \[UNAVAILABLE\]|454 4\.7\.0) /);
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
      // By then every process of Postfix has asked again, and the next test begins with whichever it meets.
      await sleep(Math.max(0, returned + 10_000 - Date.now()));
    }, 120_000);

    it('succeed when it is back within seconds', async () => {
      const world = await start();
      const burst = await connectedUsers(world);
      await docker(['stop', 'postgres']);
      const answers = Promise.all(burst.map((login) => login()));
      await docker(['start', 'postgres']);
      for (const answer of await answers) expect(answer).toMatch(/^(1 OK|235) /);
      // Else a process of Postfix that asks nothing until another test does would learn only then that its connection
      // is lost.
      await world.reload('postfix');
    }, 120_000);
  },
  [...outageLogLines, ...reloadLogLines],
);

/** Connected before, since Postfix sends away who comes later. */
async function connectedUsers(world: World): Promise<readonly Login[]> {
  return [
    ...(await Promise.all(Array.from({ length: 10 }, () => openImap(world)))),
    ...(await Promise.all(Array.from({ length: 10 }, () => openSubmission(world)))),
  ];
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
