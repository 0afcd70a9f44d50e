/** Characters that a source may not hold: YAML 1.2.2, section 5.1, and what has no place in a mail system. */
import { type Diagnostic, error } from '../diagnostics/diagnostic.ts';
import type { Position } from '../model/position.ts';

/** A byte order mark (U+FEFF) begins some files; elsewhere it is as invisible as it is wrong. */
export const BYTE_ORDER_MARK = '\uFEFF';

const unprintable = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\uFEFF\uFFFE\uFFFF]|\r(?!\n)/;
const lineBreakOrTab = /[\t\n\r]/;

/** What stands in the text itself; values are looked at by {@link controlCharacterOf}. */
export function refuseUnprintable(
  text: string,
  positionOf: (start: number, end: number) => Position,
): Diagnostic | null {
  const index = text.search(unprintable);
  const found = index === -1 ? loneSurrogate(text) : index;
  if (found === null) return null;
  const position = positionOf(found, found + 1);
  const name = nameOf(text.charCodeAt(found));
  if (text[found] === '\r') {
    return error('control-character', position, `the line ends in a carriage return alone (${name})`, {
      hint: 'save the file with LF or CRLF line ends',
    });
  }
  return error('control-character', position, `the character ${name} may not stand in a YAML file`, {
    hint: 'delete it; in an editor it may be invisible',
  });
}

/**
 * A control character or half a code point in a value, as an escape sequence or a block scalar can make it.
 */
export function controlCharacterOf(value: string): string | null {
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return nameOf(code);
  }
  const surrogate = loneSurrogate(value);
  return surrogate === null ? null : nameOf(value.charCodeAt(surrogate));
}

export function holdsLineBreak(value: string): boolean {
  return lineBreakOrTab.test(value);
}

function loneSurrogate(text: string): number | null {
  // Most texts have none at all, which the first, cheap look settles.
  if (!/[\uD800-\uDFFF]/.test(text)) return null;
  return /\p{Surrogate}/u.exec(text)?.index ?? null;
}

function nameOf(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
