/** Says what a change of rows means for mail: who stops getting it, who gets it instead, who may send as whom. */
import type { Consequence, ConsequenceKind } from '../model/plan.ts';
import type { Position } from '../model/position.ts';
import { byAddress } from './canonical.ts';
import { type MailFlow, splitAddress } from './mail-flow.ts';

/**
 * `moves` gives the new address of each user whose mailbox moves, by the old one. What a created user, alias
 * or domain says of itself is not repeated: only what changes for addresses and users of before, and what a
 * user may newly send as. Sorted by address, then by kind.
 */
export function consequences(
  before: MailFlow,
  after: MailFlow,
  moves: ReadonlyMap<string, string>,
): readonly Consequence[] {
  const found = [
    ...domainConsequences(before, after, moves),
    ...addressConsequences(before, after, moves),
    ...senderConsequences(before, after, moves),
    ...loginConsequences(before, after, moves),
  ];
  return found.sort((a, b) => byAddress(a, b) || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0));
}

/** A whole domain at once: its twenty thousand addresses need no line each. */
function* domainConsequences(
  before: MailFlow,
  after: MailFlow,
  moves: ReadonlyMap<string, string>,
): Generator<Consequence> {
  for (const [name, old] of before.domains) {
    const all = `@${name}`;
    const wanted = after.domains.get(name);
    if (wanted === undefined) {
      yield consequence(
        'bounces',
        all,
        `every address of ${name} will bounce: the domain is no longer hosted here`,
      );
    } else if (old.aliasOf !== wanted.aliasOf) {
      const message =
        wanted.aliasOf === null
          ? `${name} no longer has the addresses of ${old.aliasOf}`
          : `mail to any address of ${name} will go to the same address of ${wanted.aliasOf}`;
      yield consequence('reroutes', all, message, wanted.source);
    } else if (wanted.aliasOf === null) {
      const subject = `mail to unknown addresses of ${name}`;
      const old = moved(before.route(all), moves);
      const was = `was delivered to ${list(old, before)}`;
      const change = routeChange({ address: all, subject, was, source: wanted.source }, old, after);
      if (change !== null) yield change;
    }
  }
}

function* addressConsequences(
  before: MailFlow,
  after: MailFlow,
  moves: ReadonlyMap<string, string>,
): Generator<Consequence> {
  const known = new Set([...before.users.keys(), ...before.aliases.keys()]);
  const addresses = new Set([...known, ...after.users.keys(), ...after.aliases.keys()]);
  for (const address of addresses) {
    const [, domain] = splitAddress(address);
    if (!before.domains.has(domain) || !after.domains.has(domain)) continue;
    const old = moved(before.route(address), moves);
    if (old.length === 0 && !known.has(address)) continue;
    const source = (after.users.get(address) ?? after.aliases.get(address))?.source ?? null;
    const was = before.users.has(address)
      ? formerUser(address, after, moves)
      : `was delivered to ${list(old, before)}`;
    const change = routeChange({ address, subject: address, was, source }, old, after);
    if (change !== null) yield change;
  }
}

function formerUser(address: string, after: MailFlow, moves: ReadonlyMap<string, string>): string {
  if (after.users.has(address)) return 'the user is disabled';
  const newAddress = moves.get(address);
  return newAddress === undefined ? 'was a user' : `its mailbox moves to ${newAddress}`;
}

interface Subject {
  readonly address: string;
  /** How a sentence about it begins. */
  readonly subject: string;
  /** What it was, if it bounces now. */
  readonly was: string;
  readonly source: Position | null;
}

function routeChange(
  { address, subject, was, source }: Subject,
  old: readonly string[],
  flow: MailFlow,
): Consequence | null {
  const ends = flow.route(address);
  const gained = without(ends, old);
  const lost = without(old, ends);
  if (gained.length === 0 && lost.length === 0) return null;
  if (ends.length === 0) return consequence('bounces', address, `${subject} will bounce (${was})`, source);
  const to = (addresses: readonly string[]): string => list(addresses, flow);
  if (old.length === 0) {
    const sentence = `${subject} will be delivered to ${to(ends)} (bounced before)`;
    return consequence('delivers', address, sentence, source);
  }
  const sentence =
    lost.length === 0
      ? `${subject} will also be delivered to ${to(gained)}`
      : gained.length === 0
        ? `${subject} will no longer be delivered to ${to(lost)}`
        : `${subject} will be delivered to ${to(gained)} instead of ${to(lost)}`;
  return consequence('reroutes', address, sentence, source);
}

function* senderConsequences(
  before: MailFlow,
  after: MailFlow,
  moves: ReadonlyMap<string, string>,
): Generator<Consequence> {
  const old = new Map<string, ReadonlySet<string>>();
  for (const [login, addresses] of before.senders()) old.set(moves.get(login) ?? login, addresses);
  const senders = after.senders();
  for (const [login, addresses] of senders) {
    const had = old.get(login);
    const source = after.users.get(login)?.source ?? null;
    for (const address of addresses) {
      const isNews = address !== login && !had?.has(address) && before.domains.has(splitAddress(address)[1]);
      if (isNews) yield consequence('gains-send-as', login, `${login} may now send as ${address}`, source);
    }
  }
  for (const [login, addresses] of old) {
    const has = senders.get(login);
    if (has === undefined) continue;
    const source = after.users.get(login)?.source ?? null;
    for (const address of addresses) {
      const isNews = !has.has(address) && (after.users.has(address) || after.aliases.has(address));
      if (isNews)
        yield consequence('loses-send-as', login, `${login} may no longer send as ${address}`, source);
    }
  }
}

function* loginConsequences(
  before: MailFlow,
  after: MailFlow,
  moves: ReadonlyMap<string, string>,
): Generator<Consequence> {
  for (const [address, old] of before.users) {
    const login = moves.get(address) ?? address;
    const wanted = after.users.get(login);
    if (wanted === undefined || wanted.enabled === old.enabled) continue;
    yield wanted.enabled
      ? consequence('gains-login', login, `${login} can log in again`, wanted.source)
      : consequence('loses-login', login, `${login} can no longer log in`, wanted.source);
  }
}

function consequence(
  kind: ConsequenceKind,
  address: string,
  message: string,
  source: Position | null = null,
): Consequence {
  return { kind, address, message, source };
}

/** A mailbox that moves is the same mailbox. */
function moved(ends: readonly string[], moves: ReadonlyMap<string, string>): readonly string[] {
  return moves.size === 0 ? ends : ends.map((end) => moves.get(end) ?? end);
}

function without(all: readonly string[], taken: readonly string[]): readonly string[] {
  if (all.length === taken.length && all.every((item, index) => item === taken[index])) return [];
  const set = new Set(taken);
  return all.filter((item) => !set.has(item)).sort();
}

/** The first three by name. */
function list(items: readonly string[], flow: MailFlow): string {
  const named = items
    .slice(0, 3)
    .map((item) => (flow.domains.has(splitAddress(item)[1]) ? item : `${item} (elsewhere)`));
  const more = items.length - named.length;
  if (more > 0) return `${named.join(', ')} and ${more} more`;
  return named.length > 1 ? `${named.slice(0, -1).join(', ')} and ${named.at(-1)}` : named.join('');
}
