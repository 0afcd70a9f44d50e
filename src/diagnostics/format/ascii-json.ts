/**
 * JSON that is safe to print: what JSON may leave as it is, but a terminal would act upon, is escaped too.
 */

/** @returns the value, indented, or all on one `line`; with a line break at the end */
export function asciiJson(value: unknown, layout: 'indented' | 'line' = 'indented'): string {
  const text = JSON.stringify(value, null, layout === 'line' ? 0 : 2).replace(
    /[\x7F-\uFFFF]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${text}\n`;
}
