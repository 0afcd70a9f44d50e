// `mailc build`, as its users run it: what it builds, what it leaves alone, what it says when it cannot.

import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtImage, builtServices } from '../../src/targets/docker-build.ts';
import { startDebianMirror } from './support/debian-mirror.ts';
import { bridgeAddress } from './support/live-host.ts';
import { docker, type Ran, run, tryRun } from './support/run.ts';
import { describeWorld } from './support/shared.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Two are enough to see that one is built and the other not. */
const services = ['clamav', 'opendkim'] as const;
const packages = {
  busybox: '1',
  'ca-certificates': '20990101',
  'clamav-daemon': '1.4.9',
  'clamav-freshclam': '1.4.9',
  'clamav-milter': '1.4.9',
  library: '1',
  opendkim: '2.11.0~beta2',
  'systemd-standalone-sysusers': '1',
};

/** Writes down what mailc has Docker do; and the images that the other tests run keep their names. */
const recorder = `#!/bin/sh
echo "$1" >>"$MAILC_E2E_ASKED"
for word; do
  case $word in mailc/*) word=mailc-test-built/\${word#mailc/} ;; esac
  set -- "$@" "$word"
  shift
done
exec "$MAILC_E2E_DOCKER" "$@"
`;

describeWorld('mailc build', () => {
  let base: string;
  let folder: string;
  let mirror: Awaited<ReturnType<typeof startDebianMirror>>;
  beforeAll(async () => {
    if (!existsSync(`${root}/dist/mailc.cjs`)) await run([process.execPath, `${root}/scripts/build.mjs`]);
    base = (await run(['bash', `${root}/test/e2e/base-image.sh`])).trim();
    // An installed package, whose images a test may change.
    folder = mkdtempSync(join(tmpdir(), 'mailc-build-'));
    for (const part of ['dist', 'images']) cpSync(join(root, part), join(folder, part), { recursive: true });
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin/docker'), recorder, { mode: 0o755 });
    mirror = await startDebianMirror(base, await bridgeAddress(), packages);
  });
  afterAll(async () => {
    await mirror.stop();
    rmSync(folder, { recursive: true });
    await docker(['image', 'rm', ...services.map((service) => `mailc-test-built/${service}:1`), mirror.base]);
  });

  interface Built extends Ran {
    /** The commands of `docker` that mailc ran. */
    readonly asked: readonly string[];
  }

  const mailc = async (
    package_: string,
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Built> => {
    const file = join(folder, 'asked');
    writeFileSync(file, '');
    const ran = await tryRun([process.execPath, join(package_, 'dist/mailc.cjs'), 'build', ...words], {
      timeoutMs: 150_000,
      environment: {
        PATH: `${join(folder, 'bin')}:${process.env.PATH ?? ''}`,
        MAILC_E2E_ASKED: file,
        MAILC_E2E_DOCKER: (await run(['sh', '-c', 'command -v docker'])).trim(),
        ...environment,
      },
    });
    return { ...ran, asked: readFileSync(file, 'utf8').split('\n').filter(Boolean) };
  };
  const build = (...words: readonly string[]) => mailc(folder, ['--base', mirror.base, ...words]);
  const builds = ({ asked }: Built): number => asked.filter((command) => command === 'build').length;
  const idOf = (service: string): Promise<string> =>
    docker(['image', 'inspect', '--format', '{{.Id}}', `mailc-test-built/${service}:1`]);
  /** Of a package that the image has. */
  const versionIn = async (service: string, name: string): Promise<string> => {
    const command = ['run', '--rm', '--network', 'none', '--entrypoint', 'dpkg-query'];
    const shown = await docker([...command, `mailc-test-built/${service}:1`, '--show', name]);
    return shown.trim().split('\t')[1] ?? '';
  };

  it('builds what is not there', async () => {
    const ran = await build(...services);
    expect(ran, ran.stderr).toMatchObject({
      code: 0,
      stdout: 'mailc/clamav:1: built\nmailc/opendkim:1: built\n',
    });
    expect(builds(ran)).toBe(2);
    expect(await versionIn('opendkim', 'opendkim')).toBe(packages.opendkim);
  });

  it('has Docker build nothing where nothing has changed', async () => {
    const before = await Promise.all(services.map(idOf));
    const ran = await build(...services);
    expect(ran).toMatchObject({
      code: 0,
      stdout: 'mailc/clamav:1: up to date\nmailc/opendkim:1: up to date\n',
    });
    expect(new Set(ran.asked)).toEqual(new Set(['version', 'image']));
    expect(await Promise.all(services.map(idOf))).toEqual(before);
  });

  it('builds the one image of which a file has changed, and no other', async () => {
    const before = await Promise.all(services.map(idOf));
    appendFileSync(join(folder, 'images/opendkim/healthcheck'), '# changed\n');
    const ran = await build(...services);
    expect(ran, ran.stderr).toMatchObject({
      code: 0,
      stdout: 'mailc/clamav:1: up to date\nmailc/opendkim:1: built\n',
    });
    expect(builds(ran)).toBe(1);
    const after = await Promise.all(services.map(idOf));
    expect(after.map((id, n) => id === before[n])).toEqual([true, false]);
  });

  it('takes what Debian has updated since, in its base too, with --fresh and not before', async () => {
    await mirror.publish({ ...packages, library: '2', opendkim: '2.11.0~beta2+security' });
    expect(await build('opendkim')).toMatchObject({ code: 0, stdout: 'mailc/opendkim:1: up to date\n' });
    expect(await versionIn('opendkim', 'library')).toBe('1');
    const ran = await build('opendkim', '--fresh');
    expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: 'mailc/opendkim:1: built\n' });
    expect(await versionIn('opendkim', 'library')).toBe('2');
    expect(await versionIn('opendkim', 'opendkim')).toBe('2.11.0~beta2+security');
  });

  describe('fails, says why, and leaves the image of before, when', () => {
    const failure = async (...words: readonly string[]): Promise<string> => {
      const before = await idOf('opendkim');
      const { code, stdout, stderr } = await build('opendkim', '--fresh', ...words);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(await idOf('opendkim')).toBe(before);
      return stderr.split('\n').find((line) => line.startsWith('error[image-build-failed]: ')) ?? stderr;
    };

    it('Debian has another series of a program than the renderers write for', async () => {
      await mirror.publish({ ...packages, opendkim: '3.0' });
      expect(await failure()).toContain("Version '2.11.*' for 'opendkim' was not found");
    });

    it('the mirror of security updates is away, and the one of all packages is not', async () => {
      await mirror.publish(packages);
      await mirror.loseUpdates();
      expect(await failure()).toContain('E: Failed to fetch');
    });

    it('the base cannot be had', async () => {
      const there = '127.0.0.1:1/debian:trixie-slim';
      expect(await failure('--base', there)).toMatch(
        `the base ${there} is not here: Error response from daemon`,
      );
    });

    it('a Dockerfile is broken', async () => {
      writeFileSync(
        join(folder, 'images/opendkim/Dockerfile'),
        'ARG BASE\nFROM $BASE\nRUN echo a reason && false\n',
      );
      expect(await failure()).toContain('mailc/opendkim:1 was not built: a reason');
    });
  });

  it.each([
    { missing: 'daemon', environment: { DOCKER_HOST: 'unix:///nonexistent/docker.sock' }, says: /connect/ },
    { missing: 'command', environment: { PATH: '/nonexistent' }, says: /there is no docker command here/ },
  ])('says so where there is no Docker $missing', async ({ environment, says }) => {
    const { code, stdout, stderr, asked } = await mailc(folder, ['opendkim'], environment);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error[docker-not-available]');
    expect(stderr).toMatch(says);
    expect(asked).not.toContain('build');
  });

  it('knows no other services', async () => {
    expect(await mailc(folder, ['postgres'])).toMatchObject({
      code: 1,
      stderr: 'error: there is no image "postgres"; there are amavis, clamav, dovecot, opendkim, postfix\n',
      asked: [],
    });
  });

  it('finds the images that the other tests run up to date', async () => {
    // Without the recorder, which gives them other names.
    const ran = await mailc(root, ['--base', base], { PATH: process.env.PATH ?? '' });
    expect(ran, ran.stderr).toMatchObject({
      code: 0,
      stdout: builtServices.map((service) => `${builtImage(service)}: up to date\n`).join(''),
    });
  });
});
