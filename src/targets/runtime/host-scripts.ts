/** Where the scripts of the running generation lie on the host. */
import { join } from 'node:path';
import type { Host } from '../../model/mail-system.ts';
import { unitFolder } from '../../render/host-layout.ts';

export interface HostScripts {
  /** Absolute path of `SERVICE.sh`, or of `network.sh`. */
  readonly of: (name: string) => string;
}

/** `root` is the host's own root folder. */
export function hostScripts(root: string, host: Host): HostScripts {
  return { of: (name) => join(root, unitFolder(host, 'docker'), 'current', `${name}.sh`) };
}
