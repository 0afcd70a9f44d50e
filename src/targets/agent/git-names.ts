/** Which addresses, branches and paths are handed to git: nothing that it could take for an option or a program. */

const control = /[\p{C}\p{Zl}\p{Zp}]/u;

export type Transport = 'https' | 'ssh' | 'file';

/** Null where the address is none that the agent fetches from. */
export function transportOf(repository: string): Transport | null {
  if (control.test(repository) || repository.startsWith('-')) return null;
  if (/^https:\/\/[^\s]+$/.test(repository)) return 'https';
  if (/^ssh:\/\/(?![-])[^\s]+$/.test(repository)) return 'ssh';
  if (/^(file:\/\/)?\/[^\s]*$/.test(repository)) return 'file';
  // user@host:path, as git-clone(1) has it; `::` would name a remote helper (gitremote-helpers(7)).
  if (/^[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^:\s-][^:\s]*$/.test(repository)) return 'ssh';
  return null;
}

/** What is wrong with the address of a repository, to be put behind its name; null where nothing is. */
export function repositoryProblem(text: string): string | null {
  if (control.test(text)) return 'has a control character';
  if (text.startsWith('-')) return 'begins with "-", as an option does';
  if (/^[\w+.-]*::/.test(text)) return 'names a remote helper, which would run a program';
  if (/^(http|git|ftp):/i.test(text)) return 'crosses the network in clear: use https or ssh';
  if (transportOf(text) === null) return 'is an https or ssh URL, user@host:path, or an absolute path';
  return authorityProblem(text);
}

/** A password in it would be an argument of git, which every user of the machine can list. */
function authorityProblem(text: string): string | null {
  const authority = /^(?:https|ssh):\/\/([^/]*)/.exec(text)?.[1];
  if (authority === undefined) return null;
  const [user, host] = authority.includes('@')
    ? [authority.slice(0, authority.lastIndexOf('@')), authority.slice(authority.lastIndexOf('@') + 1)]
    : ['', authority];
  if (user.includes(':')) return 'has a password in it: name a file of them under "credentials"';
  if (user.startsWith('-') || !/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]*)(:[0-9]+)?$/.test(host)) {
    return 'has no host that could be one';
  }
  return null;
}

/** Stricter than git-check-ref-format(1): the name of a branch, without `refs/heads/` before it. */
export function branchProblem(branch: string): string | null {
  if (branch === '' || branch === '@') return 'is empty';
  if (branch.startsWith('-')) return 'begins with "-", as an option does';
  if (branch.startsWith('refs/')) return 'is the name of a branch, without refs/heads/';
  if (branch.includes('..')) return 'is a range';
  if (control.test(branch) || /[ ~^:?*[\\]/.test(branch) || branch.includes('@{')) {
    return 'has a character that no branch has';
  }
  const isPart = (part: string): boolean =>
    part !== '' && !part.startsWith('.') && !part.endsWith('.') && !part.endsWith('.lock');
  if (branch.length > 200 || !branch.split('/').every(isPart)) return 'is no name of a branch';
  return null;
}

/** Of a file in the repository: below its top, and never git's own. */
export function pathProblem(path: string): string | null {
  if (path === '' || control.test(path) || path.includes('\\')) return 'is the path of a file';
  if (path.startsWith('/') || path.startsWith('-')) return 'is relative to the top of the repository';
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    return 'is written without ".", ".." and empty parts';
  }
  return path.split('/').some(isGitFolder) ? 'lies in the folder of git itself' : null;
}

/** As case-insensitive and HFS+ file systems would read it too. */
export function isGitFolder(part: string): boolean {
  return part.replace(/\p{Cf}/gu, '').toLowerCase() === '.git';
}
