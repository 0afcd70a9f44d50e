// Whether anybody who has not logged in gets mail out: in every form, by every port, and from everywhere.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSubmission, messageOf, tlsOf } from './support/clients.ts';
import type { Peer } from './support/conversation.ts';
import type { Expected } from './support/log-lines.ts';
import { passwords } from './support/organisation.ts';
import { containerOn, type Place } from './support/places.ts';
import { queueIsEmpty } from './support/queue.ts';
import { describeWorld, type World } from './support/shared.ts';
import { SmtpClient } from './support/smtp-client.ts';

/** Forms that some server, some day, took for a way out (RFC 5321 sections 3.6.1 and 4.1.2, and habits before it). */
const relayForms = [
  'victim@elsewhere.example',
  'victim%elsewhere.example@example.com',
  'victim%elsewhere.example@mail.example.com',
  'victim%elsewhere.example@[127.0.0.1]',
  'victim@elsewhere.example@example.com',
  '"victim@elsewhere.example"@example.com',
  '"victim@elsewhere.example"',
  '@example.com:victim@elsewhere.example',
  'elsewhere.example!victim@example.com',
  'elsewhere.example!victim',
  'victim@[172.29.77.200]',
  'victim@172.29.77.200',
  'victim@elsewhere.example.',
] as const;
type RelayForm = (typeof relayForms)[number];

const noAddress = /^501 5\.1\.3 .*Bad recipient address syntax$/;
const noUser = /^550 5\.1\.1 .*User unknown in virtual (mailbox|alias) table$/;
const taken = /^250 2\.1\.5 Ok$/;

/** What users are told, who may write to anybody: half of the forms are an address elsewhere in other words. */
const answersToUsers: Readonly<Record<RelayForm, RegExp>> = {
  'victim@elsewhere.example': taken,
  'victim%elsewhere.example@example.com': noUser,
  'victim%elsewhere.example@mail.example.com': noUser,
  'victim%elsewhere.example@[127.0.0.1]': /^550 5\.1\.1 .*There are no mailboxes here$/,
  'victim@elsewhere.example@example.com': noUser,
  '"victim@elsewhere.example"@example.com': noUser,
  '"victim@elsewhere.example"': taken,
  '@example.com:victim@elsewhere.example': taken,
  'elsewhere.example!victim@example.com': noUser,
  'elsewhere.example!victim': /^504 5\.5\.2 .*need fully-qualified address$/,
  'victim@[172.29.77.200]': taken,
  'victim@172.29.77.200': noAddress,
  'victim@elsewhere.example.': taken,
};

/** That everyone else is told the same of every form, but for the one that has no domain. */
function allAre(refusal: RegExp): Readonly<Record<RelayForm, RegExp>> {
  const replies = Object.fromEntries(relayForms.map((form) => [form, refusal]));
  return { ...(replies as Record<RelayForm, RegExp>), 'victim@172.29.77.200': noAddress };
}

const denied = /^554 5\.7\.1 .*Relay access denied$/;
const sendersElsewhere = ['someone@elsewhere.example', ''] as const;
const senders = [...sendersElsewhere, 'bob@example.com'] as const;

/** What the attempts leave in the logs. */
const caused: readonly Expected[] = [
  {
    service: 'amavis',
    line: /\(!\)\S+ FWD from <someone@elsewhere\.example> -> <\S*victim\S*>, \S+ 5\d\d .*(Relay access denied|Bad recipient address syntax)$/,
    reason: 'Amavis, which anything is given to, says what Postfix said of it',
  },
  {
    service: 'postfix',
    line: /warning: Illegal address syntax from .* in RCPT command: <victim@172\.29\.77\.200>/,
    reason: 'the form that is no address',
  },
];

describeWorld(
  'an open relay',
  (start) => {
    let world: World;
    let beside: Place;
    beforeAll(async () => {
      world = await start();
      beside = await containerOn(world.system.network.name, world.system.images.dovecot);
    });
    afterAll(() => beside?.leave());

    /** A container beside ours gets at all ports of all of them. */
    const siblings = [
      {
        origin: 'a container beside ours by IPv4',
        way: async (port: number, container = 'postfix') =>
          beside.way(await world.addressOf(container), port),
      },
      {
        origin: 'a container beside ours by IPv6',
        way: async (port: number, container = 'postfix') =>
          beside.way(await world.addressOf6(container), port),
      },
    ];
    const outsiders = [
      {
        origin: 'outside by IPv4',
        way: async (port: number): Promise<Peer> => {
          const [host, from] = [await world.addressOf('postfix'), await world.outsideAddress(241)];
          return { host, port, from };
        },
      },
      {
        origin: 'outside by IPv6',
        way: async (port: number): Promise<Peer> => {
          const [host, from] = [await world.addressOf6('postfix'), await world.outsideAddress6(241)];
          return { host, port, from };
        },
      },
    ];
    const origins = [
      ...outsiders,
      // Who comes by a published port from the host itself seems to be the network's gateway.
      ...['127.0.0.1', '::1'].map((host) => ({
        origin: `${host} of the host`,
        way: async (port: number): Promise<Peer> => ({ host, port: 20_000 + port }),
      })),
      ...siblings,
    ];

    /** Past EHLO. */
    const enter = async (peer: Peer): Promise<SmtpClient> => {
      const client = await SmtpClient.connect(peer);
      expect(client.greeting).toMatchObject({ code: 220 });
      // So would Dovecot's container say, which may send out; its word is not enough.
      expect(await client.command('EHLO dovecot')).toMatchObject({ code: 250 });
      return client;
    };
    /** On port 587 or 465 the same, within TLS. */
    const enterAsUser = async (way: (port: number) => Promise<Peer>, port: number): Promise<SmtpClient> => {
      if (port === 465) return enter({ ...(await way(port)), tls: tlsOf(world) });
      const client = await enter(await way(port));
      expect(await client.startTls(tlsOf(world))).toMatchObject({ code: 220 });
      expect(await client.command('EHLO dovecot')).toMatchObject({ code: 250 });
      return client;
    };
    const say = async (client: SmtpClient, line: string): Promise<string> => {
      const { code, text } = await client.command(line);
      return `${code} ${text}`;
    };

    /** Tries each form from a sender who is welcome, and expects the answer to RCPT that it should have. */
    const tryAll = async (
      expected: Readonly<Record<RelayForm, RegExp>>,
      sender: string,
      open: () => Promise<SmtpClient>,
      answer = (client: SmtpClient, form: RelayForm) => say(client, `RCPT TO:<${form}>`),
    ): Promise<void> => {
      // On two connections: after ten mistakes Postfix takes a second for each reply.
      const tryOn = async (forms: readonly RelayForm[]): Promise<void> => {
        const client = await open();
        for (const form of forms) {
          expect(await say(client, `MAIL FROM:<${sender}>`), form).toMatch(/^250 2\.1\.0 /);
          expect(await answer(client, form), form).toMatch(expected[form]);
          expect(await say(client, 'RSET'), form).toMatch(/^250 /);
        }
        await client.quit();
      };
      await Promise.all([tryOn(relayForms.slice(0, 7)), tryOn(relayForms.slice(7))]);
    };

    describe.concurrent('is not to be found', () => {
      it.each(pairs(origins, 'sender', sendersElsewhere))(
        'on port 25 from $origin, as <$sender>',
        async ({ way, sender }) => {
          await tryAll(allAre(denied), sender, async () => enter(await way(25)));
        },
      );

      it.each(origins)('on port 25 from $origin, as a user of ours', async ({ way }) => {
        const refusal = /^550 5\.7\.1 .*Log in to send from this domain$/;
        await tryAll(allAre(refusal), 'bob@example.com', async () => enter(await way(25)));
      });

      it.each(pairs(origins, 'sender', senders))(
        'on ports 587 and 465 from $origin without a login, as <$sender>',
        async ({ way, sender }) => {
          for (const port of [587, 465]) {
            const client = await enterAsUser(way, port);
            const reply = await say(client, `MAIL FROM:<${sender}>`);
            expect(reply, String(port)).toMatch(/^530 5\.7\.0 .*Authentication required$/);
            await client.quit();
          }
        },
      );

      it.each(pairs(outsiders, 'port', [587, 465]))(
        'on port $port from $origin with a login, in forms that are nobody elsewhere',
        async ({ way, port }) => {
          await tryAll(answersToUsers, 'bob@example.com', async () => {
            const client = await enterAsUser(way, port);
            const login = await client.authPlain('bob@example.com', passwords['bob@example.com']);
            expect(login).toMatchObject({ code: 235 });
            return client;
          });
        },
      );

      it.each(pairs(siblings, 'sender', senders))(
        'on port 10025 from $origin, as <$sender>',
        async ({ way, sender }) => {
          await tryAll(allAre(denied), sender, async () => enter(await way(10025)));
        },
      );

      it.each(siblings)('through Amavis from $origin', async ({ way }) => {
        const relayed =
          /^554 5\.7\.1 .*from MTA\(smtp:\[postfix\]:10025\): 554 5\.7\.1 .*Relay access denied$/;
        await tryAll(
          // What Amavis makes of the quotes is no address any more.
          { ...allAre(relayed), '"victim@elsewhere.example"': noAddress },
          'someone@elsewhere.example',
          async () => enter(await way(10024, 'amavis')),
          async (client, form) => {
            expect(await say(client, `RCPT TO:<${form}>`)).toMatch(/^250 2\.1\.5 /);
            expect(await say(client, 'DATA')).toMatch(/^354 /);
            return say(client, `${messageOf({ to: 'victim@elsewhere.example', subject: `for ${form}` })}.`);
          },
        );
      });

      it('with a login, as somebody else', async () => {
        const client = await connectSubmission(world);
        const login = await client.authPlain('bob@example.com', passwords['bob@example.com']);
        expect(login).toMatchObject({ code: 235 });
        expect(await say(client, 'MAIL FROM:<alice@example.com>')).toMatch(
          /^553 5\.7\.1 .*not owned by user/,
        );
        expect(await say(client, 'RCPT TO:<victim@elsewhere.example>')).toMatch(/^503 /);
        await client.quit();
      });
    });

    it('has let nothing out', async () => {
      await queueIsEmpty(world);
      const victims = world.outside.messages.flatMap(({ to }) => to).filter((to) => to.includes('victim'));
      expect(victims).toEqual([]);
    });
  },
  caused,
);

/** Each origin with each of the values by that name. */
function pairs<Origin extends object, Key extends string, Value>(
  origins: readonly Origin[],
  key: Key,
  values: readonly Value[],
): readonly (Origin & Record<Key, Value>)[] {
  return origins.flatMap((origin) =>
    values.map((value) => ({ ...origin, ...({ [key]: value } as Record<Key, Value>) })),
  );
}
