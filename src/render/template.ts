/** Renders one precompiled Handlebars template with a view whose type the template itself decides. */
import Handlebars from 'handlebars/dist/cjs/handlebars.runtime.js';
import type { TemplateViews } from '../generated/templates.js';
import { templates } from '../generated/templates.js';
import type { Content } from '../model/artifact.ts';
import { splitMarkers } from './secret-marker.ts';

const compiled = new Map<string, (view: unknown) => string>();

/**
 * `name` is `RENDERER/FILE` for renderers/RENDERER/templates/FILE.hbs. The view must be total: the generated
 * type has every name that the template mentions, and each leaf is escaped for the template's syntax.
 */
export function renderTemplate<N extends keyof TemplateViews>(name: N, view: TemplateViews[N]): Content {
  let template = compiled.get(name);
  if (template === undefined) {
    template = Handlebars.template(templates[name]);
    compiled.set(name, template);
  }
  return splitMarkers(template(view));
}
