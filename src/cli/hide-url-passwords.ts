/** Keeps the password of a database URL out of messages, also where the URL stands in a wrong place. */
import type { Io } from './io.ts';

/**
 * `words` are the arguments as they were typed. A message repeats what was wrong in them, perhaps only the
 * beginning of it, and then goes where arguments do not, such as the log of a CI job.
 */
export function hidingUrlPasswords(io: Io, words: readonly string[]): Io {
  const urls = [...words, io.environment.MAILC_DATABASE ?? ''].flatMap(credentialsOf);
  if (urls.length === 0) return io;
  const hidden = (text: string): string => urls.reduce(without, text);
  return { ...io, stdout: (text) => io.stdout(hidden(text)), stderr: (text) => io.stderr(hidden(text)) };
}

interface Credentials {
  /** `postgresql://bob:`, as far as it is typed; the password and the rest follow. */
  readonly start: string;
  readonly password: string;
}

/** A password may hold every character, if only by mistake, so it ends at the last `@`. */
function credentialsOf(word: string): readonly Credentials[] {
  const match = /([a-z][a-z0-9+.-]*:\/\/?[^:/@]*:)(.+)@/is.exec(word);
  const [, start, password] = match ?? [];
  return start === undefined || password === undefined ? [] : [{ start, password }];
}

function without(text: string, { start, password }: Credentials): string {
  const spellings = [password, JSON.stringify(password).slice(1, -1)];
  const whole = spellings.reduce((rest, spelling) => rest.replaceAll(`:${spelling}@`, ':***@'), text);
  // What is left was cut short: of that, nothing behind the user's name.
  return whole
    .split(start)
    .map((part, index) => (index === 0 ? part : part.replace(/^(?!\*\*\*@)\S*/, '***')))
    .join(start);
}
