/** Compiles a mail.yaml that a test spells out, with any files that it includes. */
import { analyse, type Compiled, compile } from '../../src/compile.ts';
import type { Staged } from '../../src/diagnostics/diagnostic.ts';
import type { MailSystem } from '../../src/model/mail-system.ts';
import type { SourceFile } from '../../src/model/source-document.ts';

/** `includes` by path, in the order in which they are read. */
export function compileText(
  mailYaml: string,
  includes: Readonly<Record<string, string>> = {},
): Promise<Staged<Compiled>> {
  return compile(sourceFiles(mailYaml, includes));
}

/** The same up to the mail system, without rendering. */
export function analyseText(
  mailYaml: string,
  includes: Readonly<Record<string, string>> = {},
): Staged<MailSystem> {
  return analyse(sourceFiles(mailYaml, includes));
}

/** For texts that a test knows to be right: a diagnostic of any kind is a mistake of the test. */
export function systemOf(mailYaml: string, includes: Readonly<Record<string, string>> = {}): MailSystem {
  const { value, diagnostics } = analyseText(mailYaml, includes);
  if (value === null || diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics, null, 2));
  return value;
}

function sourceFiles(mailYaml: string, includes: Readonly<Record<string, string>>): readonly SourceFile[] {
  return Object.entries({ 'mail.yaml': mailYaml, ...includes }).map(([path, text]) => ({ path, text }));
}
