/** What was typed: mail.yaml and its includes merged into one, valid against the schema, nothing filled in. */
import type { MailYaml } from './mail-yaml.generated.ts';
import type { Path, Position } from './position.ts';

export interface WrittenConfig {
  readonly config: MailYaml;
  /** As {@link SourceDocument.positionOf}, whichever file the value came from. */
  readonly positionOf: (path: Path, part?: 'key' | 'value') => Position;
}
