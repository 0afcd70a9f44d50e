// The real docker command reads the scripts' arguments: what it asks a daemon for is what mail.yaml said. The
// daemon is a stub, so that none has to run.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Container } from '../../src/model/container.ts';
import type { MailSystem } from '../../src/model/mail-system.ts';
import { printContent } from '../../src/render/secret-marker.ts';
import { aContainer } from '../../test/support/a-container.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import { docker } from './index.ts';

const there = spawnSync('docker', ['--version']).status === 0;
const describeDocker = there ? describe : describe.skip;

describeDocker(`the docker command${there ? '' : ' [not run: this machine has no docker command]'}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'mailc-docker-'));
  const socket = join(folder, 'docker.sock');
  let daemon: Server;
  let asked: { readonly path: string; readonly body: unknown }[] = [];

  beforeAll(async () => {
    daemon = createServer(async (request, response) => {
      asked.push({ path: pathOf(request), body: parse(await text(request)) });
      response.setHeader('Api-Version', '1.41');
      response.setHeader('Content-Type', 'application/json');
      // Nothing exists, and nothing can be made: the command ends after its question.
      response.statusCode = pathOf(request) === '/_ping' ? 200 : request.method === 'POST' ? 500 : 404;
      response.end('{"message":"this is only a stub"}');
    });
    await new Promise<void>((done) => daemon.listen(socket, done));
  });
  afterAll(() => {
    daemon.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the script asked the daemon for at `path`. */
  async function ask(script: string, path: string): Promise<Record<string, unknown>> {
    asked = [];
    const child = spawn('sh', ['-s'], {
      env: { PATH: process.env.PATH, HOME: folder, DOCKER_HOST: `unix://${socket}` },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.stdin.end(script);
    await new Promise((done) => child.once('close', done));
    return asked.find((question) => question.path.startsWith(path))?.body as Record<string, unknown>;
  }

  const create = (container: Container, system: MailSystem = aMailSystem({ hosts: [aHost] })) =>
    ask(scriptOf(system, container, 'postfix'), '/containers/create');

  // A folder that the script may make.
  const aHost = { name: 'mail.example.com', data: join(folder, 'data') };

  it('runs the container as it was described', async () => {
    const question = await create(
      aContainer({
        command: ['start-fg', '--', '-x'],
        environment: [['GREETING', "it's $HOME; %h"]],
        mounts: [{ from: join(folder, 'data/queue'), to: '/var/spool/postfix', readOnly: false }],
      }),
    );
    expect(question).toMatchObject({
      Hostname: 'mail.example.com',
      Image: 'mailc/postfix:1',
      Cmd: ['start-fg', '--', '-x'],
      Env: ["GREETING=it's $HOME; %h"],
      Tty: false,
      OpenStdin: false,
      StopTimeout: 30,
      Labels: { 'mailc.host': 'mail.example.com', 'mailc.service': 'postfix' },
      Healthcheck: {
        Test: ['CMD-SHELL', 'postfix status'],
        Interval: 30e9,
        Timeout: 5e9,
        StartPeriod: 20e9,
        Retries: 3,
      },
      HostConfig: {
        AutoRemove: true,
        Privileged: false,
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        // Newer versions of the command write the names out.
        CapAdd: [
          expect.stringMatching(/^(CAP_)?NET_BIND_SERVICE$/),
          expect.stringMatching(/^(CAP_)?SETUID$/),
        ],
        SecurityOpt: ['no-new-privileges'],
        NetworkMode: 'mail',
        PortBindings: { '25/tcp': [{ HostIp: '', HostPort: '25' }] },
        Tmpfs: { '/run': '' },
        Binds: null,
        Mounts: [{ Type: 'bind', Source: join(folder, 'data/queue'), Target: '/var/spool/postfix' }],
        LogConfig: { Type: 'local' },
      },
    });
  });

  it.each([
    '/srv/a,readonly',
    '/srv/"a",b',
    '/srv/a:b',
    "/srv/it's $(id) `id`",
    '/srv/-v',
    '/srv/ä,ö',
    '/srv/a=b',
  ])('mounts %s and nothing else', async (from) => {
    const question = await create(aContainer({ mounts: [{ from, to: '/etc/mailc', readOnly: true }] }));
    expect(question.HostConfig).toMatchObject({
      Mounts: [{ Type: 'bind', Source: from, Target: '/etc/mailc', ReadOnly: true }],
    });
  });

  it('makes a bridge network with both ranges', async () => {
    const script = scriptOf(aMailSystem(), aContainer(), 'network');
    expect(await ask(script, '/networks/create')).toMatchObject({
      Name: 'mail',
      Driver: 'bridge',
      EnableIPv6: true,
      IPAM: { Config: [{ Subnet: '172.30.0.0/24' }, { Subnet: 'fd00:6d61:696c::/64' }] },
    });
  });

  it('makes no IPv6 range when mail.yaml switches it off', async () => {
    const script = scriptOf(aMailSystem({ network: { subnet6: null } }), aContainer(), 'network');
    expect(await ask(script, '/networks/create')).toMatchObject({
      IPAM: { Config: [{ Subnet: '172.30.0.0/24' }] },
    });
  });
});

function scriptOf(system: MailSystem, container: Container, name: string): string {
  const { artifacts } = docker.render(system, [container]);
  const script = artifacts.find(({ path }) => path === `mail.example.com/docker/${name}.sh`);
  return printContent(script?.content ?? []);
}

/** Without the version of the interface. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').replace(/^\/v[0-9.]+/, '');
}

function parse(body: string): unknown {
  return body === '' ? null : JSON.parse(body);
}
