// The harness itself: the programs are the versions that mailc is written for, and runs do not meet.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeReal } from './debian13.ts';

describeReal('the Debian 13 tree', (debian) => {
  it.each([
    [['postconf', '-h', 'mail_version'], /^3\.10\./],
    [['dovecot', '--version'], /^2\.4\./],
    [['amavisd', '-V'], /^amavis-2\.13\./],
    [['opendkim', '-V'], /OpenDKIM Filter v2\.11\./],
    [['clamd', '--version'], /^ClamAV 1\.4\./],
    [['/usr/lib/postgresql/17/bin/postgres', '--version'], /PostgreSQL\) 17\./],
    [['systemctl', '--version'], /^systemd 257 /],
  ])('has the program and version of %j', async (argv, version) => {
    const { stdout } = await debian.run(argv);
    expect(stdout).toMatch(version);
  });

  it('shows files laid over it, with their mode and owner, and forgets them', async () => {
    const files = { '/etc/postfix/laid.cf': { content: 'x = 1\n', mode: 0o640, owner: 'root:postfix' } };
    const laid = await debian.run(['sh', '-c', 'stat -c "%a %U:%G" $0; cat $0', '/etc/postfix/laid.cf'], {
      files,
    });
    expect(laid).toEqual({ code: 0, stdout: '640 root:postfix\nx = 1\n', stderr: '' });
    expect(existsSync(join(debian.root, 'etc/postfix/laid.cf'))).toBe(false);
  });

  it('keeps owner and mode of the directories that files are laid into', async () => {
    const mode = async (files: Record<string, string>) =>
      (await debian.run(['stat', '-c', '%a %U', '/var/lib/amavis'], { files })).stdout;
    expect(await mode({ '/var/lib/amavis/x': '' })).toBe(await mode({}));
  });

  it('lays a file through a symlink of the tree, not of the machine', async () => {
    const files = { '/var/run/mailc-laid': 'inside' };
    expect((await debian.run(['cat', '/run/mailc-laid'], { files })).stdout).toBe('inside');
    expect(existsSync('/run/mailc-laid')).toBe(false);
  });

  it('runs as the user, on the host and with the input that it is told', async () => {
    const { stdout } = await debian.run(['sh', '-c', 'id -un; hostname -f; cat'], {
      user: 'postfix',
      hostname: 'mx.example.net',
      stdin: 'typed\n',
    });
    expect(stdout).toBe('postfix\nmx.example.net\ntyped\n');
  });

  it('gives each run a loopback of its own, so that two can listen on one port', async () => {
    const listen = [
      'sh',
      '-c',
      'busybox nc -l -p 25 </dev/null & sleep 0.2; echo "$1" | busybox nc 127.0.0.1 25; wait',
    ];
    const runs = ['one', 'two'].map((word) => debian.run([...listen, 'sh', word]));
    expect((await Promise.all(runs)).map(({ code, stdout }) => ({ code, stdout }))).toEqual([
      { code: 0, stdout: 'one\n' },
      { code: 0, stdout: 'two\n' },
    ]);
  });

  it('lets a program open its input and output again by name', async () => {
    const ran = await debian.run(['sh', '-c', 'cat /dev/stdin >/dev/stdout; echo e >/dev/stderr'], {
      stdin: 'typed',
    });
    expect(ran).toEqual({ code: 0, stdout: 'typed', stderr: 'e\n' });
  });

  it('ends with its program, whatever that left running', async () => {
    expect(await debian.run(['sh', '-c', 'sleep 77 & echo done'])).toEqual({
      code: 0,
      stdout: 'done\n',
      stderr: '',
    });
  });

  it('tells exit codes and signals as a shell does', async () => {
    expect((await debian.run(['sh', '-c', 'exit 7'])).code).toBe(7);
    expect((await debian.run(['sh', '-c', 'kill -TERM $$'])).code).toBe(143);
  });

  it('kills a run that is late, with all that it started', async () => {
    await expect(debian.run(['sh', '-c', 'sleep 77 & sleep 77'], { timeoutMs: 300 })).rejects.toThrow(
      'killed after 300 ms',
    );
  });

  it('refuses a relative path', async () => {
    await expect(debian.run(['true'], { files: { 'etc/x': '' } })).rejects.toThrow('absolute, normal path');
  });
});
