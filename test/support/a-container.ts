/** Builds a container from the few things that a test is about. */
import type { Container } from '../../src/model/container.ts';
import { somewhere } from './a-mail-system.ts';

/** Unless told otherwise: Postfix on mail.example.com. */
export function aContainer(differences: Partial<Container> = {}): Container {
  return {
    name: 'postfix',
    host: 'mail.example.com',
    service: 'postfix',
    image: 'mailc/postfix:1',
    hostname: 'mail.example.com',
    command: [],
    environment: [],
    mounts: [
      { from: '/srv/mail/mailc/postfix', to: '/etc/mailc', readOnly: true },
      { from: '/srv/mail/queue', to: '/var/spool/postfix', readOnly: false },
    ],
    ports: [{ host: 25, container: 25 }],
    capabilities: ['NET_BIND_SERVICE', 'SETUID'],
    tmpfs: ['/run'],
    readOnly: true,
    init: false,
    healthcheck: { command: ['postfix', 'status'], interval: 30, timeout: 5, startPeriod: 20, retries: 3 },
    after: ['dovecot', 'postgres'],
    reload: ['postfix', 'reload'],
    check: ['postfix', 'check'],
    stopTimeout: 30,
    source: somewhere,
    ...differences,
  };
}
