import { expect, test } from 'vitest';
import type { Container } from '../model/container.ts';
import type { Resource } from '../model/plan.ts';
import { diff } from './diff.ts';
import { aFile, aState, mailYaml, noOptions } from './example-state.ts';
import { containerResource } from './resources.ts';
import { serviceEffects } from './service-effects.ts';

const effects = (live: readonly Resource[], desired: readonly Resource[]) =>
  serviceEffects(diff(aState(desired), aState(live), noOptions).changes).map(
    ({ action, service, because }) => `${action} ${service} because ${because.join(' ')}`,
  );

const aContainer = (rest: Partial<Container> = {}): Resource =>
  containerResource({
    name: 'postfix-mail',
    host: 'mail.example.com',
    service: 'postfix',
    image: 'mailc/postfix:1',
    hostname: 'mail.example.com',
    command: [],
    environment: [],
    mounts: [{ from: '/srv/mail/mailc/postfix', to: '/etc/mailc', readOnly: true }],
    ports: [{ host: 25, container: 25 }],
    capabilities: [],
    tmpfs: [],
    readOnly: true,
    init: false,
    healthcheck: { command: ['true'], interval: 30, timeout: 5, startPeriod: 10, retries: 3 },
    after: [],
    reload: null,
    check: null,
    stopTimeout: 30,
    source: mailYaml(1),
    ...rest,
  });

test('the strongest of a service’s changes decides', () => {
  const live = [
    aFile('postfix/a', '1', 'reload'),
    aFile('postfix/b', '1', 'restart'),
    aFile('dovecot/c', '1', 'reload'),
  ];
  const desired = [
    aFile('postfix/a', '2', 'reload'),
    aFile('postfix/b', '2', 'restart'),
    aFile('dovecot/c', '2', 'reload'),
  ];
  expect(effects(live, desired)).toEqual([
    'reload dovecot because file/mail.example.com/dovecot/c',
    'restart postfix because file/mail.example.com/postfix/b',
  ]);
});

test('a file that no running service reads does nothing', () => {
  expect(
    effects([aFile('postfix/README', '1', 'nothing')], [aFile('postfix/README', '2', 'nothing')]),
  ).toEqual([]);
});

test('a new container starts, whatever files come with it; a container that goes stops', () => {
  const file = aFile('postfix/main.cf', 'x', 'restart');
  expect(effects([], [aContainer(), file])).toEqual([
    'start postfix because container/mail.example.com/postfix-mail',
  ]);
  expect(effects([aContainer(), file], [])).toEqual([
    'stop postfix because container/mail.example.com/postfix-mail',
  ]);
});

test('a container that changes is restarted, and its run script is not a reason of its own', () => {
  const live = [aContainer(), aFile('docker/postfix.sh', '1', 'restart')];
  const desired = [aContainer({ image: 'mailc/postfix:2' }), aFile('docker/postfix.sh', '2', 'restart')];
  expect(effects(live, desired)).toEqual(['restart postfix because container/mail.example.com/postfix-mail']);
});

test('a unit makes systemd read its units again', () => {
  expect(effects([], [aFile('systemd/mail-postfix.service', 'x', 'restart')])).toEqual([
    'reload systemd because unit/mail.example.com/mail-postfix.service',
  ]);
});

test('a container port that is no client port exposes its service, on a new host too', () => {
  const { changes } = diff(
    aState([aContainer({ ports: [{ host: 5432, container: 5432 }] })]),
    aState([]),
    noOptions,
  );
  expect(changes).toMatchObject([{ hazards: ['exposes-service'] }]);
});
