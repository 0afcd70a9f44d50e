/** Every renderer, in alphabetical order: a new one is a folder, an import and an entry. */
import type { RuntimeRenderer, ServiceRenderer } from '../src/render/renderer.ts';
import { amavis } from './amavis/index.ts';
import { clamav } from './clamav/index.ts';
import { dns } from './dns/index.ts';
import { docker } from './docker/index.ts';
import { dovecot } from './dovecot/index.ts';
import { opendkim } from './opendkim/index.ts';
import { postfix } from './postfix/index.ts';
import { postgres } from './postgres/index.ts';
import { systemd } from './systemd/index.ts';

export const serviceRenderers: readonly ServiceRenderer[] = [
  amavis,
  clamav,
  dns,
  dovecot,
  opendkim,
  postfix,
  postgres,
];

export const runtimeRenderers: readonly RuntimeRenderer[] = [docker, systemd];
