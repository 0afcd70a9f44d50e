/** The unit of systemd/mailc-pull.service for one machine: what it starts is where it really lies. */
import { systemdArgument, systemdWord } from '../render/escape/systemd.ts';

export interface AgentProgram {
  /** The absolute path of Node. */
  readonly node: string;
  /** The absolute path of dist/mailc.cjs. */
  readonly script: string;
}

/** Throws UnescapableError for a path that no unit can name. */
export function agentUnit(template: string, { node, script }: AgentProgram): string {
  const lines = template.split('\n');
  const wanted = new Map([
    // The path of the program itself is no argument: `$` stands for itself in it (systemd.service(5)).
    ['ExecStart=', `ExecStart=${systemdWord(node)} ${systemdArgument(script)} pull`],
    ...(isInHome(node) || isInHome(script) ? [['ProtectHome=', 'ProtectHome=read-only'] as const] : []),
  ]);
  for (const [start, line] of wanted) {
    const at = lines.findIndex((candidate) => candidate.startsWith(start));
    if (at < 0) throw new Error(`the unit has no ${start}`);
    lines[at] = line;
  }
  return lines.join('\n');
}

/** What ProtectHome= covers (systemd.exec(5)). */
export function isInHome(path: string): boolean {
  return /^\/(home|root|run\/user)\//.test(path);
}

/** What PrivateTmp= covers. */
export function isInTmp(path: string): boolean {
  return /^\/(var\/)?tmp\//.test(path);
}
