// All outgoing mail through a smarthost, as `relay` in mail.yaml says, with a login that the configuration does
// not show.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { messageIn, receive, submit } from './support/clients.ts';
import { reloadLogLines } from './support/log-lines.ts';
import { organisation } from './support/organisation.ts';
import { type OutsideHost, startOutsideHost } from './support/outside-host.ts';
import { describeWorld, type World } from './support/shared.ts';

describeWorld(
  'a relay host',
  (start) => {
    let world: World;
    let smarthost: OutsideHost;
    beforeAll(async () => {
      world = await start();
      const files = await world.authority.issue('smtp.provider.example', join(world.data, '../smarthost'));
      const address = await world.outsideAddress(220);
      world.dns.add({ 'smtp.provider.example': { A: [address] } });
      smarthost = await startOutsideHost({
        address,
        port: 587,
        tls: { key: readFileSync(files.key, 'utf8'), cert: readFileSync(files.certificate, 'utf8') },
        credentials: { user: 'our-account', password: 'p#ss w:rd' },
      });
      process.env.MAILC_E2E_RELAY_PASSWORD = 'p#ss w:rd';
      await world.reconfigure(
        (places) =>
          `${organisation(places)}relay: { host: smtp.provider.example, username: our-account, password: { env: MAILC_E2E_RELAY_PASSWORD } }\n`,
      );
    });
    afterAll(async () => {
      await world?.reconfigure(organisation);
      await smarthost?.stop();
    });

    it('gets what users send, over verified TLS and after a login', async () => {
      const subject = 'through the smarthost';
      expect(
        await submit(world, 'bob@example.com', { to: 'someone@elsewhere.example', subject }),
      ).toMatchObject({
        code: 250,
      });
      expect(await smarthost.message(`Subject: ${subject}`)).toMatchObject({
        from: 'bob@example.com',
        to: ['someone@elsewhere.example'],
        tls: true,
        login: 'our-account',
      });
    });

    it('gets what is forwarded, with a rewritten sender', async () => {
      await receive(world, { to: 'out@example.com', subject: 'forwarded through the smarthost' });
      const { from, login } = await smarthost.message('Subject: forwarded through the smarthost');
      expect(from).toMatch(/^SRS0=.*@example\.com$/);
      expect(login).toBe('our-account');
    });

    it('gets nothing of what stays here', async () => {
      await receive(world, { to: 'bob@example.com', subject: 'not for the smarthost' });
      await messageIn(world, 'bob@example.com', 'not for the smarthost');
      expect(smarthost.messages.filter(({ raw }) => raw.includes('not for the smarthost'))).toEqual([]);
    });
  },
  reloadLogLines,
);
