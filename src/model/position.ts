/** Where something stands in the user's source; every diagnostic, change and hazard can name one. */

/** A place in one line of a source file. Lines and columns start at 1; columns count Unicode code points. */
export interface Position {
  /** As the user named it: relative to the folder of the entry file, with forward slashes. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The column after the last one marked; at least `column + 1`, and on the same line. */
  readonly endColumn: number;
}

/** The way from the root of a document to a value: map keys as written, sequence indexes from 0. */
export type Path = readonly (string | number)[];
