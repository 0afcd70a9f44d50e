/** The folder of a host below which everything is kept: it must be no system folder, and last. */

import { quote } from '../diagnostics/quote.ts';
import type { WrittenHost } from '../model/mail-yaml.generated.ts';
import type { Path } from '../model/position.ts';
import { readPath } from './absolute-path.ts';
import type { Scope } from './scope.ts';

/** Top-level folders that belong to the system or are empty after a restart. */
const systemFolders = /^\/($|(bin|boot|dev|etc|lib|lib64|proc|run|sbin|sys|tmp|usr)(\/|$))/;

export function dataOf(written: WrittenHost, hostPath: Path, scope: Scope): string {
  const path = [...hostPath, 'data'];
  const data = readPath(written.data ?? '/srv/mail', path, scope) ?? '';
  if (data !== '' && systemFolders.test(data)) {
    scope.error(
      'data-folder-unsuitable',
      scope.at(path),
      `data folder ${quote(data)} is the system's, or does not outlive a restart`,
      { hint: 'write a folder of its own, such as /srv/mail' },
    );
  }
  return data;
}
