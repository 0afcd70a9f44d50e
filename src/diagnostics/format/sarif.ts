/** Diagnostics for code scanning: the Static Analysis Results Interchange Format, SARIF 2.1.0 (OASIS). */
import type { Position } from '../../model/position.ts';
import { catalogue } from '../catalogue/index.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { asciiJson } from './ascii-json.ts';

/**
 * @param version of mailc
 * @param folder the folder of mail.yaml in the repository, such as `infra/`, or nothing
 */
export function formatSarif(diagnostics: readonly Diagnostic[], version: string, folder = ''): string {
  const codes = [...new Set(diagnostics.map(({ code }) => code))].sort();
  const rules = codes.map((code) => {
    const { rule, reason, cure } = catalogue[code];
    return {
      id: code,
      shortDescription: { text: rule },
      fullDescription: { text: reason },
      help: { text: cure, markdown: cure },
    };
  });
  const results = diagnostics.map(({ code, severity, message, hint, position, related }) => ({
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text: hint === null ? message : `${message}\nhint: ${hint}` },
    locations: position === null ? [] : [{ physicalLocation: physicalLocation(position, folder) }],
    relatedLocations: related.map((other, id) => ({
      id,
      message: { text: other.message },
      physicalLocation: physicalLocation(other.position, folder),
    })),
  }));
  return asciiJson({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'mailc', version, rules } }, columnKind: 'unicodeCodePoints', results }],
  });
}

/**
 * Columns of SARIF, like those of a Position, begin at 1 and end after the last one marked (section 3.30).
 */
function physicalLocation({ file, line, column, endColumn }: Position, folder: string): object {
  const uri = `${folder}${file}`.split('/').map(encodeURIComponent).join('/');
  return {
    artifactLocation: uri.startsWith('/') ? { uri: `file://${uri}` } : { uri, uriBaseId: '%SRCROOT%' },
    region: { startLine: line, startColumn: column, endColumn },
  };
}
