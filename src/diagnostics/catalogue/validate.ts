/** The pages of the diagnostics that the stage `validate` reports. */
import type { Catalogue } from './entry.ts';

export const validateCatalogue = {} as const satisfies Catalogue;
