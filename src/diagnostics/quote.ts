/** Shows a user's value inside a message, whatever it holds. */

/** In double quotes, on one line, nothing invisible left as it is, and cut after 80 characters. */
export function quote(value: string): string {
  const characters = [...value.slice(0, 200)];
  const shown = characters.slice(0, 80).map(visible).join('');
  return characters.length > 80 ? `"${shown}…"` : `"${shown}"`;
}

/** Controls, direction marks, separators, lone surrogates and what else has no shape, as `\u{…}`. */
function visible(character: string): string {
  if (!/[\p{C}\p{Zl}\p{Zp}"\\]/u.test(character)) return character;
  return character === '"' || character === '\\'
    ? `\\${character}`
    : `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
