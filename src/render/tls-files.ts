/**
 * How a host's certificate and key get into a container, so that a renewal is seen after a reload: folders are
 * mounted, since a mounted file stays the old one when a renewal puts a new file in its place.
 */
import type { Mount } from '../model/container.ts';
import type { Tls } from '../model/mail-system.ts';

interface TlsFiles {
  /** Absolute paths inside the container, of letters, digits and `._/-` only. */
  readonly certificate: string;
  readonly key: string;
  /** All read-only, sorted by where they go. */
  readonly mounts: readonly Mount[];
}

interface Mounted {
  readonly path: string;
  readonly mounts: readonly Mount[];
}

/**
 * Below /etc/letsencrypt/live stand links into ../../archive, so both folders of that certificate are mounted
 * where they are on the host; no other certificate and no account key comes along. Of files elsewhere the
 * folders are mounted, and links in them must not lead out. A file that lies directly in `/` or in a folder
 * such as `/etc` is mounted alone: its folder would show the container too much, and a renewal then needs a
 * restart.
 */
export function tlsFiles(tls: Tls): TlsFiles {
  const certificate = mounted(tls.certificate, 'certificate');
  const key = mounted(tls.key, 'key');
  const byTarget = new Map([...certificate.mounts, ...key.mounts].map((mount) => [mount.to, mount]));
  const mounts = [...byTarget.values()].sort((a, b) => (a.to < b.to ? -1 : 1));
  return { certificate: certificate.path, key: key.path, mounts };
}

function mounted(file: string, role: 'certificate' | 'key'): Mounted {
  const lineage = /^\/etc\/letsencrypt\/live\/([A-Za-z0-9._-]+)\/[A-Za-z0-9._-]+$/.exec(file)?.[1];
  if (lineage !== undefined) {
    const folders = ['archive', 'live'].map((part) => `/etc/letsencrypt/${part}/${lineage}`);
    return { path: file, mounts: folders.map((folder) => ({ from: folder, to: folder, readOnly: true })) };
  }
  const slash = file.lastIndexOf('/');
  const folder = file.slice(0, slash);
  const name = file.slice(slash + 1);
  const to = `/etc/mailc-tls/${role}`;
  if (folder.split('/').length <= 2 || !/^[A-Za-z0-9._-]+$/.test(name)) {
    return { path: `${to}.pem`, mounts: [{ from: file, to: `${to}.pem`, readOnly: true }] };
  }
  return { path: `${to}/${name}`, mounts: [{ from: folder, to, readOnly: true }] };
}
