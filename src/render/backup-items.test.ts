// A restore needs what containers write and what files hold: nothing of it may be missing from the list.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileText } from '../../test/support/compile-text.ts';
import type { Compiled } from '../compile.ts';
import type { Host } from '../model/mail-system.ts';
import { backupItems } from './backup-items.ts';

const root = new URL('../../', import.meta.url);

async function compiled(file: string): Promise<Compiled> {
  const { value } = await compileText(readFileSync(new URL(file, root), 'utf8'));
  if (value === null) throw new Error(`${file} does not compile`);
  return value;
}

const example = await compiled('mail.yaml.example');
const severalHosts = await compiled('test/cases/003-several-hosts/mail.yaml');
const relay = await compiled('test/cases/005-relay/mail.yaml');

const hostsOf = (systems: readonly Compiled[]): readonly (readonly [string, Compiled, Host])[] =>
  systems.flatMap((one) => one.system.hosts.map((host) => [host.name, one, host] as const));

describe.each(hostsOf([example, severalHosts, relay]))('the list of %s', (_, compiled, host) => {
  const items = backupItems(compiled, host);
  const paths = items.map(({ path }) => path);

  it('has each path that a container of it may write to', () => {
    const containers = compiled.containers.filter((one) => one.host === host.name);
    const written = containers.flatMap(({ mounts }) => mounts.filter(({ readOnly }) => !readOnly));
    expect(paths).toEqual(expect.arrayContaining(written.map(({ from }) => from)));
  });

  it('has each secret that a file of it holds', () => {
    const artifacts = compiled.artifacts.filter((one) => one.host === host.name);
    const held = artifacts.flatMap(({ content }) =>
      content.flatMap((part) => (typeof part === 'string' ? [] : [part.secret])),
    );
    expect(items.map(({ secret }) => secret)).toEqual(expect.arrayContaining(held));
  });

  it('has what is mounted from outside of the data folder, such as certificates', () => {
    const containers = compiled.containers.filter((one) => one.host === host.name);
    const foreign = containers.flatMap(({ mounts }) =>
      mounts.filter(({ from }) => !from.startsWith(`${host.data}/`)).map(({ from }) => from),
    );
    expect(paths).toEqual(expect.arrayContaining(foreign));
  });

  it('names nothing twice', () => {
    const named = paths.filter((path) => path !== null);
    expect(new Set(named).size).toBe(named.length);
  });
});

it('is in the order in which a restore needs it: secrets, certificates, the database, mail, the queue', () => {
  const [host] = example.system.hosts;
  if (host === undefined) throw new Error('the example has a host');
  const items = backupItems(example, host);
  expect(items.map(({ kind }) => kind).filter((kind, index, all) => kind !== all[index - 1])).toEqual([
    'secret',
    'certificate',
    'volume',
    'history',
  ]);
  const volumes = items.flatMap(({ kind, path }) => (kind === 'volume' && path !== null ? [path] : []));
  const at = (name: string): number => volumes.indexOf(`/srv/mail/${name}`);
  expect([at('postgres') < at('mail'), at('mail') < at('postfix-queue')]).toEqual([true, true]);
  expect(items.filter(({ required }) => !required).map(({ path }) => path)).toEqual([
    '/srv/mail/postfix-data',
    '/srv/mail/spamassassin',
    '/srv/mail/clamav',
    '/srv/mail/mailc/history',
  ]);
});
