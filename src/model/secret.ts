/**
 * A secret is never a value inside the compiler, only a name for one: what is generated or chosen is filled
 * in when a generation is staged on its host (src/targets), and nowhere else. So no artifact, plan, log or
 * error can hold one.
 */
import type { Position } from './position.ts';

/** How a secret comes to be. */
export type SecretOrigin =
  /** Made on the host at the first apply and kept there. */
  | { readonly kind: 'generated'; readonly form: SecretForm }
  /** Chosen by a person: an environment variable of `mailc apply`, or a file on the host. */
  | { readonly kind: 'env'; readonly variable: string }
  | { readonly kind: 'file'; readonly path: string };

export const secretForms = [
  'dkim-rsa-2048', // PKCS #8, PEM
  'key-list', // a password a line: the first signs, all verify
  'password',
] as const;
export type SecretForm = (typeof secretForms)[number];

export interface SecretDefinition {
  /** Dotted and stable, as in `${secret:database.mail.password}`. */
  readonly name: string;
  readonly origin: SecretOrigin;
  readonly source: Position | null;
}

/** Key that signs rewritten envelope senders (SRS). */
export const srsKeySecret = 'srs.key';

/** Password of the smarthost; its origin is what mail.yaml says under `relay`. */
export const relayPasswordSecret = 'relay.password';
