/** The database's content in the words of its tables, as both sides of a diff know it. */
import type { Position } from './position.ts';

export interface DatabaseRows {
  /** Each list sorted by its key, compared as code units. */
  readonly domains: readonly DomainRow[];
  readonly users: readonly UserRow[];
  readonly aliases: readonly AliasRow[];
}

/** Table `domains`. */
export interface DomainRow {
  readonly domain: string;
  readonly aliasOf: string | null;
  /** Full addresses, sorted. */
  readonly catchAll: readonly string[];
  /** Null for a live row. */
  readonly source: Position | null;
}

/** Table `users`, with the user's rows of `send_as`. */
export interface UserRow {
  readonly name: string;
  readonly domain: string;
  /** With scheme: `{SHA512-CRYPT}$6$…`. */
  readonly password: string;
  /** Bytes; null is without limit. */
  readonly quota: number | null;
  readonly enabled: boolean;
  /** Full addresses as written under `send_as`, sorted. */
  readonly sendAs: readonly string[];
  /** Full address; always null for a live row. */
  readonly movedFrom: string | null;
  readonly source: Position | null;
}

/** All rows of table `alias` that share name and domain. */
export interface AliasRow {
  readonly name: string;
  readonly domain: string;
  /** Full addresses, sorted. */
  readonly destinations: readonly string[];
  readonly source: Position | null;
}
