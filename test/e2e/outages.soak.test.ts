// Mail flows in, out and through while each part of the system in turn is stopped, comes back under another
// address, is killed and comes back: in the end every message is where it belongs, once, and nobody was told a
// final no. operations.e2e.test.ts has what each outage looks like from outside.

import { beforeAll, describe, expect, it } from 'vitest';
import { outageLogLines } from './support/outage-log-lines.ts';
import { docker, eventually, tryRun } from './support/run.ts';
import { describeWorld, type World } from './support/shared.ts';
import { type Copy, type Kind, type Sent, Traffic } from './support/traffic.ts';

// Postfix last: until then it has mail to keep.
const containers = ['opendkim', 'clamav', 'amavis', 'dovecot', 'postgres', 'postfix'] as const;
const squatter = 'mailc-e2e-outage-squatter';

describeWorld(
  'mail that flows while parts of the system come and go',
  (start) => {
    let world: World;
    let traffic: Traffic;
    /** When something was killed that had mail in its hands. */
    const kills: number[] = [];
    let bouncesBefore = 0;
    let usual = 0;

    beforeAll(async () => {
      world = await start();
      bouncesBefore = bounces();
      traffic = new Traffic(world);
      usual = await secondsUntilMailFlows();
      traffic.start();
    });

    const bounces = (): number => world.outside.messages.filter(({ from }) => from === '').length;

    const healthy = (container: string): Promise<void> => world.script(`${container}.sh`, '--wait');

    /** Seconds until mail of every kind gets through that was begun now or later; each is tried every second. */
    const secondsUntilMailFlows = async (): Promise<number> => {
      const begin = Date.now();
      const flows = async (kind: Kind): Promise<void> => {
        const before = traffic.sent.length;
        await eventually(
          `${kind} mail`,
          async () => {
            void traffic.post(kind);
            await pause(1000);
            return traffic.sent
              .slice(before)
              .some((sent) => sent.kind === kind && traffic.copiesOf(sent) > 0);
          },
          60_000,
        );
      };
      await Promise.all((['incoming', 'outgoing', 'forwarded'] as const).map(flows));
      return (Date.now() - begin) / 1000;
    };

    /** Within ten seconds, and what it takes on this machine anyway. */
    const expectRecovered = async (): Promise<void> => {
      expect(await secondsUntilMailFlows()).toBeLessThan(10 + usual);
    };

    /** Holds the address of a container that is stopped, so that it comes back under another one. */
    const occupy = async (address: string): Promise<void> => {
      await docker([
        ...['run', '--detach', '--rm', '--init', '--name', squatter, '--network', world.system.network.name],
        ...['--ip', address, '--entrypoint', 'sleep', world.system.images.dovecot, '300'],
      ]);
    };
    const release = (): Promise<unknown> => tryRun(['docker', 'rm', '--force', squatter]);

    describe.each(containers)('%s', (container) => {
      it('is stopped and comes back under another address', async () => {
        traffic.during = `${container} is stopped`;
        const address = await world.addressOf(container);
        await docker(['stop', container]);
        await occupy(address);
        try {
          await pause(2000);
          await docker(['start', container]);
          expect(await world.addressOf(container)).not.toBe(address);
        } finally {
          await release();
        }
        await healthy(container);
        await expectRecovered();
      });

      it('is killed and comes back', async () => {
        traffic.during = `${container} is killed`;
        kills.push(Date.now());
        await docker(['kill', container]);
        await pause(1000);
        await docker(['start', container]);
        await healthy(container);
        await expectRecovered();
      });
    });

    it('the whole machine goes down, and all parts come up at once in no good order', async () => {
      traffic.during = 'a reboot';
      await docker(['stop', ...containers]);
      await pause(1000);
      // Docker starts what was running when its daemon starts, and knows of no order.
      await Promise.all([...containers].reverse().map((container) => docker(['start', container])));
      await Promise.all(containers.map(healthy));
      await expectRecovered();
    });

    it('all parts are removed, and up.sh brings them back, each after what it needs', async () => {
      traffic.during = 'started from nothing';
      await docker(['stop', ...containers]);
      await docker(['rm', ...containers]);
      await world.script('up.sh');
      const format = '{{.Name}} {{.State.StartedAt}}';
      const lines = (await docker(['inspect', '--format', format, ...containers])).trim().split('\n');
      const started = Object.fromEntries(
        lines.map((line) => line.slice(1).split(' ') as [string, string]),
      ) as Record<(typeof containers)[number], string>;
      expect(started.postgres < started.dovecot, JSON.stringify(started)).toBe(true);
      for (const other of ['amavis', 'dovecot', 'opendkim', 'postgres'] as const) {
        expect(started[other] < started.postfix, `${other}: ${JSON.stringify(started)}`).toBe(true);
      }
      await expectRecovered();
    });

    it('every message is where it belongs, once', async () => {
      traffic.during = 'the end';
      await traffic.stop();
      await eventually(
        'nothing in the queue any more',
        async () => {
          await world.exec('postfix', ['postqueue', '-f']);
          await pause(3000);
          return (await world.exec('postfix', ['postqueue', '-j'])).stdout.trim() === '';
        },
        120_000,
      );
      const stored = traffic.storedCopies();
      const wrong = traffic.sent.flatMap((sent) => {
        const copies = traffic.copiesOf(sent);
        // Whoever is killed between storing a message and saying so is given it again (RFC 1047).
        const excused = sent.unanswered || kills.some((kill) => inHand(sent, stored, kill));
        return copies === 1 || (copies === 2 && excused)
          ? []
          : [{ copies, kind: sent.kind, during: sent.during, id: sent.id }];
      });
      expect(wrong).toEqual([]);
      expect(traffic.sent.length).toBeGreaterThan(50);
    }, 180_000);

    it('no message was refused for good, or bounced', () => {
      const refused = traffic.sent.flatMap(({ kind, during, refusals }) =>
        refusals
          // Whoever logs in at the very moment when the database dies: Postfix knows but one answer to Dovecot's no.
          .filter((reply) => !(during.startsWith('postgres') && reply.startsWith('AUTH: 535')))
          .map((reply) => ({ kind, during, reply })),
      );
      expect(refused).toEqual([]);
      expect(bounces() - bouncesBefore).toBe(0);
    });
  },
  outageLogLines,
);

/** Whether the message was just being passed on or stored when something was killed. */
function inHand(sent: Sent, stored: readonly Copy[], kill: number): boolean {
  const times = stored.filter((copy) => copy.id === sent.id).map((copy) => copy.stored - kill);
  const nearby = times.some((since) => since > -2000 && since < 500);
  // When the host outside got it is not known, but that is soon after it was taken.
  const taken = (sent.taken ?? 0) - kill;
  return nearby || (sent.kind !== 'incoming' && taken > -5000 && taken < 500);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
