/** The two kinds of renderer. Neither knows another renderer; renderers/index.ts lists them all. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Artifact } from '../model/artifact.ts';
import type { Container } from '../model/container.ts';
import type { MailSystem } from '../model/mail-system.ts';

/** Turns the mail system into the files of one service, and at most one container on each of its hosts. */
export interface ServiceRenderer {
  /** The folder's name below renderers/. */
  readonly name: string;
  readonly render: (system: MailSystem) => ServiceOutput;
}

export interface ServiceOutput {
  readonly artifacts: readonly Artifact[];
  readonly containers: readonly Container[];
  /** What this service cannot express. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Turns containers into what starts them: scripts, units, manifests. */
export interface RuntimeRenderer {
  readonly name: string;
  readonly render: (system: MailSystem, containers: readonly Container[]) => RuntimeOutput;
}

export interface RuntimeOutput {
  readonly artifacts: readonly Artifact[];
  readonly diagnostics: readonly Diagnostic[];
}
