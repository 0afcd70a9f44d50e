/** out/manifest.json: every artifact with its hash, mode, service and the effect of a change. */
import { createHash } from 'node:crypto';
import type { Artifact } from '../model/artifact.ts';
import { printContent } from './secret-marker.ts';

export interface ManifestEntry {
  readonly path: string;
  /** Of the text as compiled, so with secrets as references; hex. */
  readonly sha256: string;
  /** Octal, as `0644`. */
  readonly mode: string;
  readonly unit: string | null;
  readonly effect: string;
}

export function manifest(artifacts: readonly Artifact[]): Artifact {
  const entries = artifacts
    .map(
      (artifact): ManifestEntry => ({
        path: artifact.path,
        sha256: sha256(printContent(artifact.content)),
        mode: `0${artifact.mode.toString(8)}`,
        unit: artifact.unit,
        effect: artifact.effect,
      }),
    )
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    path: 'manifest.json',
    host: null,
    unit: null,
    mode: 0o644,
    content: [`${JSON.stringify({ formatVersion: 1, artifacts: entries }, null, 2)}\n`],
    effect: 'nothing',
    source: null,
  };
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
