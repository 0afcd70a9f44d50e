/** Every DKIM key of a domain with what it is for: renderers and plans go through them in one order. */
import type { Dkim, DkimKey } from './mail-system.ts';

export const dkimStages = ['previous', 'signing', 'next'] as const;
/** `next` is published and does not sign yet; `previous` signed before and verifies mail on its way. */
export type DkimStage = (typeof dkimStages)[number];

export type StagedDkimKey = DkimKey & { readonly stage: DkimStage };

/** The oldest first; none for a domain that does not sign. */
export function dkimKeys(dkim: Dkim | null): readonly StagedDkimKey[] {
  if (dkim === null) return [];
  const { previous, next, ...signing } = dkim;
  const keys = { previous, signing, next };
  return dkimStages.flatMap((stage) => {
    const key = keys[stage];
    return key === null ? [] : [{ ...key, stage }];
  });
}
