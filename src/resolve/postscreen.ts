/** postscreen's settings: block lists whose replies are understood, and a threshold that can be reached. */
import { quote } from '../diagnostics/quote.ts';
import type { Dnsbl, PostscreenSettings } from '../model/mail-system.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';
import { readDomainName } from './domain-map.ts';
import type { Scope } from './scope.ts';

export function resolvePostscreen(config: MailYaml, scope: Scope): PostscreenSettings {
  const written = config.postscreen ?? {};
  const dnsbl = (written.dnsbl ?? []).map((list, index): Dnsbl => {
    const path = ['postscreen', 'dnsbl', index];
    if (list.reply === undefined) {
      scope.warning(
        'dnsbl-any-reply',
        scope.at([...path, 'domain']),
        `any reply of ${quote(list.domain)} counts, so its error codes too: "no free queries left" would refuse all mail`,
        { hint: 'write the replies that mean a listing, such as "reply: 127.0.0.[2..11]"' },
      );
    } else if (!isReplyFilter(list.reply)) {
      scope.error(
        'dnsbl-reply-malformed',
        scope.at([...path, 'reply']),
        `${quote(list.reply)} is no filter of replies`,
        {
          hint: 'write four numbers up to 255 with dots, any of them as [2..11] or [2;4..7]',
        },
      );
    }
    return {
      domain: readDomainName(list.domain, 'block list', scope.at([...path, 'domain']), scope) ?? '',
      reply: list.reply ?? null,
      weight: list.weight ?? 1,
    };
  });
  const threshold = written.threshold ?? 3;
  const reachable = dnsbl.reduce((sum, { weight }) => sum + Math.max(0, weight), 0);
  if (reachable > 0 && reachable < threshold) {
    const place = written.threshold === undefined ? ['postscreen', 'dnsbl'] : ['postscreen', 'threshold'];
    scope.warning(
      'dnsbl-threshold-unreachable',
      scope.at(place),
      `the block lists refuse nobody: all their weights together are ${reachable}, and the threshold is ${threshold}`,
    );
  }
  return {
    enabled: written.enabled ?? true,
    greetWait: written.greet_wait ?? 6,
    deepTests: written.deep_tests ?? false,
    dnsbl,
    threshold,
  };
}

/** postconf(5), postscreen_dnsbl_sites: `d.d.d.d`, each a number or a bracketed list of numbers and ranges. */
function isReplyFilter(reply: string): boolean {
  const number = '\\d{1,3}';
  const range = `${number}(?:\\.\\.${number})?`;
  const octet = `(?:${number}|\\[${range}(?:;${range})*\\])`;
  if (!new RegExp(`^${octet}(?:\\.${octet}){3}$`).test(reply)) return false;
  const numbers = reply.match(/\d+/g) ?? [];
  const ranges = [...reply.matchAll(/(\d+)\.\.(\d+)/g)];
  return (
    numbers.every((text) => Number(text) <= 255 && String(Number(text)) === text) &&
    ranges.every(([, low, high]) => Number(low) <= Number(high))
  );
}
