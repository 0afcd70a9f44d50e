/** mail.yaml and its includes as one: each key of the three split maps comes from exactly one file. */
import { type Diagnostic, error } from '../diagnostics/diagnostic.ts';
import { quote } from '../diagnostics/quote.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';
import type { PlainValue, SourceDocument } from '../model/source-document.ts';
import type { WrittenConfig } from '../model/written-config.ts';
import { isMap, SPLIT_SECTIONS } from './schema-errors.ts';

export interface Merged {
  readonly config: WrittenConfig;
  readonly diagnostics: readonly Diagnostic[];
}

/** @param included files that hold something, in the order given */
export function merge(entry: SourceDocument, included: readonly SourceDocument[]): Merged {
  if (included.length === 0) {
    return {
      config: { config: entry.value as unknown as MailYaml, positionOf: entry.positionOf },
      diagnostics: [],
    };
  }
  const diagnostics: Diagnostic[] = [];
  const config: Record<string, PlainValue> = Object.assign(Object.create(null), entry.value);
  const owners = new Map<string, Map<string, SourceDocument>>();

  for (const section of SPLIT_SECTIONS) {
    const merged: Record<string, PlainValue> = Object.create(null);
    const ownerOf = new Map<string, SourceDocument>();
    for (const document of [entry, ...included]) {
      const part = isMap(document.value) ? document.value[section] : null;
      if (!isMap(part)) continue;
      for (const [key, value] of Object.entries(part)) {
        const first = ownerOf.get(key);
        if (first === undefined) {
          ownerOf.set(key, document);
          merged[key] = value;
        } else diagnostics.push(inTwoFiles(section, key, first, document));
      }
    }
    if (ownerOf.size > 0) config[section] = merged;
    owners.set(section, ownerOf);
  }

  const positionOf: WrittenConfig['positionOf'] = (path, part) => {
    const owner = owners.get(String(path[0]))?.get(String(path[1]));
    return (owner ?? entry).positionOf(path, part);
  };
  return { config: { config: config as unknown as MailYaml, positionOf }, diagnostics };
}

function inTwoFiles(section: string, key: string, first: SourceDocument, second: SourceDocument): Diagnostic {
  const path = [section, key];
  const position = second.positionOf(path, 'key');
  return error('key-in-two-files', position, `${quote(key)} stands under "${section}" of two files`, {
    hint: 'delete one of the two, or merge them',
    related: [{ message: 'first written here', position: first.positionOf(path, 'key') }],
  });
}
