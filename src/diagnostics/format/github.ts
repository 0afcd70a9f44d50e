/** Diagnostics as annotations of a pull request: the workflow commands of GitHub Actions. */
import type { Diagnostic } from '../diagnostic.ts';
import { printable, printableSentence } from './printable.ts';

/** GitHub shows ten errors and ten warnings a step, and fifty a job. */
const MOST_SHOWN = 50;

/**
 * One command a line: `::error file=…,line=…,col=…,endColumn=…,title=…::message`. A value that could end its
 * field, or begin a command of its own, is percent-encoded as the runner's own toolkit does it.
 * @param folder the folder of mail.yaml in the repository, such as `infra/`, or nothing
 */
export function formatGithub(diagnostics: readonly Diagnostic[], folder = ''): string {
  return diagnostics
    .slice(0, MOST_SHOWN)
    .map((diagnostic) => command(diagnostic, folder))
    .join('');
}

function command({ code, severity, message, hint, position, related }: Diagnostic, folder: string): string {
  const properties =
    position === null
      ? [`title=${property(code)}`]
      : [
          `file=${property(`${folder}${position.file}`)}`,
          `line=${position.line}`,
          `col=${position.column}`,
          `endColumn=${position.endColumn}`,
          `title=${property(code)}`,
        ];
  const lines = [
    message,
    ...related.map((other) => `${folder}${other.position.file}:${other.position.line}: ${other.message}`),
    ...(hint === null ? [] : `hint: ${hint}`.split('\n')),
  ];
  return `::${severity} ${properties.join(',')}::${data(lines.map(printableSentence).join('\n'))}\n`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(printable(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
