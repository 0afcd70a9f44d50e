// An apply on a live host that is killed, or loses the Docker daemon, at each program that it runs, while mail comes in:
// the next apply converges, nobody is locked out, and no message is lost.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { brokenFiles } from '../support/generations.ts';
import type { Run } from '../support/run-mailc.ts';
import { describeDocker } from './support/describe-docker.ts';
import { hashOf } from './support/hash-of.ts';
import { aLiveHost, type LiveHost } from './support/live-host.ts';
import { docker, eventually, run as runProgram } from './support/run.ts';
import { smallHost, smallOrganisation, smallPasswords, smallPorts } from './support/small-organisation.ts';
import { Stream } from './support/stream.ts';

const breakAt = fileURLToPath(new URL('../support/break-at.cjs', import.meta.url));
const breakDocker = fileURLToPath(new URL('../support/break-docker.sh', import.meta.url));

const guestsPassword = 'a guest: open the door';
/** The same image by another name: a container of the one is not what the other describes. */
const images = ['mailc-test/opendkim:crash-0', 'mailc-test/opendkim:crash-1'] as const;

describeDocker('an apply on a live host that is broken off', ({ postgresImage }) => {
  const guestsHash = hashOf(guestsPassword);
  let host: LiveHost;
  let stream: Stream;
  let programs: readonly string[] = [];
  let changes = 0;
  let image: (typeof images)[number] = images[0];

  const guest = (): string => `u${changes}`;

  /** A row, a file that Postfix has to read again, and, unless it is not `withRestart`, a container that has to be another. */
  const change = (withRestart = true): Promise<string> => {
    changes += 1;
    if (withRestart) image = image === images[0] ? images[1] : images[0];
    const users = `  ${guest()}@example.com: { password: "${guestsHash}" }\n`;
    const text = smallOrganisation(host.places, { greetWait: 1 + (changes % 2), users });
    return host.commit(text.replace('images: { ', `images: { opendkim: "${image}", `));
  };

  const apply = (environment: Readonly<Record<string, string>> = {}): Promise<Run> =>
    host.mailc(['apply', '--root', '/', '--yes', '--no-probe', '--allow', 'deletes-user'], {
      environment: {
        ...(environment.BREAK_LOG === undefined ? {} : { NODE_OPTIONS: `--require ${breakAt}` }),
        ...environment,
      },
    });

  const login = async (user: string, pass: string): Promise<void> => {
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: smallPorts.imaps,
      secure: true,
      tls: { ca: host.authority.ca, servername: smallHost },
      auth: { user: `${user}@example.com`, pass },
      logger: false,
    });
    await client.connect();
    await client.logout();
  };

  const wasGreeted = (): string | undefined =>
    /postscreen_greet_wait = (\d+)/.exec(
      readFileSync(join(host.data, 'mailc/postfix/current/main.cf'), 'utf8'),
    )?.[1];

  /** The number and the name of each program that an apply of one change runs. */
  const programsOfApply = async (): Promise<readonly string[]> => {
    const log = join(host.folder, '../effects');
    await change();
    const { code, stdout, stderr } = await apply({ BREAK_LOG: log, BREAK_KIND: 'run' });
    expect(code, stderr).toBe(0);
    for (const what of [`create user ${guest()}@`, 'reload postfix', 'restart opendkim']) {
      expect(stdout).toContain(what);
    }
    const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
    rmSync(log);
    return lines;
  };

  const expectToConverge = async (after: string): Promise<void> => {
    let run = await apply();
    // The server may need a moment to see that the one that was killed has gone.
    for (let tries = 0; run.code === 6 && tries < 20; tries++) {
      await sleep(200);
      run = await apply();
    }
    expect(run.code, `${after}: ${run.stdout}${run.stderr}`).toBe(0);
    expect((await host.mailc(['plan', '--root', '/'])).stdout, after).toBe('No changes.\n');
    expect(brokenFiles(join(host.data, 'mailc')), after).toEqual([]);
    expect(wasGreeted(), after).toBe(String(1 + (changes % 2)));
    const format = '{{.Config.Image}} {{.State.Running}}';
    expect(await docker(['inspect', '--format', format, 'opendkim']), after).toBe(`${image} true\n`);
    await login(guest(), guestsPassword);
  };

  beforeAll(async () => {
    host = await aLiveHost({ host: smallHost, postgresImage });
    for (const image of images) await docker(['tag', 'mailc/opendkim:1', image]);
    await change();
    await host.apply();
    programs = await programsOfApply();
    stream = new Stream({
      port: smallPorts.smtp,
      to: 'alice@example.com',
      folder: join(host.data, 'mail'),
      connections: 3,
    });
    stream.start();
  });

  afterAll(async () => {
    await stream?.stop();
    await host?.stop();
    await docker(['image', 'rm', ...images]);
  });

  const expectNoHarm = async (what: string): Promise<void> => {
    expect(brokenFiles(join(host.data, 'mailc')), what).toEqual([]);
    await login('alice', smallPasswords.alice);
  };

  const ways = [
    ['kill', [null]],
    // 1: before there was a plan; 7: behind it.
    ['daemon', [1, 7]],
  ] as const;

  it.each(ways)(
    'by %s, at any program that it runs, is finished by the next one',
    { timeout: 600_000 },
    async (how, codes) => {
      expect(programs.length).toBeGreaterThan(10);
      // A change without the container runs the same programs up to here, and the rounds are shorter.
      const untilContainer = programs.findIndex((line) => line.includes('opendkim'));
      for (const [index, line] of programs.entries()) {
        const what = `${how} at ${line}`;
        await change(index >= untilContainer);
        const run = await apply({
          BREAK_LOG: join(host.folder, '../log'),
          BREAK_KIND: 'run',
          BREAK_AT: line.split(' ')[0] ?? '',
          BREAK_HOW: how,
        });
        expect(codes, `${what}: ${run.stdout}${run.stderr}`).toContain(run.code);
        expect(run.stderr).not.toMatch(/\n\s+at /);
        await expectNoHarm(what);
        await expectToConverge(what);
      }
    },
  );

  it.each(ways)(
    'by %s, at any call of docker in the scripts of the host, is finished by the next one',
    { timeout: 600_000 },
    async (how, codes) => {
      const log = join(host.folder, '../calls');
      const real = (await runProgram(['sh', '-c', 'command -v docker'])).trim();
      const applyBroken = async (at: Readonly<Record<string, string>>): Promise<Run> => {
        await change();
        rmSync(`${log}.broken`, { force: true });
        writeFileSync(log, '');
        const environment = { MAILC_E2E_DOCKER: breakDocker, BREAK_DOCKER: real, BREAK_DOCKER_LOG: log };
        return apply({ ...environment, ...at });
      };
      expect((await applyBroken({})).code).toBe(0);
      const calls = readFileSync(log, 'utf8').split('\n').filter(Boolean);
      for (const call of ['stop opendkim', 'rm --force', 'run --dns']) {
        expect(calls.some((line) => line.endsWith(call))).toBe(true);
      }
      for (const line of calls) {
        const what = `${how} at docker ${line}`;
        const run = await applyBroken({
          BREAK_DOCKER_AT: line.split(' ')[0] ?? '',
          BREAK_DOCKER_HOW: how,
        });
        expect(codes, `${what}: ${run.stdout}${run.stderr}`).toContain(run.code);
        await expectNoHarm(what);
        await expectToConverge(what);
      }
    },
  );

  it('has lost and doubled none of the mail that came in meanwhile', async () => {
    await stream.stop();
    expect(stream.refused).toEqual([]);
    expect(stream.taken.length).toBeGreaterThan(50);
    await eventually(
      'an empty queue',
      async () => {
        await docker(['exec', 'postfix', 'postqueue', '-f']);
        return (await docker(['exec', 'postfix', 'postqueue', '-j'])).trim() === '';
      },
      60_000,
    );
    expect(stream.missing()).toEqual([]);
    expect(stream.doubled()).toEqual([]);
  });

  it('leaves a system behind that stands every probe', async () => {
    await change();
    expect(await host.apply('--allow', 'deletes-user')).toContain('Applied:');
    expect((await host.mailc(['plan', '--root', '/'])).stdout).toBe('No changes.\n');
  });
});
