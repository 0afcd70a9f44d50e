/** The environment of every git that is run: it reads, and only the repository that it was pointed at. */

/** No replaced objects, no lock files, no questions, and no fetching of objects that a partial clone lacks. */
export const readOnly = {
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
};

export function gitEnvironment(): Record<string, string> {
  return { ...ordinaryEnvironment(), ...readOnly };
}

/** GIT_DIR, GIT_CONFIG_COUNT and the like would make it another repository, or another program. */
function ordinaryEnvironment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'TMPDIR', 'SYSTEMROOT', 'USERPROFILE', 'TEMP'];
  const environment: Record<string, string> = { LC_ALL: 'C' };
  for (const name of names) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
