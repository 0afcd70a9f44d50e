/** Finds what of a change is for other hosts to apply, from what the last apply on this one has kept. */
import type { Targets } from '../apply/targets.ts';
import { compile } from '../compile.ts';
import { type Elsewhere, partsElsewhere } from '../diff/elsewhere.ts';
import type { SourceFile } from '../model/source-document.ts';
import type { CompiledSource } from './compile-source.ts';

/**
 * Null where there are no others, or nothing changed for them. It is information: the plan and its hashes know
 * nothing of it. The former mail.yaml is compiled only where it differs from today's and there is another host.
 */
export async function findElsewhere(targets: Targets, compiled: CompiledSource): Promise<Elsewhere | null> {
  const own = new Set(targets.hosts.map(({ name }) => name));
  const [host] = targets.hosts;
  if (host === undefined || compiled.system.hosts.every(({ name }) => own.has(name))) return null;
  const record = host.readRecord();
  const source = record === null ? null : host.readSource(record.generation);
  if (source !== null && isSame(source, compiled.files)) return null;
  // Another version of mailc may not take what an earlier one took.
  const before = source === null ? null : (await compile(source)).value;
  const parts = partsElsewhere(before, compiled, { own, rowsAreElsewhere: targets.database === null });
  if (parts.length === 0) return null;
  if (record === null || before === null) return { since: null, parts };
  const { generation, commit, at } = record;
  return { since: { generation, commit, at }, parts };
}

function isSame(a: readonly SourceFile[], b: readonly SourceFile[]): boolean {
  return a.length === b.length && a.every(({ text }, index) => text === b[index]?.text);
}
