/** The `yaml` package, evaluated only when a file needs it. */
import type * as Yaml from 'yaml';

/**
 * A static import would cost every start some 10 ms, although nearly every file is in the plain layout; a
 * dynamic one would make the whole front end asynchronous. esbuild turns this call into a module of the
 * bundle that is evaluated when first asked for; the tests' module runner gives Node's own `require`.
 */
export function loadYaml(): typeof Yaml {
  return require('yaml');
}
