// One mail system on two hosts: mx takes mail and submissions, store keeps mail and rows. Each is applied on its own,
// and does its part while the other is away.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeDocker } from './support/describe-docker.ts';
import { probeLogLines, reloadLogLines, unexpectedOf } from './support/log-lines.ts';
import { outageLogLines } from './support/outage-log-lines.ts';
import { eventually } from './support/run.ts';
import { mxHost, startTwoHosts, storeHost, type TwoHosts } from './support/two-hosts.ts';

/** Of a machine that other tests keep busy. */
const patience = 120_000;

describeDocker('one mail system on two hosts', ({ postgresImage }) => {
  let hosts: TwoHosts;

  beforeAll(async () => {
    hosts = await startTwoHosts(postgresImage);
    await hosts.commit();
  });

  afterAll(async () => {
    try {
      const expected = [...outageLogLines, ...reloadLogLines, ...probeLogLines];
      expect(await unexpectedOf(['opendkim', 'postfix'], hosts.mx.logsOf, expected)).toEqual([]);
      expect(await unexpectedOf(['dovecot', 'postgres'], hosts.store.logsOf, expected)).toEqual([]);
    } finally {
      await hosts.remove();
    }
  });

  it('refuses to apply a host that lacks secrets of another, and names the command that carries them', async () => {
    const { code, stderr } = await hosts.mx.mailc(['apply', '--root', '/', '--yes']);
    expect(code).toBe(7);
    expect(stderr).toContain('secret-elsewhere');
    expect(stderr).toContain(`mailc secrets export --root / --host ${storeHost} --for ${mxHost}`);
  });

  it('comes up by an apply on each, with the secrets carried through a pipe', async () => {
    await hosts.store.apply('--allow', 'opens-port');
    await hosts.carrySecrets();
    const applied = await hosts.mx.apply('--allow', 'opens-port');
    expect(applied).toContain(`the rows, which are for ${storeHost} to apply`);
    expect(applied).not.toMatch(/not (sent|proved)/);
    for (const host of [hosts.store, hosts.mx]) expect(await host.plan()).toContain('No changes.\n');
  });

  it('brings a message from outside, handed to mx, into the Maildir on store', async () => {
    expect(await hosts.receive('bob@example.com', 'from outside')).toMatchObject({ code: 250 });
    expect(await hosts.read('bob', 'from outside')).toContain('by mx.example.com (Postfix)');
    const inbox = '/srv/mail/mail/example.com/bob/mail';
    const find = ['grep', '-rl', 'Subject: from outside', `${inbox}/new`, `${inbox}/cur`];
    expect((await hosts.store.run(find)).trim().split('\n')).toHaveLength(1);
    expect((await hosts.mx.tryRun(['test', '-e', '/srv/mail/mail'])).code).toBe(1);
  });

  it('asks store for the login of a user who submits at mx', async () => {
    expect(await hosts.submit('alice', 'bob@example.com', 'from alice')).toMatchObject({ code: 250 });
    expect(await hosts.read('bob', 'from alice')).toContain('DKIM-Signature: ');
  });

  it('takes mail on mx for a user as soon as store has applied the row', async () => {
    expect(await hosts.receive('carol@example.com', 'too early')).toMatchObject({ code: 550 });
    await hosts.commit({ carol: true });
    await hosts.store.apply('--no-probe');
    expect(await hosts.receive('carol@example.com', 'to carol')).toMatchObject({ code: 250 });
    await hosts.read('carol', 'to carol');
    // mx has nothing to do for it.
    expect(await hosts.mx.apply()).toContain('No changes.\n');
  });

  describe('while store is away', () => {
    beforeAll(() => hosts.store.turnOff());

    it('puts senders off, and refuses nobody for good', async () => {
      const outside = await hosts.receive('bob@example.com', 'while store is away');
      const user = await hosts.submit('alice', 'bob@example.com', 'submitted while store is away');
      for (const { code, text } of [outside, user]) expect(`${code} ${text}`).toMatch(/^4\d\d /);
    });

    it('applies a change of main.cf on mx, and says what it could not prove', async () => {
      await hosts.commit({ carol: true, messageSize: '7MB' }, [hosts.mx]);
      const applied = await hosts.mx.apply();
      expect(applied).toContain('reload postfix');
      expect(applied).toContain(`since host ${storeHost} is away`);
      expect(await hosts.mx.plan()).toContain('No changes.\n');
    });

    it('stops no container on mx that could not start again without the manager of the swarm', async () => {
      await hosts.commit({ carol: true, messageSize: '7MB', submissions: 4465 }, [hosts.mx]);
      const flags = ['--root', '/', '--yes', '--allow', 'opens-port,closes-port'];
      const { code, stderr } = await hosts.mx.mailc(['apply', ...flags]);
      expect(stderr).toContain('error[swarm-manager-away]');
      expect(code).toBe(7);
      expect(await hosts.mx.run(['docker', 'ps', '--format', '{{.Names}}'])).toContain('postfix');
      await hosts.commit({ carol: true, messageSize: '7MB' }, [hosts.mx]);
    });

    it('delivers without help once store is back', async () => {
      await hosts.store.turnOn();
      // As the server of elsewhere.example does with what was put off.
      await eventually(
        'mx takes the message',
        async () => (await hosts.receive('bob@example.com', 'store is back')).code === 250,
        patience,
      );
      await hosts.read('bob', 'store is back');
    });
  });

  it('is whole without help after a reboot of mx', async () => {
    await hosts.mx.reboot();
    await eventually(
      'mx takes mail',
      async () => (await hosts.receive('bob@example.com', 'after a reboot')).code === 250,
      patience,
    );
    await hosts.read('bob', 'after a reboot');
    for (const host of [hosts.store, hosts.mx]) expect(await host.plan()).toContain('No changes.\n');
  });
});
