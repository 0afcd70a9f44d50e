/** The published listeners of a host that a service answers on. */
import type { Host, MailSystem, PortName } from '../../model/mail-system.ts';
import { portNames } from '../../model/mail-system.ts';
import { Dialog, type Peer } from './dialog.ts';
import { judgeCertificate } from './judge-certificate.ts';

export interface Listener extends Peer {
  readonly port: number;
  readonly name: PortName;
  readonly tls: 'implicit' | 'starttls' | 'none';
}

const implicitTls: ReadonlySet<PortName> = new Set(['imaps', 'pop3s', 'submissions']);

/** In the order of the names. Without TLS on a host no listener but smtp is there (renderers). */
export function listenersOf(
  system: MailSystem,
  host: Host,
  addressOf: (host: Host) => string,
): readonly Listener[] {
  const submits = system.endpoints[host.name]?.sasl != null;
  return portNames.flatMap((name): Listener[] => {
    const port = host.ports[name];
    if (port === null || (host.tls === null && name !== 'smtp')) return [];
    if ((name === 'submission' || name === 'submissions') && !submits) return [];
    const tls = host.tls === null ? 'none' : implicitTls.has(name) ? 'implicit' : 'starttls';
    return [{ name, port, tls, address: addressOf(host), serverName: host.name }];
  });
}

/** Connects; within TLS, with a certificate that was judged, where that is how the port begins. */
export async function openListener(listener: Listener, signal: AbortSignal): Promise<Dialog> {
  const dialog = await Dialog.open(listener, listener.tls === 'implicit', signal);
  try {
    if (listener.tls === 'implicit') judge(dialog, listener);
    return dialog;
  } catch (cause) {
    dialog.close();
    throw cause;
  }
}

/** The handshake after a STARTTLS that was accepted, and a look at the certificate. */
export async function secure(dialog: Dialog, listener: Listener): Promise<void> {
  await dialog.startTls();
  judge(dialog, listener);
}

function judge(dialog: Dialog, { serverName }: Listener): void {
  judgeCertificate(dialog.certificate(), serverName, new Date());
}
