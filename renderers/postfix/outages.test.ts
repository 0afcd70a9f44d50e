// What a real Postfix 3.10, on a rendered configuration, does when something that it needs is away.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeReal } from '../../test/debian/debian13.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import {
  accepted,
  envelopes,
  login,
  neighbour,
  outside,
  type RunningPostfix,
  startPostfix,
} from './running-postfix.ts';

const system = aMailSystem({
  hosts: [{ name: 'mail.example.com', tls: { certificate: '/srv/tls/chain.pem', key: '/srv/tls/key.pem' } }],
  users: ['alice@example.com', 'bob@example.com', 'dave@example.com'],
  aliases: { 'team@example.com': ['alice@example.com', 'bob@example.com', 'partner@elsewhere.org'] },
});

describeReal('a running Postfix', (debian) => {
  let postfix: RunningPostfix;
  beforeAll(async () => {
    postfix = await startPostfix(debian, system);
  });
  afterAll(() => postfix?.stop());

  it('keeps mail while Dovecot has no name', async () => {
    await postfix.shell(`sed -i.kept /dovecot/d /etc/hosts; cp /etc/hosts /tmp/h; cat /tmp/h > /etc/hosts`);
    expect(await postfix.answer(`${neighbour} --from a@origin.net --to alice@example.com`)).toBe(accepted);
    expect(await postfix.logged('to=<alice@example.com>.*dsn=[45].4.4')).toMatch(
      /dsn=4\.4\.4, status=deferred/,
    );
    await postfix.shell(`cat /etc/hosts.kept >/etc/hosts; postqueue -c /etc/mailc/current -f`);
    expect(envelopes(await postfix.deliveries())).toEqual(['mailboxes: a@origin.net > alice@example.com']);
  });

  it('delivers the next message as soon as Dovecot takes connections again, however many it refused', async () => {
    await postfix.shell(`kill $(busybox ps | awk '/[s]mtp-sink -L/ { print $1 }')`);
    await postfix.shell(': >/tmp/log');
    const refused = 8;
    for (let n = 0; n < refused; n += 1) {
      await postfix.dialog(`${neighbour} --from a@origin.net --to alice@example.com`);
    }
    const deferred = (count: number) =>
      postfix.shell(
        `for _ in {1..300}; do [ "$(grep -c 'to=<alice@.*status=deferred' /tmp/log)" -ge ${count} ] && break; sleep 0.1; done`,
      );
    await deferred(refused);
    // Failures that come at once are what makes Postfix give up on a destination.
    await postfix.shell('postqueue -c /etc/mailc/current -f');
    await deferred(2 * refused);
    await postfix.shell(
      'setsid smtp-sink -L -u nobody -R / -d /tmp/mailboxes/ 127.0.0.21:24 100 </dev/null >/dev/null 2>&1 & sleep 1',
    );
    expect(await postfix.answer(`${neighbour} --from b@origin.net --to alice@example.com`)).toBe(accepted);
    expect(await postfix.logged('to=<alice@example.com>.*status=sent')).toContain('dsn=2.2.0');
    await postfix.shell('postqueue -c /etc/mailc/current -f');
    expect(envelopes(await postfix.deliveries()).toSorted()).toEqual([
      ...Array.from({ length: refused }, () => 'mailboxes: a@origin.net > alice@example.com'),
      'mailboxes: b@origin.net > alice@example.com',
    ]);
  });

  it('keeps what needs postsrsd while that is down, and delivers the rest', async () => {
    await postfix.shell('busybox killall postsrsd');
    expect(await postfix.answer(`${neighbour} --from away@origin.net --to team@example.com`)).toBe(accepted);
    expect(await postfix.logged('to=<partner@elsewhere.org>.*status=deferred')).toContain(
      '[127.0.0.1]:10027',
    );
    await postfix.shell(
      `(set -a; . /etc/mailc/current/postsrsd.env; postsrsd -e -D); postqueue -c /etc/mailc/current -f`,
    );
    expect(envelopes(await postfix.deliveries())).toEqual([
      'mailboxes: away@origin.net > alice@example.com',
      'mailboxes: away@origin.net > bob@example.com',
      expect.stringMatching(/^sink: SRS0=.*=origin\.net=away@example\.com > partner@elsewhere\.org$/),
    ]);
  });

  it('sends nothing unsigned while OpenDKIM is down', async () => {
    await postfix.shell('busybox killall opendkim');
    expect(await postfix.answer(`${login} --from bob@example.com --to x@elsewhere.org`)).toMatch(/^45/);
  });

  it('takes mail from outside while clamav-milter is down: Amavis has it scanned', async () => {
    await postfix.shell(`kill $(busybox ps | awk '/[n]c -ll -p 7357/ { print $1 }')`);
    expect(await postfix.answer(`${outside} --from c@origin.net --to alice@example.com`)).toBe(accepted);
    expect(envelopes(await postfix.deliveries())).toEqual(['mailboxes: c@origin.net > alice@example.com']);
  });

  it('asks to try again while the database is down, and forgets it soon', async () => {
    const asPostgres = 'setpriv --reuid=postgres --regid=postgres --init-groups';
    const database = `${asPostgres} /usr/lib/postgresql/17/bin/pg_ctl -D /tmp/database -w`;
    await postfix.shell(`${database} -m fast stop`);
    expect(await postfix.answer(`${outside} --from a@origin.net --to alice@example.com`)).toMatch(
      /^451 4\.3\.0/,
    );
    await postfix.shell(`${database} -o '-c listen_addresses=127.0.0.24' start; sleep 6`);
    expect(await postfix.answer(`${outside} --from a@origin.net --to dave@example.com`)).toBe(accepted);
  });
});

describeReal('a running Postfix with a smarthost', (debian) => {
  let postfix: RunningPostfix;
  beforeAll(async () => {
    postfix = await startPostfix(
      debian,
      aMailSystem({
        aliases: { 'partner@example.com': ['partner@elsewhere.org'] },
        relay: { host: 'smtp.provider.example', username: 'mail.example.com' },
      }),
    );
  });
  afterAll(() => postfix?.stop());

  it.each([
    ['with its sender', 'bob@example.com', 'bob@example.com'],
    ['with a rewritten sender', 'a@origin.net', 'SRS0=.*=origin.net=a@example.com'],
  ])('sends mail %s there and nowhere else, and waits when it offers no TLS', async (_, from, sender) => {
    await postfix.dialog(`${neighbour} --from ${from} --to partner@example.com`);
    const line = await postfix.logged('to=<partner@elsewhere.org>.*status=deferred');
    expect(line).toContain('TLS is required, but was not offered by host smtp.provider.example');
    expect(await postfix.shell('grep -c elsewhere.org /tmp/resolver')).toBe('0\n');
    const id = /: (\w+): to=/.exec(line)?.[1];
    expect(await postfix.logged(`${id}: from=`)).toMatch(new RegExp(`from=<${sender}>`));
    await postfix.shell('postsuper -c /etc/mailc/current -d ALL; : >/tmp/log');
  });
});
