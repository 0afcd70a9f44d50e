/**
 * Every secret of an installation is a string that stands nowhere else, and then nothing that mailc writes,
 * prints, sends to the database or is called with holds it, whatever goes well or wrong.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describePostgres } from '../database/servers.ts';
import { type Run, type RunOptions, runMailc } from '../support/run-mailc.ts';
import { bobsHash, smallMailYaml } from '../support/small-mail-yaml.ts';

const unique = (): string => `Canary${randomBytes(9).toString('hex')}`;
const hash = (): string => `$6$rounds=50000$${unique().slice(0, 16)}$${randomBytes(43).toString('hex')}`;

/** What users and whoever runs mailc chose. The URL's password needs escapes there; its letters do not. */
const chosen = {
  relayPassword: `${unique()} "it's" $HOME #1`,
  filePassword: unique(),
  urlPassword: `${unique()}@/:%`,
  wrongPassword: `${unique()}@/:%`,
  before: hash(),
  after: hash(),
};

describePostgres('a secret', (server) => {
  const folder = mkdtempSync(join(tmpdir(), 'mailc-secrets-'));
  const root = join(folder, 'host');
  const work = join(folder, 'work');
  const role = `canary_${randomBytes(4).toString('hex')}`;
  const mailRole = `mail_${randomBytes(4).toString('hex')}`;
  /** All that was printed, by command. */
  const printed: (readonly [name: string, text: string])[] = [];
  const commandLines: string[] = [];
  let databaseName = '';
  let socket = '';
  let log = '';
  let drop = async (): Promise<void> => {};

  const url = (password: string, name = databaseName): string =>
    `postgresql://${role}:${encodeURIComponent(password)}@/${name}?host=${socket}`;

  const mailYaml = (password: string, relayPassword: string): string =>
    `${smallMailYaml.replace(bobsHash, password)}database: { role: ${mailRole} }
relay: { host: smtp.provider.example, username: bob, password: ${relayPassword}, spf_include: spf.provider.example }
`;

  async function mailc(words: readonly string[], environment: Record<string, string> = {}): Promise<Run> {
    const options: RunOptions = {
      environment: {
        MAILC_DEBUG: '1',
        MAILC_DATABASE: url(chosen.urlPassword),
        RELAY_PASSWORD: chosen.relayPassword,
        ...environment,
      },
      onStart: ({ pid }) => void watchCommandLines(pid, commandLines),
    };
    const run = await runMailc(words, work, options);
    printed.push([words.join(' '), run.stdout + run.stderr]);
    return run;
  }

  const write = (name: string, text: string): void => writeFileSync(join(work, name), text);

  beforeAll(async () => {
    const database = await server.createDatabase();
    databaseName = database.name;
    const admin = new URL(await server.url());
    socket = admin.searchParams.get('host') ?? '';
    log = join(socket, 'log');
    await execute(await server.url(), [
      `CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD '${chosen.urlPassword}'`,
      `ALTER DATABASE ${databaseName} SET log_statement = 'all'`,
      `ALTER DATABASE ${databaseName} SET log_min_duration_statement = 0`,
      // This role alone must show its password.
      'CREATE TEMPORARY TABLE hba (line text)',
      `DO $$ BEGIN EXECUTE format('COPY hba FROM %L', current_setting('hba_file')); END $$`,
      `DO $$ BEGIN EXECUTE format('COPY (SELECT %L UNION ALL SELECT line FROM hba) TO %L',
         'local all ${role} scram-sha-256', current_setting('hba_file')); END $$`,
      'SELECT pg_reload_conf()',
    ]);
    drop = async () => {
      await database.drop();
      await execute(await server.url(), [`DROP ROLE ${role}`, `DROP ROLE IF EXISTS ${mailRole}`]);
    };
    mkdirSync(work, { recursive: true });
    mkdirSync(join(root, 'root'), { recursive: true });
    writeFileSync(join(root, 'root/relay-password'), `${chosen.filePassword}\n`, { mode: 0o600 });
  });
  afterAll(async () => {
    await drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const live = ['--root', root] as const;
  const hazards = ['--yes', '--allow-dirty', '--allow', 'changes-password'] as const;

  test('is needed and used', async () => {
    write('mail.yaml', mailYaml(chosen.before, '{ env: RELAY_PASSWORD }'));
    expect((await mailc(['plan', ...live])).code).toBe(0);
    expect((await mailc(['apply', ...live, ...hazards, '--full'])).code).toBe(0);
    write('mail.yaml', mailYaml(chosen.after, '{ file: /root/relay-password }'));
    for (const format of ['text', 'json', 'markdown']) {
      expect((await mailc(['plan', ...live, '--format', format])).code).toBe(0);
      expect((await mailc(['plan', ...live, '--format', format, '--full'])).code).toBe(0);
    }
    expect((await mailc(['plan', ...live, '-o', 'plan.json'])).code).toBe(0);
    expect((await mailc(['apply', ...live, '--yes'])).code).toBe(4);
    expect((await mailc(['apply', ...live, ...hazards, '--format', 'json'])).code).toBe(0);
    expect((await mailc(['plan', ...live])).stdout).toBe('No changes.\n');

    const installed = filesBelow(join(root, 'srv/mail/mailc')).map(([, text]) => text);
    expect(installed.some((text) => text.includes(chosen.filePassword))).toBe(true);
    expect(generated().length).toBeGreaterThanOrEqual(4);
  });

  test('is not printed by commands that have no use for it', async () => {
    for (const format of ['text', 'json', 'github', 'sarif']) {
      expect((await mailc(['validate', '--format', format])).code).toBe(0);
    }
    expect((await mailc(['compile', '-o', 'out'])).code).toBe(0);
    expect((await mailc(['dns', ...live])).code).toBe(0);
    expect((await mailc(['dns', '--format', 'json', ...live])).code).toBe(0);
  });

  test('is not printed by commands that fail', async () => {
    const unreachable = `postgresql://${role}:${encodeURIComponent(chosen.urlPassword)}`;
    const wrong: Readonly<Record<string, string>> = {
      'wrong password': url(chosen.wrongPassword),
      'no such database': url(chosen.urlPassword, 'no_such_database'),
      'nobody listens': `${unreachable}@127.0.0.1:1/mail`,
      'no such host': `${unreachable}@mail.invalid/mail`,
      'no such socket': `${unreachable}@/mail?host=/nonexistent`,
      'no number for a port': `${unreachable}@localhost:port/mail`,
      'too large a port': `${unreachable}@localhost:123456/mail`,
      'an open bracket': `${unreachable}@[::1/mail`,
      'an escape cut short': `postgresql://${role}:${chosen.urlPassword}%@localhost/mail`,
      'no escapes at all': `postgresql://${role}:${chosen.urlPassword}@localhost/mail`,
      'another program': `mysql://${role}:${chosen.urlPassword}@localhost/mail`,
      'a slash too few': `postgresql:/${role}:${chosen.urlPassword}@localhost/mail`,
      'an option that is none': `${url(chosen.urlPassword)}&sslmode=nonsense`,
      'a certificate that is none': `${url(chosen.urlPassword)}&sslmode=verify-full&sslrootcert=/nonexistent`,
      'a server without TLS': `${url(chosen.urlPassword)}&sslmode=require`,
    };
    for (const [name, database] of Object.entries(wrong)) {
      const fromEnvironment = await mailc(['plan'], { MAILC_DATABASE: database });
      expect(fromEnvironment.code, name).not.toBe(0);
      expect(fromEnvironment.stderr, name).toMatch(/^error/m);
    }
    // On a command line the password is public already; printing it would carry it into logs.
    const database = url(chosen.wrongPassword);
    for (const words of [
      ['plan', '--database', database],
      ['apply', '--database', database, ...hazards],
      ['plan', '--databse', database],
      ['plan', database],
      ['apply', database, ...live, '--yes'],
      ['plan', 'mail.yaml', database],
      ['plan', '--format', database],
      ['plan', '--root', root, '--host', database],
      ['apply', '--allow', database],
      ['validate', database],
      ['dns', database],
      ['explain', database],
      ['build', database],
      ['init', database],
      [database],
    ]) {
      const run = await mailcOnCommandLine(words);
      expect(run.code, words.join(' ')).not.toBe(0);
    }
  });

  test('is not printed with a plan or a secret that is no good', async () => {
    const plan = JSON.parse(readFileSync(join(work, 'plan.json'), 'utf8'));
    for (const [name, text] of Object.entries({
      'cut.json': JSON.stringify(plan).slice(0, -100),
      'foreign.json': JSON.stringify({ ...plan, changes: [{ password: chosen.after }] }),
      'no.json': `${chosen.after}${chosen.filePassword}`,
      'stale.json': JSON.stringify(plan),
    })) {
      write(name, text);
      expect((await mailc(['apply', name, ...live, ...hazards])).code, name).not.toBe(0);
    }
    write('mail.yaml', mailYaml(chosen.after, '{ env: RELAY_PASSWORD }'));
    const environment = { RELAY_PASSWORD: `${chosen.relayPassword}\nsecond line` };
    expect((await mailc(['apply', ...live, ...hazards], environment)).code).toBe(7);
    write('mail.yaml', mailYaml(`${chosen.after}!`, chosen.relayPassword));
    expect((await mailc(['validate'])).code).toBe(3);
    expect((await mailc(['plan', ...live])).code).toBe(3);
    write('mail.yaml', `${mailYaml(chosen.after, '{ env: RELAY_PASSWORD }')}  [`);
    for (const format of ['text', 'json', 'github', 'sarif']) {
      expect((await mailc(['validate', '--format', format])).code).toBe(3);
    }
  });

  test('is in nothing that was printed', () => {
    expect(printed.length).toBeGreaterThan(40);
    for (const [name, text] of printed) expectNone(secrets(), text, name);
  });

  test('is in no compiled file, but for hashes in sync.sql', () => {
    for (const [path, text] of filesBelow(join(work, 'out'))) {
      const allowed = path.endsWith('database/sync.sql') ? [chosen.before, chosen.after] : [];
      expectNone(
        secrets().filter((secret) => !allowed.includes(secret)),
        text,
        path,
      );
    }
  });

  test('is in no saved plan, record or note, and otherwise only in files of their own', () => {
    expectNone(secrets(), readFileSync(join(work, 'plan.json'), 'utf8'), 'plan.json');
    for (const [path, text, mode] of filesBelow(join(root, 'srv/mail/mailc'))) {
      const isNote = /\/(history\/|lock$|[^/]*\.json$)/.test(path);
      // A copy of mail.yaml has the hashes that mail.yaml has.
      const allowed = path.endsWith('.source.json') ? [chosen.before, chosen.after] : [];
      if (isNote) {
        expectNone(
          secrets().filter((secret) => !allowed.includes(secret)),
          text,
          path,
        );
      }
      if (secrets().some((secret) => text.includes(secret))) expect(mode & 0o077, path).toBe(0);
    }
  });

  test('is in no statement that the server was sent, and in no table beyond those that hold hashes', async () => {
    const sent = readFileSync(log, 'utf8');
    expect(sent).toContain('LOG:  statement: BEGIN');
    expect(sent).toContain('mailc.apply');
    expectNone(secrets(), sent, 'the log of the server');
    const rows = await dumpSchema(url(chosen.urlPassword), 'mailc');
    expect(rows).toContain('plan_id');
    expectNone(secrets(), rows, 'the schema mailc');
  });

  test('is in no arguments of a process, unless the user put it there', () => {
    expect(commandLines.some((line) => line.includes('apply'))).toBe(true);
    for (const line of commandLines) expectNone(secrets(), line, 'a command line');
  });

  async function mailcOnCommandLine(words: readonly string[]): Promise<Run> {
    const environment = { MAILC_DEBUG: '1' };
    const run = await runMailc(words, work, { environment });
    printed.push([words.join(' ').replaceAll(/Canary\S*/g, '…'), run.stdout + run.stderr]);
    return run;
  }

  function generated(): readonly string[] {
    return filesBelow(join(root, 'srv/mail/mailc/secrets')).map(([, text]) => text.trim());
  }

  function secrets(): readonly string[] {
    return [...Object.values(chosen), ...generated()];
  }
});

/** Not as it is, not in an encoding that somebody could undo, and no long part of a key. */
function expectNone(secrets: readonly string[], text: string, where: string): void {
  for (const secret of secrets) {
    const [part = secret] = secret.match(/Canary[0-9a-f]+|[A-Za-z0-9+/]{60,}/) ?? [];
    const forms = [
      secret,
      part,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('hex'),
    ];
    for (const form of forms) expect(text.includes(form), `${form.slice(0, 12)}… in ${where}`).toBe(false);
  }
}

function filesBelow(folder: string): readonly (readonly [path: string, text: string, mode: number])[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, readFileSync(path, 'utf8'), statSync(path).mode] as const;
    });
}

/** Of the process and its children, for as long as it runs. */
async function watchCommandLines(pid: number | undefined, seen: string[]): Promise<void> {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  };
  for (let line = 'begun'; line !== ''; await new Promise((done) => setTimeout(done, 10))) {
    line = read(`/proc/${pid}/cmdline`);
    const children = read(`/proc/${pid}/task/${pid}/children`)
      .split(' ')
      .filter((child) => child !== '');
    seen.push(line, ...children.map((child) => read(`/proc/${child}/cmdline`)));
  }
}

async function execute(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Every row of every table of a schema, as JSON. */
async function dumpSchema(url: string, schema: string): Promise<string> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows: tables } = await client.query(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = $1`,
      [schema],
    );
    const dumped: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query(`SELECT to_jsonb(t)::text AS row FROM ${name} AS t`);
      dumped.push(...rows.map(({ row }) => String(row)));
    }
    return dumped.join('\n');
  } finally {
    await client.end();
  }
}
