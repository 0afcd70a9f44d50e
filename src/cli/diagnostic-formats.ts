/** Diagnostics for programs: annotations of a pull request, JSON, or code scanning. */
import { version } from '../../package.json';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { formatGithub } from '../diagnostics/format/github.ts';
import { formatJson } from '../diagnostics/format/json.ts';
import { formatSarif } from '../diagnostics/format/sarif.ts';

/** `folder` is that of the entry as it was named, since CI wants paths from the top of the repository. */
export function formatDiagnosticsFor(
  format: 'json' | 'github' | 'sarif',
  diagnostics: readonly Diagnostic[],
  folder: string,
): string {
  switch (format) {
    case 'json':
      return formatJson(diagnostics, folder);
    case 'github':
      return formatGithub(diagnostics, folder);
    case 'sarif':
      return formatSarif(diagnostics, version, folder);
  }
}
