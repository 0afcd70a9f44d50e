/**
 * The stage `parse`: from the text of mail.yaml and its includes to plain values that know where they stand.
 */
import type { Diagnostic, Staged } from '../diagnostics/diagnostic.ts';
import type { SourceDocument, SourceFile } from '../model/source-document.ts';
import { parseFile } from './parse-file.ts';

/**
 * Reads YAML 1.2 with the core schema, without anchors, aliases, tags and directives, one document a file.
 * Every file is read, so that the mistakes of all are shown at once.
 */
export function parse(files: readonly SourceFile[]): Staged<readonly SourceDocument[]> {
  const documents: SourceDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const file of files) {
    const result = parseFile(file);
    for (const diagnostic of result.diagnostics) diagnostics.push(diagnostic);
    if (result.value !== null) documents.push(result.value);
  }
  return { value: diagnostics.length > 0 ? null : documents, diagnostics };
}
