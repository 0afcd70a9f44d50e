/** Quotas and the message size: sizes that must make sense, alone and beside each other. */
import { quote } from '../diagnostics/quote.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';
import type { Path } from '../model/position.ts';
import type { HostedDomains } from './domain-map.ts';
import type { Scope } from './scope.ts';
import { bytesOf, formatSize } from './size.ts';

/** Bytes or null; `domain` is that of the user, whose default counts where nothing is written. */
export type QuotaReader = (
  written: string | boolean | undefined,
  path: Path,
  domain: string,
) => number | null;

/** RFC 5321 section 4.5.3.1.7: the least that a server must take; ClamAV scans nothing beyond 2 GB. */
const messageSizes = { least: 64 * 1024, most: 1024 ** 3 };

export function messageSizeOf(config: MailYaml, scope: Scope): number {
  const written = config.mail?.message_size ?? '50MB';
  const bytes = bytesOf(written);
  if (bytes < messageSizes.least || bytes > messageSizes.most) {
    const [least, most] = [formatSize(messageSizes.least), formatSize(messageSizes.most)];
    scope.error(
      'message-size-out-of-range',
      scope.at(['mail', 'message_size']),
      `message size ${quote(written)} is not between ${least} and ${most}`,
    );
  }
  return bytes;
}

/** Judges the defaults of `mail` and of each domain once, and each user's own quota when it is read. */
export function quotaReader(
  config: MailYaml,
  domains: HostedDomains,
  messageSize: number,
  scope: Scope,
): QuotaReader {
  const read = (written: string | boolean | undefined, path: Path, fallback: number | null) => {
    if (written === undefined) return fallback;
    if (typeof written === 'boolean') return null;
    const bytes = bytesOf(written);
    if (bytes < 1) {
      const message = `quota ${quote(written)} is no space at all`;
      scope.error('quota-out-of-range', scope.at([...path, 'quota']), message, {
        hint: 'write "false" for no limit',
      });
    } else if (bytes > Number.MAX_SAFE_INTEGER) {
      const message = `quota ${quote(written)} is more than any disk holds`;
      scope.error('quota-out-of-range', scope.at([...path, 'quota']), message, {
        hint: 'write "false" for no limit',
      });
    } else if (bytes < messageSize) {
      scope.warning(
        'quota-below-message-size',
        scope.at([...path, 'quota']),
        `quota ${quote(written)} has no room for one message of ${formatSize(messageSize)}, the size accepted`,
      );
    }
    return bytes;
  };
  const general = read(config.mail?.quota, ['mail'], null);
  const byDomain = new Map(
    [...domains.values()].map(({ name, path, written }) => [name, read(written.quota, path, general)]),
  );
  return (written, path, domain) => read(written, path, byDomain.get(domain) ?? null);
}
