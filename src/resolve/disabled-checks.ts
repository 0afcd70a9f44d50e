/** Which warnings mail.yaml switches off: only those that exist, so that a misspelt code is no silent wish. */
import { quote } from '../diagnostics/quote.ts';
import { warningCodes } from '../diagnostics/warning-codes.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';
import type { Scope } from './scope.ts';

/** Sorted, each once. */
export function disabledChecksOf(config: MailYaml, scope: Scope): readonly string[] {
  const known: ReadonlySet<string> = new Set(warningCodes);
  const disabled = config.checks?.disable ?? [];
  for (const [index, code] of disabled.entries()) {
    if (known.has(code)) continue;
    scope.error(
      'disabled-check-unknown',
      scope.at(['checks', 'disable', index]),
      `${quote(code)} is the code of no warning`,
      { hint: scope.suggest(code, known) ?? 'only warnings can be switched off, by the code in brackets' },
    );
  }
  return [...new Set(disabled)].sort();
}
