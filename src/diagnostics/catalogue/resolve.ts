/** The pages of the diagnostics that the stage `resolve` reports. */
import type { Catalogue } from './entry.ts';

export const resolveCatalogue = {} as const satisfies Catalogue;
