/** A commit object's signature, and what was signed: the object without it (git's gitformat-signature(5)). */

export interface SignedCommit {
  /** Null for a commit without one. */
  readonly signature: string | null;
  readonly payload: string;
}

/** Of SHA-1 and of SHA-256 repositories; a header goes on in the lines that begin with a space. */
const headers = ['gpgsig ', 'gpgsig-sha256 '];

/** `object` has a character a byte. */
export function splitSignature(object: string): SignedCommit {
  const end = object.indexOf('\n\n');
  const head = end < 0 ? object : object.slice(0, end);
  const kept: string[] = [];
  const signature: string[] = [];
  let isSignature = false;
  for (const line of head.split('\n')) {
    const header = headers.find((name) => line.startsWith(name));
    isSignature = header !== undefined || (isSignature && line.startsWith(' '));
    if (isSignature) signature.push(line.slice(header?.length ?? 1));
    else kept.push(line);
  }
  return {
    signature: signature.length === 0 ? null : `${signature.join('\n')}\n`,
    payload: kept.join('\n') + (end < 0 ? '' : object.slice(end)),
  };
}
