/** The order in which the containers of one host start. */
import type { Container } from '../../src/model/container.ts';

/**
 * Each after those of its `after` that are among `containers`; apart from that by service. Services that wait
 * for each other in a circle all start, in no promised order.
 */
export function startOrder(containers: readonly Container[]): readonly Container[] {
  const byService = new Map(containers.map((container) => [container.service, container]));
  const ordered = new Set<Container>();
  const visiting = new Set<Container>();
  const visit = (container: Container): void => {
    if (ordered.has(container) || visiting.has(container)) return;
    visiting.add(container);
    for (const service of [...container.after].sort()) {
      const earlier = byService.get(service);
      if (earlier !== undefined) visit(earlier);
    }
    ordered.add(container);
  };
  for (const container of [...containers].sort((a, b) => (a.service < b.service ? -1 : 1))) visit(container);
  return [...ordered];
}
