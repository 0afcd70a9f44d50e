/** Reads what `--database` was given: where the database is, and what may be said of that in a message. */
import { resolve } from 'node:path';
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';

export type DatabaseLocation =
  | { readonly kind: 'embedded'; readonly folder: string }
  | { readonly kind: 'server'; readonly url: string };

const embedded = 'embedded:';

/** Throws DiagnosticError for anything else than a Postgres URL or `embedded:DIR`; it never shows the text. */
export function parseDatabaseLocation(text: string, workingFolder: string): DatabaseLocation {
  if (text.startsWith(embedded)) {
    const folder = text.slice(embedded.length);
    if (folder === '' || folder.includes('\0')) throw invalidUrl('it names no folder');
    return { kind: 'embedded', folder: resolve(workingFolder, folder) };
  }
  if (!/^postgres(ql)?:\/\//.test(text)) throw invalidUrl('it begins with neither of them');
  return { kind: 'server', url: withLibpqMeanings(text) };
}

export function invalidUrl(reason: string): DiagnosticError {
  return new DiagnosticError(
    error(
      'database-url-invalid',
      null,
      `the database is a postgresql:// URL or embedded:DIR, but ${reason}`,
      {
        hint: '--database postgresql://postgres@localhost/mail',
      },
    ),
  );
}

/** node-postgres has meanings of its own for sslmode; the same URL must do the same for mailc as for psql. */
function withLibpqMeanings(url: string): string {
  if (!/[?&]sslmode=/.test(url) || /[?&]uselibpqcompat=/.test(url)) return url;
  return `${url}&uselibpqcompat=true`;
}
