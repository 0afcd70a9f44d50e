/**
 * Everything that a restore needs, in the order in which it is put back: derived from what the containers mount and
 * what secrets the files hold, so that nothing can be forgotten.
 */
import type { Compiled } from '../compile.ts';
import type { Container, Mount } from '../model/container.ts';
import type { Host, ServiceName } from '../model/mail-system.ts';
import type { SecretDefinition } from '../model/secret.ts';
import { hostSecrets } from './host-secrets.ts';

export interface BackupItem {
  readonly host: string;
  readonly kind: 'secret' | 'certificate' | 'volume' | 'history';
  /** Absolute on the host; null for a secret that an environment variable of `mailc apply` holds. */
  readonly path: string | null;
  /** Name of the secret; null for what is none. */
  readonly secret: string | null;
  readonly what: string;
  /** False for what comes back by itself, only later or colder. */
  readonly required: boolean;
}

/** Of one host, in restore order. */
export function backupItems(compiled: Compiled, host: Host): readonly BackupItem[] {
  const containers = compiled.containers.filter((container) => container.host === host.name);
  const own = `${host.data}/mailc`;
  const history: BackupItem = {
    host: host.name,
    kind: 'history',
    path: `${own}/history`,
    secret: null,
    what: 'what was applied when, and the sources of "mailc rollback"',
    required: false,
  };
  return [
    ...hostSecrets(compiled, host).map((secret) => secretItem(host, secret)),
    ...certificateItems(host, containers),
    ...volumeItems(host, containers),
    history,
  ];
}

function secretItem(host: Host, { name, origin }: SecretDefinition): BackupItem {
  const item = { host: host.name, kind: 'secret', secret: name, required: true } as const;
  switch (origin.kind) {
    case 'generated':
      return { ...item, path: `${host.data}/mailc/secrets/${name}`, what: secretMeaning(name) };
    case 'file':
      return { ...item, path: origin.path, what: 'chosen by a person' };
    case 'env':
      return { ...item, path: null, what: `chosen by a person: ${origin.variable} of "mailc apply"` };
  }
}

function secretMeaning(name: string): string {
  if (name.startsWith('dkim.')) return 'DKIM key: without it, mail is not verified until DNS has another';
  if (name === 'srs.key')
    return 'key of rewritten senders: without it, bounces to forwarded mail are refused';
  if (name.startsWith('database.')) return 'password of a role in the database';
  return 'made by mailc, known to nobody else';
}

/** Read-only mounts of what is not mailc's own: certificates and their keys. */
function certificateItems(host: Host, containers: readonly Container[]): readonly BackupItem[] {
  const paths = containers.flatMap(({ mounts }) =>
    mounts.filter(({ from, readOnly }) => readOnly && !isBelow(from, host.data)).map(({ from }) => from),
  );
  return [...new Set(paths)].sort().map((path) => ({
    host: host.name,
    kind: 'certificate',
    path,
    secret: null,
    what: 'TLS certificate or key',
    required: true,
  }));
}

/** Services by what the others lean on: rows before mail, mail before the queue. */
const serviceOrder: readonly ServiceName[] = [
  'postgres',
  'dovecot',
  'postfix',
  'amavis',
  'opendkim',
  'clamav',
];

interface Volume {
  readonly what: string;
  readonly required: boolean;
}

/** By the path inside the container. One that is not here is required, and described by its service. */
const knownVolumes: Readonly<Record<string, Volume>> = {
  '/var/lib/postgresql/data': {
    what: 'the database: copy it while Postgres is stopped, or take a dump; "mailc apply" brings the rows too',
    required: true,
  },
  '/var/vmail': { what: 'the mail, and the Sieve scripts of users', required: true },
  '/var/spool/postfix': { what: 'the queue: mail that is on its way', required: true },
  '/var/lib/postfix': { what: 'what postscreen and Postfix remember of others', required: false },
  '/var/spool/learn': { what: 'messages to learn from, not learnt yet', required: true },
  '/var/spamassassin/bayes_db': { what: 'what SpamAssassin has learnt', required: true },
  '/var/lib/amavis': { what: 'quarantine and identities of Pyzor and Razor', required: true },
  '/var/lib/spamassassin': { what: 'rules of SpamAssassin, which are fetched again', required: false },
  '/var/lib/clamav': { what: "ClamAV's signatures, which are fetched again", required: false },
};

/** Each mount that a container may write to, once. */
function volumeItems(host: Host, containers: readonly Container[]): readonly BackupItem[] {
  const found = new Map<string, { readonly service: ServiceName; readonly mount: Mount }>();
  const ordered = [...containers].sort(
    (a, b) => serviceOrder.indexOf(a.service) - serviceOrder.indexOf(b.service),
  );
  for (const { service, mounts } of ordered) {
    for (const mount of mounts) {
      if (!mount.readOnly && !found.has(mount.from)) found.set(mount.from, { service, mount });
    }
  }
  const items = [...found.values()].map(({ service, mount }): BackupItem => {
    const { what, required } = knownVolumes[mount.to] ?? { what: `what ${service} keeps`, required: true };
    return { host: host.name, kind: 'volume', path: mount.from, secret: null, what, required };
  });
  // What cannot be replaced first.
  return [...items.filter(({ required }) => required), ...items.filter(({ required }) => !required)];
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
