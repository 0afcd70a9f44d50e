// What apply does to the containers of a live host: reads them, judges a configuration before it runs, starts,
// reloads, restarts and stops them, and talks to the database inside; and what it leaves alone.

import { execFile } from 'node:child_process';
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/apply/runtime.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../src/diagnostics/diagnostic-error.ts';
import type { Container } from '../../src/model/container.ts';
import type { ServiceName } from '../../src/model/mail-system.ts';
import { openContainerDatabase } from '../../src/targets/database/container-connection.ts';
import { ContainerSocket } from '../../src/targets/database/container-socket.ts';
import type { OpenDatabaseTarget } from '../../src/targets/database/database-target.ts';
import { openRuntime } from '../../src/targets/runtime/open-runtime.ts';
import { reloadLogLines } from './support/log-lines.ts';
import { outageLogLines } from './support/outage-log-lines.ts';
import { docker, eventually } from './support/run.ts';
import { describeWorld, type World } from './support/shared.ts';

describeWorld(
  'apply on a live host',
  (start) => {
    let world: World;
    let runtime: Runtime;
    const notices: string[] = [];

    beforeAll(async () => {
      world = await start();
      runtime = openRuntime({
        host: hostOf(world),
        networkName: world.system.network.name,
        spansHosts: false,
        root: '/',
        environment: { ...process.env, ...world.environment },
        signal: new AbortController().signal,
        secrets: () => world.system.secrets.map(({ name }) => world.secret(name)),
        onNotice: (line) => notices.push(line),
      });
    });

    const container = (service: ServiceName): Container => {
      const found = world.containers.find((one) => one.service === service);
      if (found === undefined) throw new Error(`there is no ${service}`);
      return found;
    };
    const inspect = async (name: string, format: string): Promise<string> =>
      (await docker(['inspect', '--format', format, name])).trim();
    const identity = (name: string) => inspect(name, '{{.Id}} {{.State.StartedAt}}');
    const startAll = async () => {
      for (const one of inOrder(world.containers)) await runtime.act({ kind: 'start', container: one });
    };

    describe('the containers', () => {
      it('are read in a moment, with the definition that each was started by', async () => {
        const begin = Date.now();
        const live = await runtime.readContainers();
        expect(Date.now() - begin).toBeLessThan(1500);
        expect(live.map(({ name, running }) => ({ name, running }))).toEqual(
          world.containers.map(({ name }) => ({ name, running: true })).sort(byName),
        );
        for (const { definition, service } of live) {
          const script = readFileSync(join(world.data, `mailc/docker/current/${service}.sh`), 'utf8');
          expect(script).toContain(`mailc.definition=${definition}`);
        }
        expect(await runtime.readUnits()).toEqual([]);
      });

      it('stay as they are when they are to be started and run already', async () => {
        const before = await Promise.all(world.containers.map(({ name }) => identity(name)));
        await runtime.act({ kind: 'network' });
        await startAll();
        expect(await Promise.all(world.containers.map(({ name }) => identity(name)))).toEqual(before);
      });

      it('reload in place', async () => {
        for (const service of ['postfix', 'dovecot', 'amavis'] as const) {
          const before = await identity(service);
          await runtime.act({ kind: 'reload', container: container(service) });
          expect(await identity(service)).toBe(before);
        }
      });

      it('restart in place when the definition is the same, and have their time to stop', async () => {
        const before = await inspect('opendkim', '{{.Id}}');
        const startedAt = await inspect('opendkim', '{{.State.StartedAt}}');
        await runtime.act({ kind: 'restart', container: container('opendkim') });
        expect(await inspect('opendkim', '{{.Id}}')).toBe(before);
        expect(await inspect('opendkim', '{{.State.StartedAt}}')).not.toBe(startedAt);
      });

      it('are replaced when their script describes another, which carries its commit', async () => {
        const folder = join(world.data, 'mailc/docker/current');
        const script = join(folder, 'opendkim.sh');
        const text = readFileSync(script, 'utf8');
        const commit = '0123456789abcdef0123456789abcdef01234567';
        const before = await inspect('opendkim', '{{.Id}}');
        try {
          writeFileSync(script, text.replaceAll(/[0-9a-f]{64}/g, 'a'.repeat(64)));
          writeFileSync(join(folder, '.commit'), `${commit}\n`);
          await runtime.act({ kind: 'restart', container: container('opendkim') });
          expect(await inspect('opendkim', '{{.Id}}')).not.toBe(before);
          expect(await inspect('opendkim', '{{index .Config.Labels "mailc.commit"}}')).toBe(commit);
        } finally {
          writeFileSync(script, text);
          rmSync(join(folder, '.commit'), { force: true });
        }
        await runtime.act({ kind: 'restart', container: container('opendkim') });
      });

      it('stop for good, and start again in the order in which they need each other', async () => {
        for (const one of [...inOrder(world.containers)].reverse()) {
          await runtime.act({ kind: 'stop', container: one });
          // What is gone already is no matter.
          await runtime.act({ kind: 'stop', container: one });
        }
        expect(await runtime.readContainers()).toEqual([]);
        await startAll();
        expect((await runtime.readContainers()).filter(({ running }) => !running)).toEqual([]);
      });

      it('stop for a network that has to be another, which is said', async () => {
        const script = join(world.data, 'mailc/docker/current/network.sh');
        const text = readFileSync(script, 'utf8');
        try {
          writeFileSync(script, text.replaceAll(/[0-9a-f]{64}/g, 'b'.repeat(64)));
          await runtime.act({ kind: 'network' });
          expect(notices).toEqual([
            `the network "${world.system.network.name}" is replaced; its containers stop for that`,
          ]);
          expect(await runtime.readContainers()).toEqual([]);
        } finally {
          writeFileSync(script, text);
          await runtime.act({ kind: 'network' });
          await startAll();
        }
      });

      it('are not touched when they are of somebody else', async () => {
        const service = container('opendkim');
        await runtime.act({ kind: 'stop', container: service });
        await docker(['create', '--name', 'opendkim', '--pull', 'never', service.image, 'true']);
        const before = await inspect('opendkim', '{{.Id}}');
        try {
          for (const kind of ['start', 'restart'] as const) {
            expect(await refusal(runtime.act({ kind, container: service }))).toEqual([
              expect.objectContaining({
                code: 'container-foreign',
                message: 'there is a container "opendkim" that mailc did not make',
              }),
            ]);
          }
          await runtime.act({ kind: 'stop', container: service });
          expect(await inspect('opendkim', '{{.Id}}')).toBe(before);
        } finally {
          await docker(['rm', '--force', 'opendkim']);
          await runtime.act({ kind: 'start', container: service });
        }
      });

      it('that do not start are an error that says why', async () => {
        const script = join(world.data, 'mailc/docker/current/opendkim.sh');
        const text = readFileSync(script, 'utf8');
        await runtime.act({ kind: 'stop', container: container('opendkim') });
        try {
          writeFileSync(
            script,
            text
              .replace("'mailc/opendkim:1'", "'mailc/nothing:1'")
              .replace(' mailc/opendkim:1', ' mailc/nothing:1'),
          );
          const [refused] = await refusal(runtime.act({ kind: 'start', container: container('opendkim') }));
          expect(refused?.code).toBe('container-not-started');
          expect(refused?.message).toMatch(/^opendkim cannot be started: .*mailc\/nothing/);
        } finally {
          writeFileSync(script, text);
          await runtime.act({ kind: 'start', container: container('opendkim') });
        }
      });
    });

    describe('a configuration', () => {
      const folder = '/srv/mailc-e2e-check';
      const judge = (service: ServiceName, spoil: () => void = () => {}): Promise<readonly Diagnostic[]> => {
        rmSync(folder, { recursive: true, force: true });
        cpSync(join(world.data, 'mailc', service, 'current'), folder, { recursive: true, dereference: true });
        spoil();
        return runtime.check(container(service), folder);
      };
      const add = (name: string, line: string) => () => appendFileSync(join(folder, name), `\n${line}\n`);
      afterAll(() => rmSync(folder, { recursive: true, force: true }));

      it('that runs is accepted, and nothing is left behind', async () => {
        for (const { service } of world.containers) expect(await judge(service), service).toEqual([]);
        expect(await docker(['ps', '--all', '--quiet', '--filter', 'label=mailc.check'])).toBe('');
      });

      const host = 'mail.example.com';
      it.each<[ServiceName, string, string, string]>([
        [
          'postfix',
          'main.cf',
          'smtpd_recipent_restrictions = permit',
          'postfix/main.cf: unused parameter: smtpd_recipent_restrictions',
        ],
        ['postfix', 'master.cf', 'smtp inet', 'bad field count'],
        ['postfix', 'own-senders.regexp', '/(/ REJECT', 'postfix/own-senders.regexp, line'],
        ['postfix', 'mail-network.cidr', '192.0.2.1/24 OK', 'postfix/mail-network.cidr, line'],
        ['dovecot', 'dovecot.conf', 'unknown_setting = 1', 'dovecot/dovecot.conf line'],
        ['dovecot', 'dovecot.conf', 'service imap {', 'dovecot/dovecot.conf: Missing'],
        [
          'dovecot',
          'dovecot.conf',
          'ssl_server_cert_file = /etc/mailc-tls/none.pem',
          '/etc/mailc-tls/none.pem: not a certificate',
        ],
        ['dovecot', 'spam.sieve', 'discard "without a semicolon"', 'dovecot/spam.sieve'],
        ['opendkim', 'opendkim.conf', 'Nonsense yes', 'opendkim/opendkim.conf: configuration error at line'],
        ['amavis', 'amavisd.conf', '$nonsense = 1;', 'amavis/amavisd.conf'],
        ['amavis', 'spamassassin/local.cf', 'scor SPF_PASS 1', 'amavis/spamassassin/local.cf'],
        ['clamav', 'clamd.conf', 'Nonsense yes', 'clamav/clamd.conf'],
        ['clamav', 'freshclam.conf', 'Nonsense yes', 'clamav/freshclam.conf'],
      ])('of %s is refused for what is wrong in %s: %s', async (service, name, line, why) => {
        const refused = await judge(service, add(name, line));
        expect(refused.map(({ code }) => code)).toContain('check-refused');
        expect(refused.map(({ message }) => message).join('\n')).toContain(why);
        expect(refused[0]?.message).toMatch(new RegExp(`^${service} of ${host} refuses its configuration: `));
      });

      it('of Postfix is refused for a certificate that is not there', async () => {
        const refused = await judge('postfix', () => {
          const path = join(folder, 'main.cf');
          writeFileSync(path, readFileSync(path, 'utf8').replace('fullchain.pem', 'none.pem'));
        });
        expect(refused[0]?.message).toMatch(/none\.pem: not a certificate that can be read$/);
      });

      it('of OpenDKIM is refused for a key that is none, without showing it', async () => {
        const refused = await judge('opendkim', () => {
          for (const name of readdirSync(join(folder, 'keys')))
            writeFileSync(join(folder, 'keys', name), 'sesame');
        });
        expect(refused[0]?.message).toMatch(/opendkim\/keys\/.*: not a private key$/);
        expect(JSON.stringify(refused)).not.toContain('sesame');
      });

      it('never has a secret repeated by the program that refuses it', async () => {
        const password = world.secret(world.system.database.passwordSecret);
        const refused = await judge('postfix', add('main.cf', `unheard_of = ${password}`));
        expect(refused[0]?.message).toContain('unheard_of=***');
      });

      it('cannot be judged without its image, which is said', async () => {
        const image = 'mailc/nothing:1';
        const [refused] = await runtime.check({ ...container('postfix'), image }, folder);
        expect(refused?.code).toBe('image-missing');
      });
    });

    describe('the database in its container', () => {
      let database: OpenDatabaseTarget;
      const open = (): OpenDatabaseTarget =>
        openContainerDatabase({
          host: hostOf(world),
          root: '/',
          container: container('postgres'),
          database: world.system.database.name,
          password: () => null,
          environment: process.env,
        });
      beforeAll(() => {
        database = open();
      });
      afterAll(() => database.close());

      /** Processes inside that are not Postgres' own. */
      const visitors = async (): Promise<readonly string[]> =>
        (await docker(['top', 'postgres', '-eo', 'pid,args']))
          .split('\n')
          .filter((line) => /bash|\bcat\b/.test(line));

      it('is read with no port published, and nothing stays behind', async () => {
        const once = open();
        expect(await once.presence()).toBe('running');
        const { rows } = await once.read();
        expect(rows.users.map(({ name }) => name)).toContain('bob');
        await once.close();
        await eventually('nobody inside', async () => (await visitors()).length === 0);
      });

      it('is opened again after the container was restarted', async () => {
        await database.read();
        await runtime.act({ kind: 'restart', container: container('postgres') });
        expect((await database.read()).rows.users.length).toBeGreaterThan(0);
      });

      it('is absent without a volume, and stopped without its container', async () => {
        const elsewhere = { host: { ...hostOf(world), data: `${world.data}/none` }, root: '/' };
        const absent = openContainerDatabase({
          ...{ ...elsewhere, container: container('postgres'), database: 'mail', password: () => null },
          environment: process.env,
        });
        expect(await absent.presence()).toBe('absent');
        await runtime.act({ kind: 'stop', container: container('postgres') });
        expect(await database.presence()).toBe('stopped');
        const [refused] = await refusal(database.read());
        expect(refused?.code).toBe('database-unreachable');
        expect(refused?.message).toContain('in the container postgres');
        await runtime.act({ kind: 'start', container: container('postgres') });
        expect((await database.read()).rows.users.length).toBeGreaterThan(0);
      });

      it('takes megabytes and gives them back unchanged', async () => {
        const { default: pg } = await import('pg');
        const { from, to } = await import('pg-copy-streams');
        const { pipeline } = await import('node:stream/promises');
        const { Readable } = await import('node:stream');
        const client = new pg.Client({
          stream: () =>
            new ContainerSocket({
              container: 'postgres',
              port: 5432,
              user: 'postgres',
              environment: process.env,
            }),
          ...{ user: 'postgres', database: 'postgres', ssl: false },
        });
        await client.connect();
        await client.query('CREATE TEMPORARY TABLE many (line text)');
        const lines = Array.from(
          { length: 100_000 },
          (_, number) => `user${number}@example.com ${'x'.repeat(40)}\n`,
        );
        await pipeline(Readable.from(lines), client.query(from('COPY many FROM STDIN')));
        let back = '';
        for await (const chunk of client.query(to('COPY many TO STDOUT'))) back += chunk;
        expect(back).toBe(lines.join(''));
        await client.end();
      });

      it('has nobody left inside when mailc is killed in the middle', async () => {
        await database.close();
        await eventually('nobody inside', async () => (await visitors()).length === 0);
        const program = '/srv/mailc-e2e-visitor.mjs';
        await build({
          stdin: {
            contents: `import { ContainerSocket } from './src/targets/database/container-socket.ts';
              const { env: environment } = process;
              const address = { container: 'postgres', port: 5432, user: 'postgres', environment };
              new ContainerSocket(address).connect();
              setInterval(() => {}, 1000);`,
            resolveDir: process.cwd(),
          },
          ...{ bundle: true, platform: 'node', format: 'esm', outfile: program },
        });
        const child = execFile(process.execPath, [program]);
        await eventually('the connection', async () => (await visitors()).length > 0);
        child.kill('SIGKILL');
        await eventually('nobody inside', async () => (await visitors()).length === 0);
        rmSync(program);
      });

      it('says what is wrong when there is no such database', async () => {
        const wrong = openContainerDatabase({
          ...{ host: hostOf(world), root: '/', container: container('postgres'), database: 'nothing' },
          ...{ password: () => null, environment: process.env },
        });
        expect((await refusal(wrong.read()))[0]?.code).toBe('database-not-found');
      });
    });
  },
  [
    ...outageLogLines,
    ...reloadLogLines,
    { service: 'postgres', line: /database "nothing" does not exist/, reason: 'asked for by the test' },
  ],
);

function hostOf({ system, host }: World) {
  const found = system.hosts.find(({ name }) => name === host);
  if (found === undefined) throw new Error(`there is no ${host}`);
  return found;
}

/** Each behind those that it comes after. */
function inOrder(containers: readonly Container[]): readonly Container[] {
  const ordered: Container[] = [];
  const visit = (one: Container): void => {
    if (ordered.includes(one)) return;
    for (const other of containers) if (one.after.includes(other.service)) visit(other);
    ordered.push(one);
  };
  for (const one of containers) visit(one);
  return ordered;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** What a promise that must fail says. */
async function refusal(action: Promise<unknown>): Promise<readonly Diagnostic[]> {
  try {
    await action;
  } catch (cause) {
    if (cause instanceof DiagnosticError) return cause.diagnostics;
    throw cause;
  }
  throw new Error('it was not refused');
}
