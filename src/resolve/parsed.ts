/** What reading one written value gives: the value in its normal form, or why it is none. */

export type Parsed<T> =
  | { readonly value: T; readonly problem: null }
  | { readonly value: null; readonly problem: string; readonly hint?: string };

export function parsed<T>(value: T): Parsed<T> {
  return { value, problem: null };
}

/** `problem` completes "… is malformed:"; `hint` is what could be written instead. */
export function malformed<T>(problem: string, hint?: string): Parsed<T> {
  return hint === undefined ? { value: null, problem } : { value: null, problem, hint };
}
