/** The rule that mail comes to an end: no alias, and no catch-all, leads back to itself. */
import { type Diagnostic, error } from '../../diagnostics/diagnostic.ts';
import { type Address, formatAddress } from '../../model/address.ts';
import type { MailSystem } from '../../model/mail-system.ts';
import type { Position } from '../../model/position.ts';
import { addressBookOf } from '../../render/address-book-of.ts';
import { lookUp } from '../../resolve/address-book.ts';
import type { Rule } from '../rule.ts';

/** An alias by its address, or a catch-all by its domain, and where mail to it goes on. */
interface Node {
  readonly name: string;
  readonly source: Position;
  /** An alias that nobody wrote, for the `postmaster` at `source`. */
  readonly generated: boolean;
  readonly destinations: readonly Address[];
}

/** Each cycle is reported once, at its first address. Postfix would bounce what runs into one. */
export const aliasesNeverLeadBackToThemselves: Rule = (system) => {
  const nodes = nodesOf(system);
  if (nodes.size === 0) return [];
  const book = addressBookOf(system);
  const nextOf = (node: Node): readonly Node[] =>
    node.destinations.flatMap((address) => nodes.get(lookUp(book, address).name) ?? []);
  return [...cycles([...nodes.values()], nextOf)].map(describe);
};

/** Without the aliases that lead to users and elsewhere only, which is most of them: none is in a cycle. */
function nodesOf(system: MailSystem): ReadonlyMap<string, Node> {
  const nodes = new Map<string, Node>();
  for (const { address, destinations, source, origin } of system.aliases) {
    const onward = destinations.filter(({ kind }) => kind === 'alias' || kind === 'catch-all');
    if (onward.length === 0) continue;
    const name = formatAddress(address);
    nodes.set(name, {
      name,
      source,
      generated: origin === 'generated',
      destinations: onward.map((destination) => destination.address),
    });
  }
  for (const { name, catchAll, source } of system.domains) {
    if (catchAll.length > 0) nodes.set(name, { name, source, generated: false, destinations: catchAll });
  }
  return nodes;
}

/** Depth first, with a stack of its own: a chain of aliases may be longer than the call stack is deep. */
function* cycles(nodes: readonly Node[], nextOf: (node: Node) => readonly Node[]): Iterable<readonly Node[]> {
  const done = new Set<Node>();
  for (const start of nodes) {
    if (done.has(start)) continue;
    const path: { readonly node: Node; readonly rest: Node[] }[] = [];
    const onPath = new Map<Node, number>();
    const enter = (node: Node) => {
      onPath.set(node, path.length);
      path.push({ node, rest: [...nextOf(node)].reverse() });
    };
    enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.pop();
      if (next === undefined) {
        path.pop();
        onPath.delete(top.node);
        done.add(top.node);
        continue;
      }
      const index = onPath.get(next);
      if (index !== undefined) yield path.slice(index).map(({ node }) => node);
      else if (!done.has(next)) enter(next);
    }
  }
}

/** Of a long cycle the message shows the beginning. */
const shown = 10;

function describe(cycle: readonly Node[]): Diagnostic {
  const first = cycle.reduce((a, b) => (a.name < b.name ? a : b));
  const at = cycle.indexOf(first);
  const turned = [...cycle.slice(at), ...cycle.slice(0, at)];
  const names = turned.slice(0, shown).map(label);
  if (turned.length > shown) names.push(`… (${turned.length - shown} more)`);
  return error(
    'alias-cycle',
    first.source,
    `${first.name.includes('@') ? 'alias' : 'catch-all'} "${label(first)}" leads back to itself: ${[...names, label(first)].join(' -> ')}`,
    {
      hint: first.generated
        ? `add "${first.name}" under "users" or "aliases", or name another address here`
        : 'take one destination out of the cycle',
      related: turned
        .slice(1, 4)
        .map(({ name, source }) => ({ message: `by way of "${name}"`, position: source })),
    },
  );
}

function label({ name }: Node): string {
  return name.includes('@') ? name : `*@${name}`;
}
