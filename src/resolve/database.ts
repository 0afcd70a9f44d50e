/** The database's names: none that Postgres keeps for itself. */
import type { DatabaseSettings } from '../model/mail-system.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';
import type { Scope } from './scope.ts';
import { roleSecret } from './secrets.ts';

const superuser = 'postgres';

export function resolveDatabase(config: MailYaml, scope: Scope): DatabaseSettings {
  const name = config.database?.name ?? 'mail';
  const role = config.database?.role ?? 'mail';
  if (['postgres', 'template0', 'template1'].includes(name)) {
    const position = scope.at(['database', 'name']);
    scope.error(
      'database-name-reserved',
      position,
      `database "${name}" is one that Postgres keeps for itself`,
    );
  }
  // The mail role may only read; the superuser owns everything. pg_ is reserved by CREATE ROLE.
  if ([superuser, 'public', 'none'].includes(role) || role.startsWith('pg_')) {
    const position = scope.at(['database', 'role']);
    scope.error('database-name-reserved', position, `role "${role}" is one that Postgres keeps for itself`);
  }
  return {
    name,
    role,
    passwordSecret: roleSecret(role),
    superuserPasswordSecret: roleSecret(superuser),
  };
}
