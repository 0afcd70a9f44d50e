/** A Postgres of the benchmark's own, from whatever server Debian has installed; null where there is none. */
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const installed = '/usr/lib/postgresql';

export function startPostgres() {
  if (!existsSync(installed)) return null;
  const version = readdirSync(installed).sort((a, b) => Number(b) - Number(a))[0];
  const bin = join(installed, version, 'bin');
  const folder = mkdtempSync(join(tmpdir(), 'mailc-bench-pg-'));
  const data = join(folder, 'data');
  // The server refuses to run as root.
  const prefix = process.getuid() === 0 ? ['runuser', '-u', 'postgres', '--'] : [];
  if (prefix.length > 0) chownSync(folder, id('-u'), id('-g'));
  const run = (program, ...words) => {
    const [first, ...rest] = [...prefix, join(bin, program), ...words];
    execFileSync(first, rest, { stdio: 'ignore', cwd: folder });
  };
  run('initdb', '--auth=trust', '--username=postgres', '-D', data);
  run(
    'pg_ctl',
    '-D',
    data,
    '-w',
    '-o',
    `-c listen_addresses='' -k ${folder}`,
    '-l',
    join(folder, 'log'),
    'start',
  );
  run('createdb', '-h', folder, '-U', 'postgres', 'mail');
  return {
    url: `postgres://postgres@localhost/mail?host=${encodeURIComponent(folder)}`,
    stop: () => {
      run('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function id(flag) {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
}
