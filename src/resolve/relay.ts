/** The smarthost: where it is, how mail logs in there, and where its password comes from. */
import { quote } from '../diagnostics/quote.ts';
import type { Host, Relay } from '../model/mail-system.ts';
import type { MailYaml, WrittenSecret } from '../model/mail-yaml.generated.ts';
import { relayPasswordSecret } from '../model/secret.ts';
import { readFilePath } from './absolute-path.ts';
import { readDomainName } from './domain-map.ts';
import { parseRecordName } from './domain-name.ts';
import type { Scope } from './scope.ts';
import type { ChosenSecret } from './secrets.ts';

export interface ResolvedRelay {
  readonly relay: Relay | null;
  readonly secrets: readonly ChosenSecret[];
}

export function resolveRelay(
  { relay: written }: MailYaml,
  hosts: readonly Host[],
  scope: Scope,
): ResolvedRelay {
  if (written === undefined) return { relay: null, secrets: [] };
  const { username, password } = written;
  if ((username === undefined) !== (password === undefined)) {
    const [given, missing] = username === undefined ? ['password', 'username'] : ['username', 'password'];
    scope.error(
      'relay-login-incomplete',
      scope.at(['relay', given], 'key'),
      `relay has "${given}" without "${missing}"`,
    );
  }
  // Such names stand in a line of "HOST USERNAME:PASSWORD" (postconf(5), smtp_sasl_password_maps).
  if (username !== undefined && !/^[!-9;-~]{1,255}$/.test(username)) {
    scope.error(
      'relay-username-malformed',
      scope.at(['relay', 'username']),
      'the username at the relay may hold up to 255 printable ASCII characters, no space and no colon',
    );
  }
  if (written.spf_include === undefined) {
    scope.warning(
      'relay-not-in-spf',
      scope.at(['relay'], 'key'),
      'the SPF records do not cover the relay, so receivers may refuse what it sends',
      { hint: 'write "spf_include: DOMAIN" with the domain that the relay\'s provider names for it' },
    );
  }
  const host = readDomainName(written.host, 'relay', scope.at(['relay', 'host']), scope);
  const own = hosts.find(({ name }) => name === host);
  if (own !== undefined) {
    const message = `relay ${quote(written.host)} is a host of this system, which would send the mail to itself`;
    scope.error('relay-loops', scope.at(['relay', 'host']), message, {
      related: [{ message: 'the host', position: own.source }],
    });
  }
  const relay: Relay = {
    host: host ?? '',
    port: written.port ?? 587,
    implicitTls: written.tls === 'implicit',
    username: username ?? null,
    passwordSecret: password === undefined ? null : relayPasswordSecret,
    spfInclude:
      written.spf_include === undefined
        ? null
        : readDomainName(
            written.spf_include,
            'SPF domain',
            scope.at(['relay', 'spf_include']),
            scope,
            parseRecordName,
          ),
  };
  return { relay, secrets: password === undefined ? [] : [relayPassword(password, scope)] };
}

/** The schema sees to it that exactly one of the two is there. */
function relayPassword({ env, file }: WrittenSecret, scope: Scope): ChosenSecret {
  const path = ['relay', 'password'];
  return {
    name: relayPasswordSecret,
    origin:
      env === undefined
        ? { kind: 'file', path: readFilePath(file ?? '', [...path, 'file'], scope) ?? '' }
        : { kind: 'env', variable: env },
    source: scope.at(path),
  };
}
