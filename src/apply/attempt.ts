/** A step on the way back, where one failure must not keep the others from being tried. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { diagnosticsOf } from './diagnostics-of.ts';

/** What went wrong; empty when nothing did. */
export async function attempt(action: () => void | Promise<void>): Promise<readonly Diagnostic[]> {
  try {
    await action();
    return [];
  } catch (cause) {
    return diagnosticsOf(cause);
  }
}
