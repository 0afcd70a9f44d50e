/** The network that the containers share: made by its script, and replaced only with none of ours in it. */
import type { LiveContainer } from '../../apply/runtime.ts';
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import { type Commands, whyItEnded } from './commands.ts';
import type { HostScripts } from './host-scripts.ts';

export interface NetworkRequest {
  readonly commands: Commands;
  readonly scripts: HostScripts;
  /** Its name for Docker. */
  readonly network: string;
  readonly readContainers: () => Promise<readonly LiveContainer[]>;
  readonly stop: (container: LiveContainer) => Promise<void>;
  readonly onNotice: (line: string) => void;
}

/**
 * The script leaves a network that is as it should be alone, and replaces one that differs while nothing uses it. What
 * uses it is ours or a stranger's: ours stops, and is started again by whoever asked for the network.
 */
export async function makeNetwork(request: NetworkRequest): Promise<void> {
  const { commands, scripts, network, onNotice } = request;
  const tried = await commands.script(scripts.of('network'), [], 60_000);
  if (tried.code === 0) return;
  const inIt = await commands.docker(['ps', '--filter', `network=${network}`, '--format', '{{.Names}}']);
  const names = new Set(inIt.stdout.split('\n').filter((name) => name !== ''));
  const all = await request.readContainers();
  const strangers = [...names].filter((name) => !all.some((container) => container.name === name));
  if (inIt.code !== 0 || names.size === 0 || strangers.length > 0) {
    const reason = whyItEnded(tried).replace(/^network\.sh: /, '');
    const whose = strangers.length > 0 ? `; in it are also ${strangers.join(', ')}` : '';
    throw new DiagnosticError(
      error('network-not-made', null, `${reason}${whose}`, {
        hint: `docker network inspect ${network}`,
      }),
    );
  }
  onNotice(`the network "${network}" is replaced; its containers stop for that`);
  // Those too that do not run: they would look for the old network when they start.
  for (const container of all) await request.stop(container);
  const again = await commands.script(scripts.of('network'), [], 60_000);
  if (again.code !== 0) {
    throw new DiagnosticError(error('network-not-made', null, whyItEnded(again)));
  }
}
