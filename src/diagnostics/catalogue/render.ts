/** The pages of the diagnostics that the stage `render` reports. */
import type { Catalogue } from './entry.ts';

export const renderCatalogue = {} as const satisfies Catalogue;
