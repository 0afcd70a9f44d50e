/** The passwords that the database's roles are to have: those in the files that the apply installs. */
import type { ApplyRequest } from './apply.ts';
import type { RolePasswords } from './targets.ts';

/**
 * As the hosts have them now. That of the superuser counts only where its file changes: the first one is set by the
 * container, which makes the database with it.
 */
export function rolePasswords({
  plan,
  compiled,
  targets,
}: Pick<ApplyRequest, 'plan' | 'compiled' | 'targets'>): RolePasswords {
  const { passwordSecret, superuserPasswordSecret } = compiled.system.database;
  const value = (name: string): string | null =>
    targets.hosts.map((host) => host.readSecrets().get(name)).find((one) => one !== undefined) ?? null;
  const updated = new Set(
    plan.changes.flatMap(({ action, address }) => (action === 'update' ? [address] : [])),
  );
  const replaced = compiled.artifacts.some(
    ({ path, content }) =>
      updated.has(`file/${path}`) &&
      content.some((part) => typeof part !== 'string' && part.secret === superuserPasswordSecret),
  );
  return {
    mailPassword: value(passwordSecret),
    superuserPassword: replaced ? value(superuserPasswordSecret) : null,
  };
}
