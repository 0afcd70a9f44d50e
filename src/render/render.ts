/** The stage that turns a mail system into files and containers: every renderer in turn, then the manifest. */
import { runtimeRenderers, serviceRenderers } from '../../renderers/index.ts';
import type { Diagnostic, Staged } from '../diagnostics/diagnostic.ts';
import { staged } from '../diagnostics/diagnostic.ts';
import { exceptDisabled } from '../diagnostics/warning-codes.ts';
import type { Artifact } from '../model/artifact.ts';
import type { Container } from '../model/container.ts';
import type { MailSystem } from '../model/mail-system.ts';
import { manifest } from './manifest.ts';

export interface Rendered {
  /** Sorted by path; the manifest is the last thing made and stands among them. */
  readonly artifacts: readonly Artifact[];
  readonly containers: readonly Container[];
}

/** Pure; the same system gives the same bytes. */
export function render(system: MailSystem): Staged<Rendered> {
  const artifacts: Artifact[] = [];
  const containers: Container[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const renderer of serviceRenderers) {
    const output = renderer.render(system);
    artifacts.push(...output.artifacts);
    containers.push(...output.containers);
    diagnostics.push(...output.diagnostics);
  }
  for (const renderer of runtimeRenderers) {
    const output = renderer.render(system, containers);
    artifacts.push(...output.artifacts);
    diagnostics.push(...output.diagnostics);
  }
  artifacts.push(manifest(artifacts));
  artifacts.sort((a, b) => (a.path < b.path ? -1 : 1));
  return staged({ artifacts, containers }, exceptDisabled(diagnostics, system.disabledChecks));
}
