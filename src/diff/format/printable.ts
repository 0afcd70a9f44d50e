/** Shows a value on a terminal or in a comment: whatever it holds, it can neither move the cursor nor hide text. */

/**
 * Controls, direction marks, separators, lone surrogates and whatever else has no shape become `\u{…}`, so the
 * result is one line. It is cut after `longest` characters, escapes counted as they are written.
 */
export function printable(text: string, longest = 200): string {
  let shown = '';
  for (const character of text) {
    if (shown.length >= longest) return `${shown}…`;
    shown += /[\p{C}\p{Zl}\p{Zp}]/u.test(character)
      ? `\\u{${character.codePointAt(0)?.toString(16)}}`
      : character;
  }
  return shown;
}

/** `20,000`, on every machine. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 line`, `2 lines`; `plural` for a word that does not just take an s. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${grouped(count)} ${count === 1 ? singular : plural}`;
}

/** The first few, and how many more there are. */
export function firstOf(items: readonly string[], most: number): string {
  const shown = items.slice(0, most).map((item) => printable(item, 160));
  const more = items.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${grouped(more)} more` : shown.join(', ');
}
