/** The table of contents: from the text of mail.yaml to every file of a mail system. */
import { check } from './check/check.ts';
import type { Diagnostic, Staged } from './diagnostics/diagnostic.ts';
import type { MailSystem } from './model/mail-system.ts';
import type { SourceFile } from './model/source-document.ts';
import { parse } from './parse/parse.ts';
import { type Rendered, render } from './render/render.ts';
import { resolve } from './resolve/resolve.ts';
import { validate } from './validate/validate.ts';

export interface Compiled extends Rendered {
  readonly system: MailSystem;
}

/** Front end: everything that says whether mail.yaml is right. `files[0]` is the entry, the rest its includes. */
export function analyse(files: readonly SourceFile[]): Staged<MailSystem> {
  const diagnostics: Diagnostic[] = [];
  const then = <In, Out>(input: In | null, stage: (input: In) => Staged<Out>): Out | null => {
    if (input === null) return null;
    const result = stage(input);
    diagnostics.push(...result.diagnostics);
    return result.value;
  };
  const documents = then(files, parse);
  const written = then(documents, validate);
  const resolved = then(written, resolve);
  const system = then(resolved, check);
  return { value: system, diagnostics };
}

/** Front end and back end: parse, validate, resolve, check, render. Pure: same files, same bytes. */
export function compile(files: readonly SourceFile[]): Staged<Compiled> {
  const analysed = analyse(files);
  if (analysed.value === null) return { value: null, diagnostics: analysed.diagnostics };
  const rendered = render(analysed.value);
  const diagnostics = [...analysed.diagnostics, ...rendered.diagnostics];
  return { value: rendered.value && { system: analysed.value, ...rendered.value }, diagnostics };
}
