/** What a rule of the check stage is. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { MailSystem } from '../model/mail-system.ts';

/** Named as the sentence that is true of a good system; says where it is not. Linear in the system's size. */
export type Rule = (system: MailSystem) => readonly Diagnostic[];
