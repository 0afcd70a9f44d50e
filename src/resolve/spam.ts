/** SpamAssassin's settings: levels in an order that makes sense. */
import type { SpamSettings } from '../model/mail-system.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';
import type { Scope } from './scope.ts';

export function resolveSpam(config: MailYaml, scope: Scope): SpamSettings {
  const written = config.spam ?? {};
  const tagLevel = written.tag_level ?? -999;
  const junkLevel = written.junk_level ?? 6.31;
  const discardLevel = typeof written.discard_level === 'number' ? written.discard_level : null;
  if (tagLevel > junkLevel) {
    scope.error(
      'spam-levels-disordered',
      scope.at(['spam', 'tag_level']),
      `tag level ${tagLevel} is above junk level ${junkLevel}: mail would be filed as spam without a spam header`,
    );
  }
  if (discardLevel !== null && discardLevel <= junkLevel) {
    scope.error(
      'spam-levels-disordered',
      scope.at(['spam', 'discard_level']),
      `discard level ${discardLevel} is not above junk level ${junkLevel}: nothing would reach Junk`,
    );
  }
  return {
    enabled: written.enabled ?? true,
    tagLevel,
    junkLevel,
    discardLevel,
    pyzor: written.pyzor ?? true,
    razor: written.razor ?? true,
    bayes: written.bayes ?? true,
    learnAt: written.learn_at ?? '03:30',
  };
}
