// What the images are: of the series that they are configured for, small, without a secret; and as whom their processes
// run. images/README.md says it, and is read here.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtImage, builtServices } from '../../src/targets/docker-build.ts';
import { deliveryTime, imapOf } from './support/clients.ts';
import { docker, eventually, run, tryRun } from './support/run.ts';
import { describeWorld, type World } from './support/shared.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Rows of a table in images/README.md, by the image in their first column. */
function table(heading: string): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(`${root}/images/README.md`, 'utf8');
  const rows = (text.split('\n\n').find((part) => part.includes(heading)) ?? '').split('\n').slice(2);
  return new Map(
    rows.map((row) => {
      const [image = '', ...cells] = row.split('|').slice(1, -1);
      return [image.trim().replaceAll('`', ''), cells.map((cell) => cell.trim())];
    }),
  );
}

describeWorld('the images', (start) => {
  let world: World;
  beforeAll(async () => {
    world = await start();
  });

  describe('are of the series that they are configured for:', () => {
    it('Postfix', async () => {
      const level = (await world.exec('postfix', ['postconf', '-h', 'compatibility_level'])).stdout.trim();
      const version = (await world.exec('postfix', ['postconf', '-h', 'mail_version'])).stdout.trim();
      expect(version).toMatch(new RegExp(`^${level.replace('.', '\\.')}\\.`));
    });

    it('Dovecot', async () => {
      const asked = 'doveconf -n | sed -n "s/^dovecot_config_version = //p"; dovecot --version';
      const { stdout } = await world.exec('dovecot', ['sh', '-c', asked]);
      const [configured = '', installed = ''] = stdout.trim().split('\n');
      const series = (version: string): string => version.split('.').slice(0, 2).join('.');
      expect(series(installed)).toBe(series(configured));
    });

    it.each(builtServices)('%s has what its Dockerfile pins', async (service) => {
      const text = readFileSync(`${root}/images/${service}/Dockerfile`, 'utf8');
      const pins = [...text.matchAll(/'([a-z0-9-]+)=([0-9.:]+)\*'/g)];
      expect(pins.length).toBeGreaterThan(0);
      const shown = await world.exec(service, ['dpkg-query', '--show', ...pins.map((pin) => pin[1] ?? '')]);
      const versions = new Map(
        shown.stdout
          .trim()
          .split('\n')
          .map((line) => line.split('\t') as [string, string]),
      );
      for (const [, name = '', series = ''] of pins) {
        expect(versions.get(name)?.startsWith(series), `${name} ${versions.get(name)}`).toBe(true);
      }
    });
  });

  it.each(builtServices)('%s is as small as it says', async (service) => {
    const megabytes =
      Number(await docker(['image', 'inspect', '--format', '{{.Size}}', builtImage(service)])) / 1e6;
    const most = Number(table('MB at most').get(service)?.[0]);
    expect(megabytes).toBeLessThan(most);
    // Nor is the table out of date.
    expect(megabytes).toBeGreaterThan(0.8 * most);
  });

  describe('run as root what images/README.md names, and all else as users of their own:', () => {
    beforeAll(async () => {
      await deliveryTime(world, 'bob@example.com', 'as whom');
    });

    it.each(builtServices)('%s', async (service) => {
      const [, asRoot = '', others = ''] = table('As root').get(service) ?? [];
      const session = await imapOf(world, 'bob@example.com');
      const named = {
        root: [...asRoot.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '').sort(),
        strangers: [],
      };
      const ids = [...others.matchAll(/\((\d+)\)/g)].map((match) => match[1]);
      let found: { root: readonly string[]; strangers: readonly string[] } = { root: [], strangers: [] };
      // Some start as root and leave it at once.
      await eventually('the processes', async () => {
        const processes = await processesOf(service);
        const programs = processes.filter(({ uid }) => uid === '0').map(({ program }) => program);
        found = {
          root: [...new Set(programs)].sort(),
          strangers: processes
            .filter(({ uid }) => uid !== '0' && !ids.includes(uid))
            .map(({ program }) => program),
        };
        return JSON.stringify(found) === JSON.stringify(named);
      }).catch(() => {});
      await session.logout();
      expect(found).toEqual(named);
    });
  });

  describe('hold no secret, in any layer:', () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'mailc-layers-'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    /** What looks like a secret in a layer of the images, or is one of the running system's. */
    const secretsIn = async (...images: readonly string[]): Promise<readonly string[]> => {
      const place = mkdtempSync(join(folder, 'saved-'));
      await run(['sh', '-c', 'cd "$0" && docker save "$@" | tar -x', place, ...images]);
      const manifest: readonly { readonly Layers: readonly string[] }[] = JSON.parse(
        readFileSync(join(place, 'manifest.json'), 'utf8'),
      );
      const layers = [...new Set(manifest.flatMap(({ Layers }) => Layers))];
      for (const [n, layer] of layers.entries()) {
        mkdirSync(join(place, 'layers', `${n}`), { recursive: true });
        await run(['tar', '-C', join(place, 'layers', `${n}`), '-xf', join(place, layer), '--exclude=dev/*']);
      }
      const values = world.system.secrets.flatMap(({ name }) =>
        world
          .secret(name)
          .split('\n')
          .filter((line) => line.length >= 6 && !line.startsWith('-----')),
      );
      writeFileSync(join(folder, 'values'), values.join('\n'));
      const key = '-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\\r?\\n[A-Za-z0-9+/=]{20}';
      const found = await tryRun([
        'sh',
        '-c',
        `cd "$0"
          grep -rlazP -- "$1" .
          grep -rlaFf "$2" .
          find . -path '*/etc/shadow*' -exec grep -l ':\\$' {} +
          find ./*/etc ./*/var ./*/root ./*/home ./*/usr/local ! -name '.wh.*' \\( -name '*.key' -o -name '*secret*' -o -name '*snakeoil*' \\
            -o -name 'id_*' -o -name '*pgpass' -o -name '*.netrc' \\)`,
        join(place, 'layers'),
        key,
        join(folder, 'values'),
      ]);
      // Libraries that test themselves with a key that is in their source.
      const paths = found.stdout
        .split('\n')
        .filter((path) => path !== '' && !/\/lib(gnutls|dovecot)\.so/.test(path));
      return [...new Set(paths)].map((path) => path.replace(/^\.\/\d+/, '')).sort();
    };

    it('not one of them', async () => {
      expect(await secretsIn(...builtServices.map(builtImage))).toEqual([]);
      // What is no file: variables, labels, the commands that built it.
      for (const image of builtServices.map(builtImage)) {
        const told = (await docker(['inspect', image])) + (await docker(['history', '--no-trunc', image]));
        expect(told).not.toMatch(/PRIVATE KEY|password/i);
        for (const { name } of world.system.secrets) expect(told).not.toContain(world.secret(name).trim());
      }
    });

    it('and one would be found, though a later layer removes it', async () => {
      const context = mkdtempSync(join(folder, 'context-'));
      writeFileSync(
        join(context, 'a.conf'),
        `password = ${world.secret(world.system.database.superuserPasswordSecret)}\n`,
      );
      writeFileSync(join(context, 'key.pem'), await run(['openssl', 'genpkey', '-algorithm', 'ED25519']));
      writeFileSync(join(context, 'postsrsd.secret'), 'made when the package was installed\n');
      const lines = [
        `FROM ${builtImage('opendkim')}`,
        'COPY a.conf key.pem postsrsd.secret /etc/',
        'RUN rm /etc/a.conf /etc/key.pem /etc/postsrsd.secret',
      ];
      writeFileSync(join(context, 'Dockerfile'), `${lines.join('\n')}\n`);
      const image = 'mailc-test/with-secrets:1';
      await docker(['build', '--quiet', '--tag', image, context]);
      try {
        expect(await secretsIn(image)).toEqual(['/etc/a.conf', '/etc/key.pem', '/etc/postsrsd.secret']);
      } finally {
        await docker(['image', 'rm', image]);
      }
    });
  });
});

interface Process {
  readonly uid: string;
  readonly program: string;
}

/** Those that descend from the container's first; not what somebody runs in it by `docker exec`, as healthchecks are. */
async function processesOf(container: string): Promise<readonly Process[]> {
  const first = (await docker(['inspect', '--format', '{{.State.Pid}}', container])).trim();
  const lines = (await docker(['top', container, '-o', 'pid,ppid,uid,args'])).trim().split('\n').slice(1);
  const all = lines.map((line) => {
    const [pid = '', parent = '', uid = '', ...words] = line.trim().split(/\s+/);
    return { pid, parent, uid, program: programOf(words) };
  });
  const ours = new Set([first]);
  for (let size = 0; size !== ours.size; ) {
    size = ours.size;
    for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid);
  }
  return all.filter(({ pid }) => ours.has(pid));
}

/** The name of a script is that of its file; Dovecot's processes call themselves dovecot/NAME. */
function programOf([program = '', script = '']: readonly string[]): string {
  if (program.startsWith('dovecot/')) return program;
  const name = /\/(ba)?sh$/.test(program) && script.startsWith('/') ? script : program;
  return name.split('/').at(-1) ?? '';
}
