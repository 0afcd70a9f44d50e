/**
 * Makes text from anywhere safe to print: nothing in it can move a cursor, colour, hide or reorder the rest.
 */

/** Controls, format characters (direction marks, joiners), separators, unassigned and private code points. */
const unsafe = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}|[\u115F\u1160\u2800\u3164\uFFA0]/u;
const allUnsafe = new RegExp(unsafe, 'gu');
const zeroWidth = /^[\p{Mn}\p{Me}]$/u;
const wide = new RegExp(
  [
    // Hangul, CJK and their full-width forms, kana, the planes of ideographs, and what is shown as an emoji.
    '^[\\u1100-\\u115F\\u2E80-\\u303E\\u3041-\\uA4CF\\uA960-\\uA97C\\uAC00-\\uD7A3\\uF900-\\uFAFF',
    '\\uFE30-\\uFE6F\\uFF00-\\uFF60\\uFFE0-\\uFFE6\\u{1B000}-\\u{1B2FF}\\u{20000}-\\u{3FFFD}',
    '\\p{Emoji_Presentation}]$',
  ].join(''),
  'u',
);

/** One line: line breaks become visible too. */
export function printable(text: string): string {
  return text.replace(allUnsafe, codeOf);
}

/** As {@link printable}, with the middle cut out of what nobody would read to its end. */
export function printableSentence(text: string): string {
  const characters = [...text];
  if (characters.length <= 600) return printable(text);
  return `${printable(characters.slice(0, 400).join(''))} … ${printable(characters.slice(-180).join(''))}`;
}

/** A character as it is shown, and the columns that a terminal gives it. */
export interface Shown {
  readonly text: string;
  readonly width: number;
}

/** @param character one code point; a tab is the caller's to expand */
export function show(character: string): Shown {
  // Most of every source, settled before the tables of Unicode are asked.
  if (character >= ' ' && character <= '~') return { text: character, width: 1 };
  if (unsafe.test(character)) {
    const code = codeOf(character);
    return { text: code, width: code.length };
  }
  if (zeroWidth.test(character)) return { text: character, width: 0 };
  return { text: character, width: wide.test(character) ? 2 : 1 };
}

function codeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
