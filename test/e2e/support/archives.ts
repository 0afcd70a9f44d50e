// EICAR in archives of the kinds that strangers send, packed by the programs of Amavis's image.

import { type Attachment, eicar } from './attachments.ts';
import type { World } from './shared.ts';

/** `scanner`: ClamAV unpacks them itself; `filter`: only Amavis can. The name of the file is in $1. */
export const archiveKinds = {
  scanner: {
    'tar.gz': 'tar -cz "$1"',
    'tar.bz2': 'tar -cj "$1"',
    'tar.xz': 'tar -cJ "$1"',
    '7z': '7z a -bso0 -bsp0 packed.7z "$1"; cat packed.7z',
    arj: 'arj a packed.arj "$1" >/dev/null; cat packed.arj',
    'tar of a zip': '7z a -bso0 -bsp0 packed.zip "$1"; tar -c packed.zip',
  },
  filter: {
    lzo: 'lzop -c "$1"',
    lz4: 'lz4 -qc "$1"',
    zst: 'zstd -qc "$1"',
    'tar.zst': 'tar -c "$1" | zstd -qc',
  },
} as const;

/** The end of it before it: what packs by repetitions does not leave the whole text as it is. */
const content = Buffer.concat([eicar.subarray(20), Buffer.from('\n'), eicar]);

export async function packed(world: World, kind: string, command: string): Promise<Attachment> {
  const script = `set -eu; cd "$(mktemp -d)"; base64 -d >"$1"; { ${command}; } | base64`;
  const { code, stdout, stderr } = await world.exec(
    'amavis',
    ['bash', '-o', 'pipefail', '-c', script, 'pack', 'eicar.com'],
    content.toString('base64'),
  );
  if (code !== 0) throw new Error(`${kind}: ${stderr}`);
  const archive = Buffer.from(stdout, 'base64');
  if (archive.includes(eicar)) throw new Error(`${kind}: nothing is packed`);
  return { filename: `eicar.com.${kind.split(' ')[0]}`, content: archive };
}
