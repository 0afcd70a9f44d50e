/** Which users of mail.yaml take over the mailbox of a former address (`moved_from`). */
import type { UserRow } from '../model/rows.ts';

type Key = Pick<UserRow, 'name' | 'domain'>;

/**
 * By own address, the former one. `moved_from` holds once: as long as the former address is live, the own is
 * not, and mail.yaml no longer has the former one; the first by address takes it. The plan and the statements
 * of sync.sql decide in the same way. Linear in the number of users, but for sorting those that have moved.
 */
export function userMoves(
  live: readonly Key[],
  desired: readonly (Key & Pick<UserRow, 'movedFrom'>)[],
): ReadonlyMap<string, string> {
  const moves = new Map<string, string>();
  const movers = desired.filter(({ movedFrom }) => movedFrom !== null);
  if (movers.length === 0) return moves;
  const standing = new Set(live.map(address));
  const wanted = new Set(desired.map(address));
  const taken = new Set<string>();
  for (const mover of movers.sort((a, b) => (address(a) < address(b) ? -1 : 1))) {
    const former = mover.movedFrom ?? '';
    if (!standing.has(former) || standing.has(address(mover)) || wanted.has(former) || taken.has(former))
      continue;
    taken.add(former);
    moves.set(address(mover), former);
  }
  return moves;
}

function address({ name, domain }: Key): string {
  return `${name}@${domain}`;
}
