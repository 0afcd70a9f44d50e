import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeReal } from '../../test/debian/debian13.ts';
import { analyse } from '../compile.ts';
import { commentMarker } from '../diff/format/markdown.ts';
import { type InitOptions, initFiles } from './init-files.ts';

const answers: InitOptions = {
  domain: 'example.com',
  host: 'mail.example.com',
  addresses: ['203.0.113.10', '2001:db8::10'],
  user: 'bob@example.com',
  passwordHash: `$6$rounds=50000$saltsaltsaltsalt$${'h'.repeat(86)}`,
  workflow: { mailc: '0.1.0', apply: true },
};
const fileOf = (path: string, options: Partial<InitOptions> = {}): string =>
  initFiles({ ...answers, ...options }).find((file) => file.path === path)?.text ?? '';

test('mailc init writes a source, its schema, what git ignores and a workflow', () => {
  expect(initFiles(answers).map((file) => file.path)).toEqual([
    'mail.yaml',
    'schema/mail.schema.json',
    '.gitignore',
    '.github/workflows/mail.yml',
  ]);
  expect(initFiles({ ...answers, workflow: null })).toHaveLength(3);
});

test('the first mail.yaml', () => {
  expect(fileOf('mail.yaml')).toBe(`# yaml-language-server: $schema=./schema/mail.schema.json
# The source of the whole mail system. mailc validate checks it, mailc plan shows what a change would do.
version: 1

# The machine that runs it. The certificate is the one in /etc/letsencrypt/live.
hosts:
  mail.example.com:
    addresses: [ 203.0.113.10, 2001:db8::10 ]
    tls: { letsencrypt: mail.example.com }

# mailc dns prints the records to publish.
domains:
  example.com:
    dkim: { selector: mail }

# Gets the mail to postmaster@ and abuse@ of every domain.
postmaster: bob@example.com

# mailc passwd makes the hash. More users: copy the entry, or include: [users/*.yaml].
users:
  bob@example.com:
    password: "${answers.passwordHash}"

# Addresses without a mailbox: one destination or a list, here or elsewhere.
aliases:
  hello@example.com: bob@example.com
`);
});

test('compiles without an error or a warning', () => {
  const { value, diagnostics } = analyse([{ path: 'mail.yaml', text: fileOf('mail.yaml') }]);
  expect(diagnostics).toEqual([]);
  expect(value?.users).toHaveLength(1);
});

test('a first user who is called hello needs no alias of that name', () => {
  const text = fileOf('mail.yaml', { user: 'hello@example.com' });
  expect(analyse([{ path: 'mail.yaml', text }]).diagnostics).toEqual([]);
});

test('an answer stands in the file as a value, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
      const odd = `x${text}`;
      const read = parse(
        fileOf('mail.yaml', { host: odd, domain: odd, user: odd, passwordHash: odd, addresses: [odd] }),
      );
      expect(read).toEqual({
        version: 1,
        hosts: { [odd]: { addresses: [odd], tls: { letsencrypt: odd } } },
        domains: { [odd]: { dkim: { selector: 'mail' } } },
        postmaster: odd,
        users: { [odd]: { password: odd } },
        aliases: { [`hello@${odd}`]: odd },
      });
    }),
  );
});

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly env?: Readonly<Record<string, string>>;
}
interface Job {
  readonly if: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}
const workflowOf = (apply: boolean) =>
  parse(fileOf('.github/workflows/mail.yml', { workflow: { mailc: '0.1.0', apply } })) as {
    readonly on: Readonly<Record<string, unknown>>;
    readonly permissions: object;
    readonly jobs: Readonly<Record<string, Job>>;
  };
const scriptOf = (job: string, name: string): string =>
  workflowOf(true).jobs[job]?.steps.find((step) => step.name === name)?.run ?? '';

describe('the workflow', () => {
  test('plans pull requests, and applies only if asked for', () => {
    expect(Object.keys(workflowOf(false).jobs)).toEqual(['plan']);
    expect(Object.keys(workflowOf(false).on)).toEqual(['pull_request']);
    expect(Object.keys(workflowOf(true).jobs)).toEqual(['plan', 'apply']);
    expect(Object.keys(workflowOf(true).on)).toEqual(['pull_request', 'push', 'workflow_dispatch']);
  });

  test('may do no more than read, and comment where it plans', () => {
    expect(workflowOf(true).permissions).toEqual({});
    expect(workflowOf(true).jobs.plan?.permissions).toEqual({ contents: 'read', 'pull-requests': 'write' });
    expect(workflowOf(true).jobs.apply?.permissions).toEqual({ contents: 'read' });
  });

  test('pastes nothing into a script, and keeps secrets from pull requests', () => {
    for (const [name, job] of Object.entries(workflowOf(true).jobs)) {
      for (const step of job.steps) {
        expect(step.run ?? '').not.toContain('${{');
        if (name === 'plan') expect(JSON.stringify(step)).not.toContain('secrets.');
      }
    }
  });

  test('looks for the marker that a comment begins with', () => {
    expect(scriptOf('plan', 'Comment')).toContain(`startswith("${commentMarker}")`);
  });
});

describe('the script that comments', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mailc-init-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs it as a runner does, with a gh that notes its arguments and knows these comments. */
  function comment(known: string): readonly string[] {
    const gh = `#!/bin/sh\necho "$*" | tr '\\n' ' ' >> "$LOG"; echo >> "$LOG"\ncase "$*" in *--paginate*) printf '${known}';; esac\n`;
    writeFileSync(join(folder, 'gh'), gh, { mode: 0o755 });
    const log = join(folder, 'log');
    rmSync(log, { force: true });
    writeFileSync(join(folder, 'script.sh'), scriptOf('plan', 'Comment'));
    execFileSync('bash', ['-e', join(folder, 'script.sh')], {
      env: { PATH: `${folder}:/usr/bin:/bin`, LOG: log, GITHUB_REPOSITORY: 'a/b', PULL_REQUEST: '7' },
    });
    return readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }

  test('writes the first comment', () => {
    expect(comment('')).toEqual(['api --method POST repos/a/b/issues/7/comments --field body=@plan.md']);
  });

  test('edits the comment that is there', () => {
    const edit = ['api --method PATCH repos/a/b/issues/comments/41 --field body=@plan.md'];
    expect(comment('41\\n')).toEqual(edit);
    expect(comment('41\\n42\\n')).toEqual(edit);
  });
});

describeReal('shellcheck', (debian) => {
  test.each(['Plan', 'Comment'])('has nothing to say of the script %s', async (name) => {
    const { stdout, stderr } = await debian.run(['shellcheck', '--shell=bash', '-'], {
      stdin: scriptOf('plan', name),
    });
    expect(stdout + stderr).toBe('');
  });
});
