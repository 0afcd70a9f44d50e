/** The stage `validate`: whether what was typed fits the schema, and all files of it as one. */
import { type Diagnostic, error, type Staged, staged } from '../diagnostics/diagnostic.ts';
import { inFileOrder } from '../diagnostics/in-file-order.ts';
import type { SourceDocument } from '../model/source-document.ts';
import type { WrittenConfig } from '../model/written-config.ts';
import { describe } from './describe.ts';
import { merge } from './merge.ts';
import { MOST_ERRORS, schemaErrors } from './schema-errors.ts';

/**
 * @param documents mail.yaml and then its includes, at least the one
 * @returns the merged source, nothing filled in; errors in the order of the files and of their lines
 */
export function validate(documents: readonly SourceDocument[]): Staged<WrittenConfig> {
  const [entry, ...includes] = documents;
  if (entry === undefined) throw new Error('validate needs the document of mail.yaml');
  if (entry.value === null) return { value: null, diagnostics: [emptyDocument(entry)] };

  // A file of comments only, such as the last user left behind, includes nothing.
  const included = includes.filter(({ value }) => value !== null);
  const diagnostics = [entry, ...included].flatMap((document) => {
    const isIncluded = document !== entry;
    return describe(document, schemaErrors(document.value, isIncluded), isIncluded);
  });
  const merged = merge(entry, included);
  const all = [...diagnostics, ...merged.diagnostics];
  if (diagnostics.length >= MOST_ERRORS) all.push(moreErrors());
  return staged(merged.config, inFileOrder(all, entry.file.path));
}

function moreErrors(): Diagnostic {
  return error('more-errors', null, 'there are more mistakes than these; not all were looked for', {
    hint: 'so many are mostly one, made everywhere: correct the first and look again',
  });
}

function emptyDocument({ positionOf }: SourceDocument): Diagnostic {
  return error('document-empty', positionOf([]), 'this file holds no settings', {
    hint: 'run "mailc init" for a first mail.yaml',
  });
}
