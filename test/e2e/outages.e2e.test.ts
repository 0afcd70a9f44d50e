// Mail flows in, out and through while each part of the system in turn is stopped, moved and killed, in a minute:
// nothing is lost, doubled, bounced or refused for good. outages.soak.test.ts takes its time for the same, and looks
// after each step whether mail flows again.

import { existsSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { outageLogLines } from './support/outage-log-lines.ts';
import { Outages, parts } from './support/outages.ts';
import { eventually } from './support/run.ts';
import { describeWorld } from './support/shared.ts';

describeWorld(
  'mail that flows while parts of the system come and go',
  (start) => {
    let outages: Outages;

    beforeAll(async () => {
      const world = await start();
      // From run.sh: until then others run, and this asks how soon mail flows again.
      const others = process.env.MAILC_E2E_WAIT_FOR;
      if (others) await eventually('the end of all others', () => existsSync(others), 1_200_000);
      outages = await Outages.begin(world);
    }, 1_500_000);

    it.each(parts)('goes on when %s is stopped and comes back under another address', async (part) => {
      expect(await outages.stopAndMove(part, 500)).toBe(true);
    });

    it.each(parts)('goes on when %s is killed', (part) => outages.kill(part, 0));

    it('flows again within ten seconds of the last return', async () => {
      await outages.secondsUntilMailFlows();
      expect((Date.now() - outages.returned) / 1000).toBeLessThan(10 + outages.usual);
    });

    it('every message is where it belongs, once', async () => {
      await outages.end();
      expect(outages.misplaced()).toEqual([]);
      expect(outages.traffic.sent.length).toBeGreaterThan(25);
    });

    it('no message was refused for good, or bounced', () => {
      expect(outages.refused()).toEqual([]);
      expect(outages.bounced()).toBe(0);
    });
  },
  outageLogLines,
);
