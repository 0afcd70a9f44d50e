/** What an apply leaves for the next one, should it not come to its end. */
import type { ApplyRequest } from './apply.ts';
import type { Part } from './part.ts';
import type { Journal } from './targets.ts';

/** Durable before it returns. */
export function writeJournal(
  { record }: ApplyRequest,
  { host, staged }: Part,
  pending: Journal['pending'],
): void {
  const { planId, who, at } = record;
  host.writeJournal({ generation: staged.generation, planId, who, at, pending });
}
