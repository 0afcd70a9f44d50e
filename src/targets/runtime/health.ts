/** Waits until a service does its work: its script asks it as the image's healthcheck does. */
import type { ContainerName } from '../../apply/runtime.ts';
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import type { Host } from '../../model/mail-system.ts';
import { type Commands, whyItEnded } from './commands.ts';
import type { HostScripts } from './host-scripts.ts';

/** The script gives up long before. */
const anHour = 3_600_000;

/** Throws DiagnosticError when it is not healthy in its time, which the script knows; `timeoutMs` can only cut that. */
export async function untilHealthy(
  { script }: Commands,
  scripts: HostScripts,
  { supervisor }: Host,
  { name, service }: ContainerName,
  timeoutMs: number = anHour,
): Promise<void> {
  const ended = await script(scripts.of(service), ['--wait'], timeoutMs);
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
