/** The value of `docker run --mount`, which Docker reads as one line of CSV. */
import type { Mount } from '../../src/model/container.ts';

/**
 * A bind mount that fails when its source is missing. `--volume` would make an empty folder there, owned by
 * root, and would split a path at its colons.
 */
export function mountOption(mount: Mount): string {
  const fields = ['type=bind', `source=${mount.from}`, `target=${mount.to}`];
  if (mount.readOnly) fields.push('readonly');
  return fields.map(csvField).join(',');
}

/** RFC 4180 section 2: a field with a comma or a quote is quoted whole, and its quotes are doubled. */
function csvField(field: string): string {
  return /[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
