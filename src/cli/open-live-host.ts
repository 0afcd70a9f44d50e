/** The host that mailc runs on: its files, its containers and units, and its listeners. */
import type { HostTarget } from '../apply/targets.ts';
import type { Compiled } from '../compile.ts';
import type { Host } from '../model/mail-system.ts';
import { type HostTargetOptions, openHostTarget } from '../targets/host/host-target.ts';
import { probeHost } from '../targets/probe/probe-host.ts';
import { probeFailures } from '../targets/probe/probe-result.ts';
import { openRuntime } from '../targets/runtime/open-runtime.ts';
import type { Io } from './io.ts';

export function openLiveHost(
  io: Io,
  target: HostTargetOptions,
  host: Host,
  { system }: Compiled,
): HostTarget {
  const files = openHostTarget(target);
  const runtime = openRuntime({
    host,
    networkName: system.network.name,
    spansHosts: system.hosts.length > 1,
    root: target.root,
    environment: io.environment,
    // What has begun is finished: apply itself stops between two actions.
    signal: new AbortController().signal,
    secrets: () => files.readSecrets().values(),
    onNotice: (line) => io.stderr(`${line}\n`),
  });
  return {
    ...files,
    runtime,
    probe: async (interrupted) => {
      const secrets = files.readSecrets();
      const results = await probeHost({ system, host, secrets, interrupted });
      for (const { listener, message } of results.filter(({ outcome }) => outcome === 'unproved')) {
        io.stderr(`${listener} of host ${host.name}: ${message}\n`);
      }
      return probeFailures(host, results);
    },
  };
}
