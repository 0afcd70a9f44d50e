/** The package has no types of its own. */
declare module 'sha512crypt-node' {
  /** `settings` is `$6$SALT` or `$6$rounds=N$SALT`; characters above 255 are hashed wrongly. */
  export function sha512crypt(password: string, settings: string): string;
}
