/** The pages of the diagnostics that the stage `check` reports. */
import type { Catalogue } from './entry.ts';

export const checkCatalogue = {} as const satisfies Catalogue;
