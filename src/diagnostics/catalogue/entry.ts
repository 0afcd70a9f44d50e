/** The shape of a diagnostic's page; docs/diagnostics.md and `mailc explain` are made from it. */

export interface CatalogueEntry {
  /** One sentence: what the rule is. */
  readonly rule: string;
  /** Why the rule exists: what would happen to mail without it. A few sentences, Markdown. */
  readonly reason: string;
  /** What to do about it. Markdown; may hold a YAML block. */
  readonly cure: string;
}

export type Catalogue = Readonly<Record<string, CatalogueEntry>>;
