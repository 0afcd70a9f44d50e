/** A plan for programs: format version 1, as docs/plan.md describes it. */
import type { Plan } from '../../model/plan.ts';
import type { Elsewhere } from '../elsewhere.ts';
import { planDocument } from '../plan-document.ts';

/**
 * Two spaces deep, with a newline at the end. Invisible characters are written as `\uXXXX`, which reads back as
 * the same value and cannot drive a terminal.
 */
export function planJson(plan: Plan, mailc: string, elsewhere: Elsewhere | null = null): string {
  const json = JSON.stringify(planDocument(plan, mailc, elsewhere), null, 2);
  const safe = json.replace(/[\u007f-\u009f\u2028\u2029]|[\p{Cf}\p{Cs}]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => escapeUnit(character.charCodeAt(index))).join(''),
  );
  return `${safe}\n`;
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
