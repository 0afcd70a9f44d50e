/** What OpenDKIM's files are made of: one key for each domain that signs, sorted by domain. */
import type { Host, MailSystem } from '../../src/model/mail-system.ts';
import type { Position } from '../../src/model/position.ts';
import { opendkimWord } from '../../src/render/escape/opendkim.ts';
import { trusted } from '../../src/render/escaped.ts';
import { configurationFolder, generatedNotice } from '../../src/render/host-layout.ts';

/** Where the container's entrypoint puts copies of the keys that the daemon's user may read. */
const keyFolder = '/run/opendkim/keys';

const notice = trusted<'opendkim'>(generatedNotice);

interface SigningKey {
  readonly domain: string;
  readonly selector: string;
  /** Name of the file that holds the private key. */
  readonly file: string;
  readonly secret: string;
  readonly source: Position;
}

/** Alias domains have keys of their own: a signature only helps DMARC when it is of the domain in From:. */
export function signingKeys(system: MailSystem): readonly SigningKey[] {
  return system.domains.flatMap(({ name, dkim, source }) =>
    dkim === null
      ? []
      : [
          {
            domain: name,
            selector: dkim.selector,
            file: `${name}.${dkim.selector}.pem`,
            secret: dkim.secret,
            source,
          },
        ],
  );
}

/** `port` is where Postfix reaches the milter. */
export function configurationView(port: number) {
  return { notice, folder: opendkimWord(configurationFolder), port: opendkimWord(String(port)) };
}

export function tablesView(keys: readonly SigningKey[]) {
  return {
    notice,
    keys: keys.map(({ domain, selector, file }) => ({
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
