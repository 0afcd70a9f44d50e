/** Another host that a host needs, and that is away: what waits for it proves nothing about this one. */
import type { Host, MailSystem } from '../../model/mail-system.ts';
import { type Listener, listenersOf, openListener } from './listener.ts';

/**
 * The first one none of whose published listeners can be connected to; null where all are there. Of a host that
 * publishes nothing nobody can tell, so it counts as there.
 */
export async function awayHost(
  system: MailSystem,
  host: Host,
  addressOf: (host: Host) => string,
  signal: AbortSignal,
): Promise<Host | null> {
  for (const other of system.hosts) {
    if (!serves(other, host)) continue;
    const listeners = listenersOf(system, other, addressOf);
    if (listeners.length === 0) continue;
    const answers = await Promise.all(listeners.map((listener) => connects(listener, signal)));
    if (!answers.includes(true)) return other;
  }
  return null;
}

/** Whether it has a service that the host does not have itself. */
function serves(other: Host, host: Host): boolean {
  return other.name !== host.name && other.services.some((service) => !host.services.includes(service));
}

async function connects(listener: Listener, signal: AbortSignal): Promise<boolean> {
  try {
    (await openListener({ ...listener, tls: 'none' }, signal)).close();
    return true;
  } catch {
    return false;
  }
}
