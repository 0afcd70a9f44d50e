/** Every renderer, in alphabetical order: a new one is a folder, an import and an entry. */
import type { RuntimeRenderer, ServiceRenderer } from '../src/render/renderer.ts';

export const serviceRenderers: readonly ServiceRenderer[] = [];

export const runtimeRenderers: readonly RuntimeRenderer[] = [];
