/** The machine's name as hosts in mail.yaml are written: fully qualified, as far as the machine knows. */
import { hostname } from 'node:os';
import { runProgram } from './run-git.ts';

/** hostname(1) asks the resolver, which may take its time. */
export async function ownName(signal: AbortSignal): Promise<string> {
  const short = hostname();
  if (short.includes('.')) return short;
  const asked = { folder: '/', environment: {}, seconds: 10, signal };
  const { stdout } = await runProgram('hostname', ['--fqdn'], asked);
  return stdout.trim() || short;
}
