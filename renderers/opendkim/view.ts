/** What OpenDKIM's files are made of: the keys of each domain, of which one signs, sorted by domain. */
import { type DkimStage, dkimKeys } from '../../src/model/dkim-keys.ts';
import type { Host, MailSystem } from '../../src/model/mail-system.ts';
import type { Position } from '../../src/model/position.ts';
import { opendkimWord } from '../../src/render/escape/opendkim.ts';
import { trusted } from '../../src/render/escaped.ts';
import { configurationFolder, generatedNotice } from '../../src/render/host-layout.ts';

/** Where the container's entrypoint puts copies of the keys that the daemon's user may read. */
const keyFolder = '/run/opendkim/keys';

const notice = trusted<'opendkim'>(generatedNotice);

interface DomainKey {
  readonly domain: string;
  readonly stage: DkimStage;
  readonly selector: string;
  /** Name of the file that holds the private key. */
  readonly file: string;
  readonly secret: string;
  readonly source: Position;
}

/** Alias domains have keys of their own: a signature only helps DMARC when it is of the domain in From:. */
export function domainKeys(system: MailSystem): readonly DomainKey[] {
  return system.domains.flatMap(({ name, dkim, source }) =>
    dkimKeys(dkim).map(({ stage, selector, secret }) => ({
      domain: name,
      stage,
      selector,
      file: `${name}.${selector}.pem`,
      secret,
      source,
    })),
  );
}

/** `port` is where Postfix reaches the milter. */
export function configurationView(port: number) {
  return { notice, folder: opendkimWord(configurationFolder), port: opendkimWord(String(port)) };
}

/** Only of the keys that sign: the others of a rotation have no part in it. */
export function tablesView(keys: readonly DomainKey[]) {
  const signing = keys.filter(({ stage }) => stage === 'signing');
  return {
    notice,
    keys: signing.map(({ domain, selector, file }) => ({
      domain: opendkimWord(domain),
      selector: opendkimWord(selector),
      file: opendkimWord(`${keyFolder}/${file}`),
    })),
  };
}

/** The port of the milter as its own host sees it. */
export function milterPort(system: MailSystem, host: Host): number | null {
  return system.endpoints[host.name]?.milter?.port ?? null;
}
