/** The stage that judges the complete mail system: whatever depends on more than one value of mail.yaml. */
import { type Staged, staged } from '../diagnostics/diagnostic.ts';
import { inFileOrder } from '../diagnostics/in-file-order.ts';
import { exceptDisabled } from '../diagnostics/warning-codes.ts';
import type { MailSystem } from '../model/mail-system.ts';
import { rules } from './rules.ts';

/** Changes nothing: the value is the system itself, unless a rule that makes an error is broken. */
export function check(system: MailSystem): Staged<MailSystem> {
  const diagnostics = exceptDisabled(
    rules.flatMap((rule) => rule(system)),
    system.disabledChecks,
  );
  // Included files have no hosts.
  const entry = system.hosts[0]?.source.file ?? '';
  return staged(system, inFileOrder(diagnostics, entry));
}
