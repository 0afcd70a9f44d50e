// Takes parts of the running system away while mail flows, and gives account of every message in the end.

import { setTimeout as sleep } from 'node:timers/promises';
import { queueIsEmpty } from './queue.ts';
import { docker, eventually, tryRun } from './run.ts';
import type { World } from './shared.ts';
import { type Copy, type Kind, type Sent, Traffic } from './traffic.ts';

/** Postfix last: until then it has mail to keep. */
export const parts = ['opendkim', 'clamav', 'amavis', 'dovecot', 'postgres', 'postfix'] as const;
export type Part = (typeof parts)[number];

/** Stops a part, and gives another container its IPv4 address, and its IPv6 address or another: it must move. */
export async function takeAddress(
  { system, addressOf, addressOf6 }: World,
  part: Part,
  given6: 'its own' | 'another' = 'its own',
): Promise<{ readonly address: string; readonly release: () => Promise<unknown> }> {
  const squatter = 'mailc-e2e-squatter';
  const address = await addressOf(part);
  const address6 = await addressOf6(part);
  const taken6 = given6 === 'its own' ? address6 : address6.replace(/[^:]*$/, 'ffff');
  await docker(['stop', part]);
  await docker([
    ...['run', '--detach', '--rm', '--init', '--name', squatter, '--network', system.network.name],
    ...['--ip', address, '--ip6', taken6, '--entrypoint', 'sleep', system.images.dovecot, '300'],
  ]);
  return { address, release: () => tryRun(['docker', 'rm', '--force', squatter]) };
}

export class Outages {
  readonly traffic: Traffic;
  /** Seconds that mail takes on this machine when nothing is wrong. */
  usual = 0;
  /** When the last part was started again, in milliseconds since 1970. */
  returned = 0;
  readonly #world: World;
  /** When something was killed, or Postfix stopped, that had mail in its hands; and until when mail of then is stored. */
  readonly #kills: { readonly at: number; readonly until: number }[] = [];
  readonly #bouncesBefore: number;

  private constructor(world: World) {
    this.#world = world;
    this.traffic = new Traffic(world);
    this.#bouncesBefore = this.#bounces();
  }

  /** From now on mail flows. */
  static async begin(world: World): Promise<Outages> {
    const outages = new Outages(world);
    outages.usual = await outages.secondsUntilMailFlows();
    outages.traffic.start();
    return outages;
  }

  /** Seconds until mail of every kind gets through that was begun now or later; each is tried every second. */
  async secondsUntilMailFlows(): Promise<number> {
    const begin = Date.now();
    const { traffic } = this;
    const flows = async (kind: Kind): Promise<void> => {
      const before = traffic.sent.length;
      await eventually(
        `${kind} mail`,
        async () => {
          void traffic.post(kind);
          await sleep(1000);
          return traffic.sent.slice(before).some((sent) => sent.kind === kind && traffic.copiesOf(sent) > 0);
        },
        60_000,
      );
    };
    await Promise.all((['incoming', 'outgoing', 'forwarded'] as const).map(flows));
    return (Date.now() - begin) / 1000;
  }

  healthy(part: Part): Promise<void> {
    return this.#world.script(`${part}.sh`, '--wait');
  }

  /** Stops it for a moment, and starts it under another address. Whether that is so. */
  async stopAndMove(part: Part, awayMs: number): Promise<boolean> {
    this.traffic.during = `${part} is stopped`;
    // master(8) ends its delivery agents too.
    if (part === 'postfix') this.#countKill(part);
    const { address, release } = await takeAddress(this.#world, part);
    try {
      await sleep(awayMs);
      await this.#startAgain(part);
      return (await this.#world.addressOf(part)) !== address;
    } finally {
      await release();
      await this.healthy(part);
    }
  }

  /** What Postfix's delivery agents had given to Amavis comes back to the next Postfix, which has it in its queue too. */
  #countKill(part: Part): void {
    const at = Date.now();
    this.#kills.push({ at, until: at + (part === 'postfix' ? 10_000 : 500) });
  }

  async kill(part: Part, awayMs: number): Promise<void> {
    this.traffic.during = `${part} is killed`;
    this.#countKill(part);
    await docker(['kill', part]);
    await sleep(awayMs);
    await this.#startAgain(part);
    await this.healthy(part);
  }

  async #startAgain(part: Part): Promise<void> {
    this.returned = Date.now();
    await docker(['start', part]);
  }

  /** Begins no new mail, and waits until what was begun is taken and delivered. */
  async end(): Promise<void> {
    this.traffic.during = 'the end';
    await this.traffic.stop();
    await queueIsEmpty(this.#world);
  }

  /** Messages that are not where they belong, once. */
  misplaced(): readonly (Pick<Sent, 'kind' | 'during' | 'id'> & { readonly copies: number })[] {
    const stored = this.traffic.storedCopies();
    return this.traffic.sent.flatMap((sent) => {
      const copies = this.traffic.copiesOf(sent);
      // Whoever is killed between storing a message and saying so is given it again (RFC 1047), each time.
      const again =
        this.#kills.filter((kill) => inHand(sent, stored, kill)).length + (sent.unanswered ? 1 : 0);
      const { kind, during, id } = sent;
      return copies >= 1 && copies <= 1 + again ? [] : [{ copies, kind, during, id }];
    });
  }

  /** What a sender was told for good. */
  refused(): readonly { readonly kind: Kind; readonly during: string; readonly reply: string }[] {
    return this.traffic.sent.flatMap(({ kind, during, refusals }) =>
      refusals.map((reply) => ({ kind, during, reply })),
    );
  }

  bounced(): number {
    return this.#bounces() - this.#bouncesBefore;
  }

  #bounces(): number {
    return this.#world.outside.messages.filter(({ from }) => from === '').length;
  }
}

/** Whether the message was just being passed on or stored when something was killed. */
function inHand(
  sent: Sent,
  stored: readonly Copy[],
  { at, until }: { readonly at: number; readonly until: number },
): boolean {
  const taken = sent.taken ?? 0;
  const nearby = stored.some(
    (copy) => copy.id === sent.id && taken < at + 500 && copy.stored > at - 2000 && copy.stored < until,
  );
  // When the host outside got it is not known, but that is soon after it was taken.
  return nearby || (sent.kind !== 'incoming' && taken > at - 5000 && taken < at + 500);
}
