/**
 * Carries a secret's name through a template. The marker is made of control characters, which every escape
 * function refuses, so no value of mail.yaml can forge one.
 */
import type { Content, SecretReference, Syntax } from '../model/artifact.ts';
import { type Escaped, trusted } from './escaped.ts';

/** Stands for a secret in a view; {@link splitMarkers} turns it into a reference again. */
export function secretMarker<S extends Syntax>(secret: string, syntax: S): Escaped<S> {
  return trusted<S>(`\u0001${secret}\u0002${syntax}\u0003`);
}

/** Cuts rendered text at its markers. */
export function splitMarkers(text: string): Content {
  const content: (string | SecretReference)[] = [];
  let end = 0;
  for (const match of text.matchAll(/\u0001([^\u0002]*)\u0002([^\u0003]*)\u0003/g)) {
    if (match.index > end) content.push(text.slice(end, match.index));
    content.push({ secret: match[1] ?? '', syntax: match[2] as Syntax });
    end = match.index + match[0].length;
  }
  if (end < text.length) content.push(text.slice(end));
  return content;
}

/** The text as `mailc compile` writes it: each secret as `${secret:NAME}`. */
export function printContent(content: Content): string {
  return content.map((part) => (typeof part === 'string' ? part : `\${secret:${part.secret}}`)).join('');
}
