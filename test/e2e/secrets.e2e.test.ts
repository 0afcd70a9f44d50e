// Where secrets of the running system can be seen: in files that root alone reads, and nowhere that a list of
// processes or of containers shows. And that a rewritten sender of before a rotation still leads back.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { generateSecret } from '../../src/targets/host/generate-secret.ts';
import type { Expected } from './support/log-lines.ts';
import { docker, eventually } from './support/run.ts';
import { describeWorld, type World } from './support/shared.ts';

const wrongPassword: Expected = {
  service: 'postgres',
  line: /FATAL: {2}password authentication failed for user "postgres"/,
  reason: 'a wrong password',
};

describeWorld(
  'secrets',
  (start) => {
    let world: World;
    /** What would give a secret away, by its name: the value, or a line of a key. */
    let signs: readonly (readonly [string, string])[];
    beforeAll(async () => {
      world = await start();
      signs = world.system.secrets.flatMap(({ name }) => {
        const lines = world.secret(name).split('\n');
        const body = lines.filter((line) => line !== '' && !line.startsWith('-----'));
        return body.map((line) => [name, line] as const);
      });
    });

    const leaks = (text: string): readonly string[] =>
      signs.filter(([, sign]) => text.includes(sign)).map(([name]) => name);

    it('is about secrets that are there', () => {
      expect(new Set(signs.map(([name]) => name))).toEqual(
        new Set(world.system.secrets.map(({ name }) => name)),
      );
      expect(signs.every(([, sign]) => sign.length >= 6)).toBe(true);
    });

    it('stand in no arguments and no environment of any process', async () => {
      const seen: string[] = [];
      for (const { name } of world.containers) {
        const processes = (await docker(['top', name, '-o', 'pid'])).trim().split('\n').slice(1);
        for (const process of processes.map((line) => line.trim())) {
          for (const file of ['cmdline', 'environ']) {
            const found = leaks(readProcess(process, file));
            seen.push(...found.map((secret) => `${secret} in ${file} of a process of ${name}`));
          }
        }
        expect(processes.length, name).toBeGreaterThan(0);
      }
      expect(seen).toEqual([]);
    });

    it('stand in nothing that Docker tells of a container, and in no log', async () => {
      for (const { name } of world.containers) {
        expect(leaks(await docker(['inspect', name])), name).toEqual([]);
        expect(leaks(await world.logsOf(name)), name).toEqual([]);
      }
    });

    it('stand in no script', () => {
      const folder = join(world.data, 'mailc/docker/current');
      const scripts = readdirSync(folder);
      expect(scripts).toContain('postgres.sh');
      for (const file of scripts) expect(leaks(readFileSync(join(folder, file), 'utf8')), file).toEqual([]);
    });

    it('let the superuser in, though the container was given a verifier only', async () => {
      const login = async (password: string): Promise<string> => {
        const host = await world.addressOf('postgres');
        const client = new pg.Client({ host, user: 'postgres', database: 'postgres', password, ssl: false });
        await client.connect();
        const { rows } = await client.query<{ current_user: string }>('SELECT current_user');
        await client.end();
        return rows[0]?.current_user ?? '';
      };
      expect(await login(world.secret(world.system.database.superuserPasswordSecret))).toBe('postgres');
      await expect(login('another')).rejects.toThrow('password authentication failed');
    });

    describe('the SRS key', () => {
      const ask = async (port: number, address: string): Promise<string> =>
        (await world.exec('postfix', ['postmap', '-q', address, `tcp:127.0.0.1:${port}`])).stdout.trim();

      it('of before a rotation still verifies, and the new one signs', async () => {
        const sender = 'someone@elsewhere.example';
        const file = join(world.data, 'mailc/postfix/current/srs.key');
        const former = readFileSync(file, 'utf8');
        const install = async (key: string): Promise<void> => {
          writeFileSync(file, key);
          await docker(['restart', 'postfix']);
          // postmap(1) would try for ten seconds where nobody listens yet, and Postfix, until it is up, hears no stop.
          await world.script('postfix.sh', '--wait');
          const listens = ['bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/10001'];
          await eventually('postsrsd listens', async () => (await world.exec('postfix', listens)).code === 0);
        };
        const before = await ask(10001, sender);
        expect(before).toMatch(/^SRS0=/);
        try {
          await install(`${generateSecret('key-list', former.trim())}\n`);
          const after = await ask(10001, sender);
          expect(after).not.toBe(before);
          expect(await ask(10002, before)).toBe(sender);
          expect(await ask(10002, after)).toBe(sender);
        } finally {
          await install(former);
        }
      });
    });
  },
  [wrongPassword],
);

/** Empty for a process that has ended since it was listed. */
function readProcess(id: string, file: string): string {
  try {
    return readFileSync(`/proc/${id}/${file}`, 'utf8');
  } catch (cause) {
    if (['ENOENT', 'ESRCH'].includes((cause as NodeJS.ErrnoException).code ?? '')) return '';
    throw cause;
  }
}
