/** What `parse` yields: the values of one file, and where each of them stands. */
import type { Path, Position } from './position.ts';

/** One file of the source, as read. */
export interface SourceFile {
  /** Relative to the folder of the entry file, with forward slashes; what diagnostics print. */
  readonly path: string;
  readonly text: string;
}

/** Plain data, as YAML 1.2's core schema (or JSON) knows it. Maps have no prototype. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };

/** One parsed file. */
export interface SourceDocument {
  readonly file: SourceFile;
  readonly value: PlainValue;
  /**
   * Where a value stands, or with `key` where the key that holds it stands. A path that the document
   * does not have gives the place of its nearest existing ancestor; the empty path the document's start.
   */
  readonly positionOf: (path: Path, part?: 'key' | 'value') => Position;
}
