/** The pages of the diagnostics that the stage `plan` reports. */
import type { Catalogue } from './entry.ts';

export const planCatalogue = {} as const satisfies Catalogue;
