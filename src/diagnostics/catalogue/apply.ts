/** The pages of the diagnostics that the stage `apply` reports. */
import type { Catalogue } from './entry.ts';

export const applyCatalogue = {} as const satisfies Catalogue;
