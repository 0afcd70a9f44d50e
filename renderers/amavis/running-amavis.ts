// Starts a real Amavis on a rendered configuration, between a clamd and a sink for mail, and sends through it.

import { readFileSync } from 'node:fs';
import type { MailSystem } from '../../src/model/mail-system.ts';
import { shellWord } from '../../src/render/escape/shell.ts';
import type { Debian13 } from '../../test/debian/debian13.ts';
import { innerShell } from '../../test/debian/inner-shell.ts';
import { laidArtifacts } from '../../test/support/laid-artifacts.ts';
import { clamav } from '../clamav/index.ts';
import { amavis } from './index.ts';

export interface RunningAmavis {
  /** Runs a shell script beside the container and gives its output; `in_container` runs a command in it. */
  readonly shell: (script: string) => Promise<string>;
  /** Sends a message as Postfix does, from the mail network if not said; gives the last reply. */
  readonly send: (message: string, recipient?: string, from?: string) => Promise<string>;
  /** What was handed back to Postfix since the last call, with its header. */
  readonly handedBack: () => Promise<readonly string[]>;
  readonly stop: () => void;
}

export async function startAmavis(debian: Debian13, system: MailSystem): Promise<RunningAmavis> {
  const { artifacts, containers } = amavis.render(system);
  const container = containers[0];
  const clamd = laidArtifacts(clamav.render(system).artifacts, 'clamav')['/etc/mailc/current/clamd.conf'];
  const entrypoint = readFileSync(new URL('../../images/amavis/entrypoint', import.meta.url));
  const start = readFileSync(new URL('running-amavis.sh', import.meta.url), 'utf8');
  const inner = await innerShell(debian, start, {
    files: {
      ...laidArtifacts(artifacts, 'amavis'),
      '/usr/local/bin/entrypoint': { content: entrypoint, mode: 0o755 },
      '/tmp/clamd.conf': clamd ?? '# nothing is scanned, and nobody asks\nTCPSocket 3310\nForeground yes\n',
    },
    env: {
      COMMAND: container?.command.join(' ') ?? '',
      TMPFS: container?.tmpfs.join(' ') ?? '',
      CAPABILITIES: container?.capabilities.map((name) => `,+${name.toLowerCase()}`).join('') ?? '',
    },
  });
  return {
    shell: inner.run,
    send: async (message, recipient = 'bob@example.com', from = '172.30.0.99') => {
      const options = ['--local-interface', from, '--from', 'ann@elsewhere.org', '--to', recipient].map(
        shellWord,
      );
      const output = await inner.run(`cat >/tmp/message <<'END'
${message}
END
swaks --server 127.0.0.1:10024 --helo postfix ${options.join(' ')} --data @/tmp/message`);
      const replies = [...output.matchAll(/^<[-~*]{1,2}\*? +(.*)$/gm)].map(([, reply]) => reply ?? '');
      return replies.findLast((reply) => !reply.startsWith('221')) ?? output;
    },
    handedBack: async () => {
      const output = await inner.run(
        'cd /tmp/sent; for file in *; do [ -f "$file" ] && printf "\\034" && cat "$file" && rm "$file"; done',
      );
      return output.split('\u001c').slice(1);
    },
    stop: inner.stop,
  };
}
