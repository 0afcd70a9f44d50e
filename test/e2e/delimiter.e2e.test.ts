// Other recipient delimiters than "+": details, localparts that hold other ones, and rewritten senders, which are full
// of them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageIn, receive, submit } from './support/clients.ts';
import { reloadLogLines } from './support/log-lines.ts';
import type { Places } from './support/mail-system.ts';
import { organisation } from './support/organisation.ts';
import { eventually } from './support/run.ts';
import { describeWorld, type World } from './support/shared.ts';
import { SieveClient } from './support/sieve-client.ts';

const sortByDetail =
  'require ["envelope", "fileinto", "mailbox", "subaddress"];\r\n' +
  'if envelope :detail "to" "bills" { fileinto :create "Bills"; }\r\n';

/** The organisation with another delimiter; what would hold it itself is an error, and so has another name. */
function withDelimiter(delimiter: string): (places: Places) => string {
  return (places) =>
    organisation(places)
      .replace('mail: {', `mail: { recipient_delimiter: "${delimiter}",`)
      .replaceAll('first.last@', delimiter === '.' ? 'first-last@' : 'first.last@');
}

describeWorld(
  'the recipient delimiter',
  (start) => {
    let world: World;
    beforeAll(async () => {
      world = await start();
    });
    afterAll(() => world?.reconfigure(organisation));

    const delivered = (user: string, subject: string): Promise<boolean> =>
      eventually(`"${subject}" for ${user}`, async () => {
        const command = ['doveadm', '-c', '/etc/mailc/current/dovecot.conf', 'fetch', '-u', user];
        const { stdout } = await world.exec('dovecot', [...command, 'hdr.subject', 'mailbox', 'INBOX']);
        return stdout.split('\n').includes(`hdr.subject: ${subject}`);
      });

    // "_" is to all programs what "-" is.
    describe.each(['-', '.', '='])('"%s"', (d) => {
      beforeAll(() => world.reconfigure(withDelimiter(d)));
      const owner = 'learner@example.com';

      it.concurrent('splits details off, once, also of an alias in an alias domain', async () => {
        const to = `smith${d}a${d}b@example.net`;
        expect(await receive(world, { to, subject: `to ${to}` })).toMatchObject({ code: 250 });
        await messageIn(world, 'bob@example.com', `to ${to}`);
      });

      it.concurrent('splits a localpart at no other one', async () => {
        const user = d === '.' ? 'first-last' : 'first.last';
        const mail = { to: `${user}${d}x@example.com`, subject: `with ${d}x` };
        expect(await receive(world, mail)).toMatchObject({ code: 250 });
        await delivered(`${user}@example.com`, mail.subject);
        for (const to of ['first@example.com', 'bob+news@example.com']) {
          expect(await receive(world, { to, subject: 'to nobody' }), to).toMatchObject({ code: 550 });
        }
      });

      it.concurrent('may stand in what a user sends from', async () => {
        const mail = { from: `bob${d}list@example.com`, to: 'alice@example.com', subject: `with ${d}list` };
        expect(await submit(world, 'bob@example.com', mail)).toMatchObject({ code: 250 });
        await messageIn(world, 'alice@example.com', mail.subject);
      });

      it.concurrent('tells scripts the detail, and nobody else files by it', async () => {
        const sieve = await SieveClient.login(world, owner);
        expect(await sieve.install(sortByDetail)).toMatch(/^OK/);
        for (const [detail, folder] of [
          ['bills', 'Bills'],
          ['Trash', 'INBOX'],
        ] as const) {
          const mail = { to: `learner${d}${detail}@example.com`, subject: `to ${d}${detail}` };
          expect(await receive(world, mail)).toMatchObject({ code: 250 });
          await messageIn(world, owner, mail.subject, folder);
        }
        await sieve.deactivate();
        sieve.close();
      });

      it.concurrent('does not come between a rewritten sender and the bounce to it', async () => {
        const from = `some${d}one+x@elsewhere.example`;
        const subject = `forwarded by ${d}`;
        expect(await receive(world, { from, to: `out${d}x@example.com`, subject })).toMatchObject({
          code: 250,
        });
        const forwarded = await world.outside.message(`Subject: ${subject}`);
        expect(forwarded.from).toMatch(/^SRS0=.*@example\.com$/);
        const bounce = { to: forwarded.from, subject: `a bounce by ${d}` };
        expect(await receive(world, bounce, '')).toMatchObject({ code: 250 });
        expect(await world.outside.message(`Subject: ${bounce.subject}`)).toMatchObject({ to: [from] });
      });
    });
  },
  reloadLogLines,
);
