// What a container's processes hold in memory, from the kernel's own account of its control group.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { docker } from '../../e2e/support/run.ts';

/**
 * In MB, by the container's name: what the kernel charges to it, without files that are only cached and could be
 * dropped. Files in a tmpfs and shared memory have no other place to be, and count.
 */
export async function memoryByContainer(host: string): Promise<ReadonlyMap<string, number>> {
  const names = (
    await docker(['ps', '--filter', `label=mailc.host=${host}`, '--format', '{{.Names}}'])
  ).trim();
  const memory = new Map<string, number>();
  for (const name of names.split('\n').sort()) {
    const pid = (await docker(['inspect', '--format', '{{.State.Pid}}', name])).trim();
    memory.set(name, memoryOf(pid) / 1e6);
  }
  return memory;
}

/** In bytes; cgroups(7) of either version. */
function memoryOf(pid: string): number {
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  const first = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1];
  if (first !== undefined) {
    const folder = join('/sys/fs/cgroup/memory', first);
    const stat = statOf(folder);
    return numberIn(folder, 'memory.usage_in_bytes') - (stat('total_cache') - stat('total_shmem'));
  }
  const folder = join('/sys/fs/cgroup', /^0::(.*)$/m.exec(groups)?.[1] ?? '');
  if (!existsSync(join(folder, 'memory.current'))) throw new Error(`no account of memory in ${folder}`);
  const stat = statOf(folder);
  return numberIn(folder, 'memory.current') - (stat('file') - stat('shmem'));
}

function statOf(folder: string): (name: string) => number {
  const text = readFileSync(join(folder, 'memory.stat'), 'utf8');
  return (name) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

function numberIn(folder: string, file: string): number {
  return Number(readFileSync(join(folder, file), 'utf8'));
}
