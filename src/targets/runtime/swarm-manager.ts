/**
 * Whether a manager of the Docker swarm answers. A container joins the network of several hosts only when one lets it:
 * on a host that has lost all of them what runs goes on, and what stops does not start again.
 */
import { connect } from 'node:net';
import { type Diagnostic, error } from '../../diagnostics/diagnostic.ts';
import { quote } from '../../diagnostics/quote.ts';
import type { Commands } from './commands.ts';

/** What of `docker info` is asked for. */
interface Swarm {
  readonly LocalNodeState: string;
  /** Whether this host is a manager itself. */
  readonly ControlAvailable: boolean;
  readonly RemoteManagers: readonly { readonly Addr: string }[] | null;
}

/** Milliseconds. */
const patience = 5000;

/** Empty where one answers, and where this host is in no swarm: for that the network's own script has words. */
export async function swarmManagerAway({
  docker,
  dockerOrFail,
}: Pick<Commands, 'docker' | 'dockerOrFail'>): Promise<readonly Diagnostic[]> {
  const swarm = JSON.parse(await dockerOrFail(['info', '--format', '{{json .Swarm}}'])) as Swarm;
  if (swarm.LocalNodeState !== 'active') return [];
  if (swarm.ControlAvailable) {
    // Managers decide by majority: one that has lost the others does not answer.
    const { code } = await docker(['node', 'ls', '--quiet'], 30_000);
    return code === 0 ? [] : [away('this manager of the Docker swarm has lost the majority of the managers')];
  }
  const managers = (swarm.RemoteManagers ?? []).map(({ Addr }) => Addr);
  const answers = await Promise.all(managers.map(answersAt));
  if (answers.includes(true)) return [];
  return [away(`no manager of the Docker swarm answers (${managers.map((one) => quote(one)).join(', ')})`)];
}

function away(reason: string): Diagnostic {
  return error('swarm-manager-away', null, `${reason}: a container that stops now could not start again`, {
    hint: 'apply again when it is back; until then changes that only reload a service go through',
  });
}

/** `address` is as Docker writes it: 192.0.2.1:2377, or [2001:db8::1]:2377. */
function answersAt(address: string): Promise<boolean> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(address.slice(colon + 1)), timeout: patience });
    const end = (answers: boolean) => () => {
      socket.destroy();
      resolve(answers);
    };
    socket.once('connect', end(true)).once('timeout', end(false)).once('error', end(false));
  });
}
