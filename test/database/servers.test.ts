// The database harness itself: both versions answer, and databases are apart.

import pg from 'pg';
import { expect, it } from 'vitest';
import { describePostgres } from './servers.ts';

describePostgres('a test database', (server) => {
  it('is on a server of the version that its name says', async () => {
    const database = await server.createDatabase();
    const client = new pg.Client(database.url);
    await client.connect();
    const { rows } = await client.query('SELECT current_database() AS name, current_setting($1) AS version', [
      'server_version',
    ]);
    await client.end();
    expect(rows[0].name).toBe(database.name);
    expect(rows[0].version).toMatch(new RegExp(`^${server.major}\\.`));
    await database.drop();
  });
});
