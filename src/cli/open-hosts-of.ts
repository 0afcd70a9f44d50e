/** The hosts of a mail.yaml for a command that reads what is on them; null when mail.yaml is invalid. */
import type { HostTarget } from '../apply/targets.ts';
import { compileSource } from './compile-source.ts';
import type { Io } from './io.ts';
import { openHostTargets, type TargetOptions } from './open-targets.ts';

export async function openHostsOf(
  io: Io,
  file: string,
  { root, host }: TargetOptions,
): Promise<readonly HostTarget[] | null> {
  const compiled = await compileSource(io, file);
  if (compiled === null) return null;
  const options = { ...(root === undefined ? {} : { root }), ...(host === undefined ? {} : { host }) };
  return (await openHostTargets(io, options, compiled)).hosts;
}
