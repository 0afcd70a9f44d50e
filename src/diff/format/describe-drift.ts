/** Puts into words what somebody did outside mailc: by whom, when, and, where mail.yaml changed too, all three sides. */
import type { Attribute, Change, Drift, Resource } from '../../model/plan.ts';
import { isRedacted, isText, sameAttribute } from '../attributes.ts';
import { shownAttribute } from './describe-change.ts';
import { printable } from './printable.ts';
import { textDiff } from './text-diff.ts';

/** `added by role eve, 2026-03-04 05:06:07 UTC`, as far as it is known. */
export function driftNote(before: Resource | null, { applied, by, at }: Drift): string {
  const done = applied === null ? 'added' : before === null ? 'removed' : 'changed';
  const who = by === null ? null : `by ${printable(by, 120)}`;
  // That an update changed something need not be said.
  const what = who === null ? done : done === 'changed' ? who : `${done} ${who}`;
  return at === null ? what : `${what}, ${time(at)}`;
}

/** ISO 8601 without what nobody reads. A saved plan may hold anything. */
function time(at: string): string {
  const parts = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?Z$/.exec(at);
  return parts === null ? printable(at, 40) : `${parts[1]} ${parts[2]} UTC`;
}

export interface ThreeWay {
  /** Of what was changed by hand, a few words each. */
  readonly details: readonly string[];
  /** The text of a file in unified form: as applied against as it is, and that against as it will be. */
  readonly diff: readonly string[];
}

/** Of a change that mail.yaml asks for on top of a drift. */
export function threeWay({ before, after }: Change, { applied }: Drift): ThreeWay {
  const [was, is, willBe] = [applied, before?.attributes ?? null, after?.attributes];
  const details: string[] = [];
  const diff: string[] = [];
  if (was === null || is === null) return { details, diff };
  for (const name of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const [left, live] = [was[name] ?? null, is[name] ?? null];
    const next = willBe === undefined ? undefined : (willBe[name] ?? null);
    if (sameAttribute(left, live)) continue;
    if (isText(left) && isText(live)) {
      diff.push('--- as applied', '+++ as it is', ...textLines(left.text, live.text));
      if (next !== undefined && isText(next)) {
        diff.push('--- as it is', '+++ as it will be', ...textLines(live.text, next.text));
      }
    } else details.push(inWords(name, left, live, next));
  }
  return { details, diff };
}

function textLines(before: string, after: string): readonly string[] {
  return textDiff(before, after).lines ?? ['too much to show'];
}

/** `willBe` is undefined of what goes as a whole. */
function inWords(name: string, was: Attribute, is: Attribute, willBe: Attribute | undefined): string {
  if (isRedacted(was) || isRedacted(is)) return `${name} changed`;
  const history = `${name} was ${shownAttribute(name, was)}, is ${shownAttribute(name, is)}`;
  return willBe === undefined ? history : `${history}, will be ${shownAttribute(name, willBe)}`;
}
