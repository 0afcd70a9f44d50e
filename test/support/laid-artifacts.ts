/** A renderer's files as a container sees them, for programs of the Debian 13 tree to read. */
import type { Artifact } from '../../src/model/artifact.ts';
import { escapeSecret } from '../../src/render/escape/secret.ts';
import type { LaidFile } from '../debian/enter.ts';

/** Below /etc/mailc/current, with each secret's value filled in: that of `secrets`, else its name. */
export function laidArtifacts(
  artifacts: readonly Artifact[],
  unit: string,
  secrets: Readonly<Record<string, string>> = {},
): Readonly<Record<string, LaidFile>> {
  return Object.fromEntries(
    artifacts
      .filter((artifact) => artifact.unit === unit)
      .map(({ path, mode, content }) => [
        `/etc/mailc/current/${path.split('/').slice(2).join('/')}`,
        {
          mode,
          content: content
            .map((part) =>
              typeof part === 'string'
                ? part
                : escapeSecret(secrets[part.secret] ?? part.secret, part.syntax),
            )
            .join(''),
        },
      ]),
  );
}
