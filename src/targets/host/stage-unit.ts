/** Writes one unit's files as a new generation beside the running one, with its secrets filled in. */
import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import type { Artifact, Content, SecretReference } from '../../model/artifact.ts';
import { escapeSecret } from '../../render/escape/secret.ts';
import { UnescapableError } from '../../render/escaped.ts';
import { printContent } from '../../render/secret-marker.ts';
import { makeFolders } from '../make-folders.ts';
import type { SecretValues } from './secret-store.ts';
import {
  commitFileName,
  fingerprint,
  type InstalledFile,
  type UnitManifest,
  unitManifestName,
} from './unit-manifest.ts';
import { writeFileDurably } from './write-durably.ts';

/** The manifest is written last: a generation without one is not complete and never switched to. */
export function stageUnit(
  generationFolder: string,
  artifacts: readonly Artifact[],
  secrets: SecretValues,
  commit: string | null,
): void {
  makeFolders(generationFolder);
  const files: Record<string, InstalledFile> = {};
  for (const artifact of artifacts) {
    const name = pathInUnit(artifact);
    const path = join(generationFolder, name);
    makeFolders(dirname(path));
    const text = fillIn(artifact.content, secrets);
    writeFileDurably(path, text, artifact.mode);
    files[name] = {
      mode: artifact.mode.toString(8),
      installed: createHash('sha256').update(text).digest('hex'),
      ...(holdsSecret(artifact.content)
        ? { reference: printContent(artifact.content), secrets: fingerprints(artifact.content, secrets) }
        : { reference: null, text }),
    };
  }
  if (commit !== null) writeFileDurably(join(generationFolder, commitFileName), `${commit}\n`, 0o644);
  const manifest: UnitManifest = { formatVersion: 1, commit, files };
  writeFileDurably(join(generationFolder, unitManifestName), `${JSON.stringify(manifest)}\n`, 0o600);
  // The daemons inside the containers are not root and must at least reach their files.
  chmodSync(generationFolder, 0o755);
}

/** `HOST/UNIT/conf.d/x` is `conf.d/x` in the unit's generation. */
function pathInUnit(artifact: Artifact): string {
  return artifact.path.split('/').slice(2).join('/');
}

function holdsSecret(content: Content): boolean {
  return content.some((part) => typeof part !== 'string');
}

function fingerprints(content: Content, secrets: SecretValues): Readonly<Record<string, string>> {
  const names = new Set(content.flatMap((part) => (typeof part === 'string' ? [] : [part.secret])));
  return Object.fromEntries([...names].sort().map((name) => [name, fingerprint(secrets.get(name) ?? '')]));
}

/** Throws when a secret is not known: the caller has made sure of them all. */
export function fillIn(content: Content, secrets: SecretValues): string {
  return content
    .map((part) => {
      if (typeof part === 'string') return part;
      const value = secrets.get(part.secret);
      if (value === undefined) throw new Error(`the secret ${part.secret} was not read`);
      return filledIn(part, value);
    })
    .join('');
}

function filledIn({ secret, syntax }: SecretReference, value: string): string {
  try {
    return escapeSecret(value, syntax);
  } catch (cause) {
    if (!(cause instanceof UnescapableError)) throw cause;
    throw new DiagnosticError(
      error('secret-unsuitable', null, `the secret "${secret}" cannot be used: ${cause.reason}`),
    );
  }
}
