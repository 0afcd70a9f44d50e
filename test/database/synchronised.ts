// Brings a database to rows or a system as `mailc apply` does, for tests that look at what comes of it.

import type { ApplyRecord } from '../../src/apply/targets.ts';
import type { MailSystem } from '../../src/model/mail-system.ts';
import type { DatabaseRows } from '../../src/model/rows.ts';
import { rowsOf } from '../../src/render/rows.ts';
import type { OpenDatabaseTarget } from '../../src/targets/database/database-target.ts';
import type { ADatabase } from './databases.ts';

export const aRecord: ApplyRecord = {
  mailc: '0.1.0',
  commit: 'c'.repeat(40),
  dirty: false,
  planId: 'p'.repeat(64),
  who: 'alice on laptop',
  at: '2026-01-02T03:04:05.678Z',
  summary: { create: 1, update: 2, delete: 3 },
};

/** Runs `action` on an open target and closes it. */
export async function withTarget<T>(
  database: ADatabase,
  action: (target: OpenDatabaseTarget) => Promise<T>,
): Promise<T> {
  const target = await database.open();
  try {
    return await action(target);
  } finally {
    await target.close();
  }
}

/** Plans nothing: takes the database as it is, and makes it what `system` says. Gives the rows it has then. */
export function synchronised(
  database: ADatabase,
  system: MailSystem,
  mailPassword: string | null = null,
): Promise<DatabaseRows> {
  return withTarget(database, async (target) => {
    await target.sync({
      system: { ...system, database: { ...system.database, role: database.role } },
      before: await target.read(),
      mailPassword,
      record: aRecord,
      interrupted: new AbortController().signal,
    });
    return (await target.read()).rows;
  });
}

/** The rows of a system as they are read back: without what only mail.yaml knows. */
export function asLive(system: MailSystem): DatabaseRows {
  const { domains, users, aliases } = rowsOf(system);
  return {
    domains: domains.map((row) => ({ ...row, source: null })),
    users: users.map((row) => ({ ...row, movedFrom: null, source: null })),
    aliases: aliases.map((row) => ({ ...row, source: null })),
  };
}
