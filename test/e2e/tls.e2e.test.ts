// TLS as clients meet it, on every port.

import { beforeAll, describe, expect, it } from 'vitest';
import { tlsOf } from './support/clients.ts';
import { Conversation } from './support/conversation.ts';
import { describeWorld, type World } from './support/shared.ts';
import { SmtpClient } from './support/smtp-client.ts';

describeWorld(
  'TLS',
  (start) => {
    let world: World;
    beforeAll(async () => {
      world = await start();
    });

    describe.concurrent('old TLS', () => {
      it.each([
        { service: 'postfix', port: 465 },
        { service: 'dovecot', port: 993 },
        { service: 'dovecot', port: 995 },
      ])('is refused on port $port, and 1.2 and 1.3 are not', async ({ service, port }) => {
        const host = await world.addressOf(service);
        const open = (version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') =>
          Conversation.open({
            host,
            port,
            tls: {
              ...tlsOf(world),
              minVersion: version,
              maxVersion: version,
              ciphers: 'DEFAULT:@SECLEVEL=0',
            },
          });
        for (const version of ['TLSv1', 'TLSv1.1'] as const)
          await expect(open(version), version).rejects.toThrow();
        for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
          const conversation = await open(version);
          expect(conversation.tls).toEqual({ protocol: version, authorized: true });
          conversation.close();
        }
      });

      it.each([25, 587])('is refused after STARTTLS on port %d', async (port) => {
        const client = await SmtpClient.connect({
          host: await world.addressOf('postfix'),
          port,
          from: world.outside.address,
        });
        await client.command('EHLO x.example');
        const old = {
          ...tlsOf(world),
          minVersion: 'TLSv1',
          maxVersion: 'TLSv1.1',
          ciphers: 'DEFAULT:@SECLEVEL=0',
        } as const;
        await expect(client.startTls(old)).rejects.toThrow();
        client.conversation.close();
      });
    });
  },
  [
    {
      service: 'postfix',
      line: /warning: TLS library problem: .*(unsupported protocol|wrong version)/,
      reason: 'old TLS',
    },
  ],
);
