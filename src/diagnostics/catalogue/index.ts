/** Every diagnostic mailc knows, by code; one list a stage. */
import { applyCatalogue } from './apply.ts';
import { checkCatalogue } from './check.ts';
import type { CatalogueEntry } from './entry.ts';
import { parseCatalogue } from './parse.ts';
import { planCatalogue } from './plan.ts';
import { pullCatalogue } from './pull.ts';
import { renderCatalogue } from './render.ts';
import { resolveCatalogue } from './resolve.ts';
import { runtimeCatalogue } from './runtime.ts';
import { validateCatalogue } from './validate.ts';

const entries = {
  ...parseCatalogue,
  ...validateCatalogue,
  ...resolveCatalogue,
  ...checkCatalogue,
  ...renderCatalogue,
  ...planCatalogue,
  ...applyCatalogue,
  ...pullCatalogue,
  ...runtimeCatalogue,
} as const;

export type DiagnosticCode = keyof typeof entries;

export const catalogue: Readonly<Record<DiagnosticCode, CatalogueEntry>> = entries;
