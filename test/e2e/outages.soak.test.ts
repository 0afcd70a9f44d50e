// Mail flows in, out and through while each part of the system in turn is stopped, comes back under another
// address, is killed and comes back: in the end every message is where it belongs, once, and nobody was told a
// final no. After each step mail must flow again within ten seconds. outages.e2e.test.ts is the short form, and
// operations.e2e.test.ts has what each outage looks like from outside.

import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { outageLogLines } from './support/outage-log-lines.ts';
import { Outages, parts } from './support/outages.ts';
import { docker } from './support/run.ts';
import { describeWorld, type World } from './support/shared.ts';

describeWorld(
  'mail that flows for minutes while parts of the system come and go',
  (start) => {
    let world: World;
    let outages: Outages;

    beforeAll(async () => {
      world = await start();
      outages = await Outages.begin(world);
    });

    /** Within ten seconds, and what it takes on this machine anyway. */
    const expectRecovered = async (): Promise<void> => {
      expect(await outages.secondsUntilMailFlows()).toBeLessThan(10 + outages.usual);
    };

    describe.each(parts)('%s', (part) => {
      it('is stopped and comes back under another address', async () => {
        expect(await outages.stopAndMove(part, 2000)).toBe(true);
        await expectRecovered();
      });

      it('is killed and comes back', async () => {
        await outages.kill(part, 1000);
        await expectRecovered();
      });
    });

    it('the whole machine goes down, and all parts come up at once in no good order', async () => {
      outages.traffic.during = 'a reboot';
      await docker(['stop', ...parts]);
      await sleep(1000);
      // Docker starts what was running when its daemon starts, and knows of no order.
      await Promise.all([...parts].reverse().map((part) => docker(['start', part])));
      await Promise.all(parts.map((part) => outages.healthy(part)));
      await expectRecovered();
    });

    it('all parts are removed, and up.sh brings them back', async () => {
      outages.traffic.during = 'started from nothing';
      await docker(['stop', ...parts]);
      await docker(['rm', ...parts]);
      await world.script('up.sh');
      await expectRecovered();
    });

    it('every message is where it belongs, once', async () => {
      await outages.end();
      expect(outages.misplaced()).toEqual([]);
      expect(outages.traffic.sent.length).toBeGreaterThan(50);
    });

    it('no message was refused for good, or bounced', () => {
      expect(outages.refused()).toEqual([]);
      expect(outages.bounced()).toBe(0);
    });
  },
  outageLogLines,
);
