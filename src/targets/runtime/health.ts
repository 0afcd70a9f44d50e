/** Waits until a service does its work: its script asks it as the image's healthcheck does. */
import type { ContainerName } from '../../apply/runtime.ts';
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import type { Host } from '../../model/mail-system.ts';
import { type Commands, whyItEnded } from './commands.ts';
import type { HostScripts } from './host-scripts.ts';
import type { Ended } from './run-program.ts';

/** The script gives up long before. */
const anHour = 3_600_000;

/** A daemon that is only started again is back before that. */
const untilDaemonIsAsked = 15_000;

/**
 * Throws DiagnosticError when it is not healthy in its time, which the script knows; `timeoutMs` can only cut that. To
 * the script a Docker daemon that has gone looks like a service that is not healthy yet, so where it takes long, the
 * daemon is asked whether it is there: if not, nobody waits for the rest.
 */
export async function untilHealthy(
  commands: Commands,
  scripts: HostScripts,
  { supervisor }: Host,
  { name, service }: ContainerName,
  timeoutMs: number = anHour,
  patienceMs: number = untilDaemonIsAsked,
): Promise<void> {
  const wait = (milliseconds: number): Promise<Ended> =>
    commands.script(scripts.of(service), ['--wait'], milliseconds);
  let ended = await wait(Math.min(patienceMs, timeoutMs));
  if (ended.timedOut && timeoutMs > patienceMs) {
    await commands.dockerOrFail(['version', '--format', '{{.Server.Version}}']);
    ended = await wait(timeoutMs - patienceMs);
  }
  if (ended.code === 0) return;
  const reason = ended.timedOut ? `${name} is not healthy` : whyItEnded(ended);
  throw new DiagnosticError(
    error('container-not-healthy', null, reason, {
      hint:
        supervisor === 'systemd'
          ? `journalctl --unit mail-${service}.service --lines 50`
          : `docker logs --tail 50 ${name}`,
    }),
  );
}
