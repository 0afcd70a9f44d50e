/** The pages of the diagnostics that the stage `parse` reports. */
import type { Catalogue } from './entry.ts';

export const parseCatalogue = {} as const satisfies Catalogue;
