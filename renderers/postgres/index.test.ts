// The files and the container of PostgreSQL. What the SQL does is tested on real servers, in test/database.

import { describe, expect, it } from 'vitest';
import { UnescapableError } from '../../src/render/escaped.ts';
import { printContent } from '../../src/render/secret-marker.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import { postgres } from './index.ts';

describe('the artifacts', () => {
  it('are the migration, which belongs to no host, and a secret for each host that runs the server', () => {
    const { artifacts } = postgres.render(aMailSystem());
    expect(artifacts.map(({ path, host, unit, mode }) => ({ path, host, unit, mode }))).toEqual([
      { path: 'database/schema.sql', host: null, unit: null, mode: 0o644 },
      { path: 'database/sync.sql', host: null, unit: null, mode: 0o644 },
      {
        path: 'mail.example.com/postgres/superuser-password',
        host: 'mail.example.com',
        unit: 'postgres',
        mode: 0o600,
      },
    ]);
  });

  it('hold the rows in sync.sql and nowhere else, and no secret but by its name', () => {
    const [schema, sync, password] = postgres
      .render(aMailSystem({ users: [{ address: 'bob@example.com', passwordHash: '{SSHA256}canary' }] }))
      .artifacts.map(({ content }) => printContent(content));
    expect(schema).not.toContain('bob');
    expect(sync).toContain('bob\texample.com\t{SSHA256}canary\t\\N\tt\t\\N\t\\N\n');
    expect(password).toBe(`\${secret:database.postgres.password}`);
  });

  it('begin sync.sql with all of schema.sql', () => {
    const [schema = '', sync = ''] = postgres
      .render(aMailSystem())
      .artifacts.map(({ content }) => printContent(content));
    const body = schema.slice(schema.indexOf('\nBEGIN;'), schema.indexOf('\nCOMMIT;'));
    expect(body.length).toBeGreaterThan(1000);
    expect(sync).toContain(body);
  });

  it('are the same bytes for the same system', () => {
    expect(postgres.render(aMailSystem())).toEqual(postgres.render(aMailSystem()));
  });

  it('are made in pieces, so that a million users fit', () => {
    const users = Array.from({ length: 30_000 }, (_, index) => `user${index}@example.com`);
    const sync = postgres.render(aMailSystem({ users })).artifacts[1];
    const pieces = sync?.content.filter((part) => typeof part === 'string') ?? [];
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(1_000_000);
    expect(pieces.length).toBeLessThan(500);
  });

  it('cannot be made of a value that could be taken for something else', () => {
    const system = aMailSystem({
      users: [{ address: 'bob@example.com', passwordHash: 'x\n\\.\nDROP TABLE users;' }],
    });
    expect(() => postgres.render(system)).toThrow(UnescapableError);
    expect(() => postgres.render(aMailSystem({ database: { role: 'x$mailc$' } }))).toThrow(UnescapableError);
  });
});

describe('the container', () => {
  it('follows the contract of the official image, and publishes nothing', () => {
    const [container] = postgres.render(aMailSystem({ database: { name: 'post' } })).containers;
    expect(container).toMatchObject({
      name: 'postgres',
      image: 'postgres:17',
      environment: [
        ['PGDATA', '/var/lib/postgresql/data'],
        ['POSTGRES_DB', 'post'],
        ['POSTGRES_PASSWORD_FILE', '/etc/mailc/current/superuser-password'],
        ['POSTGRES_USER', 'postgres'],
      ],
      mounts: [
        { from: '/srv/mail/mailc/postgres', to: '/etc/mailc', readOnly: true },
        { from: '/srv/mail/postgres', to: '/var/lib/postgresql/data', readOnly: false },
      ],
      ports: [],
      readOnly: true,
    });
  });

  it('runs where the service does', () => {
    const hosts = [
      { name: 'db.example.com', services: ['postgres' as const] },
      { name: 'mx.example.com', services: ['postfix' as const, 'dovecot' as const] },
    ];
    const { containers, artifacts } = postgres.render(aMailSystem({ hosts }));
    expect(containers.map(({ host }) => host)).toEqual(['db.example.com']);
    expect(artifacts.flatMap(({ host }) => host ?? [])).toEqual(['db.example.com']);
  });
});
