/** The table of contents: from the text of mail.yaml to every file of a mail system, stage by stage. */
import { check } from './check/check.ts';
import type { Diagnostic, Staged } from './diagnostics/diagnostic.ts';
import type { MailSystem } from './model/mail-system.ts';
import type { SourceFile } from './model/source-document.ts';
import { parse } from './parse/parse.ts';
import type { Rendered } from './render/render.ts';
import { resolve } from './resolve/resolve.ts';
import { validate } from './validate/validate.ts';

export interface Compiled extends Rendered {
  readonly system: MailSystem;
}

/**
 * The front end: says whether mail.yaml is right, and what it means. `files[0]` is the entry, the rest its
 * includes. Stops after a stage that reported an error, never in the middle of one.
 */
export function analyse(files: readonly SourceFile[]): Staged<MailSystem> {
  const diagnostics: Diagnostic[] = [];
  const next = <In, Out>(input: In | null, stage: (input: In) => Staged<Out>): Out | null => {
    if (input === null) return null;
    const result = stage(input);
    // One by one: a file of hundreds of thousands of mistakes has more of them than a call may have arguments.
    for (const diagnostic of result.diagnostics) diagnostics.push(diagnostic);
    return result.value;
  };
  const documents = next(files, parse);
  const written = next(documents, validate);
  const system = next(written, resolve);
  const value = next(system, check);
  return { value, diagnostics };
}

/**
 * Front end and back end. Pure: the same files give the same bytes. The back end is loaded only here, since
 * whoever validates should not wait for templates.
 */
export async function compile(files: readonly SourceFile[]): Promise<Staged<Compiled>> {
  const { value: system, diagnostics } = analyse(files);
  if (system === null) return { value: null, diagnostics };
  const { render } = await import('./render/render.ts');
  const rendered = render(system);
  return {
    value: rendered.value && { system, ...rendered.value },
    diagnostics: [...diagnostics, ...rendered.diagnostics],
  };
}
