/** The order of everything that has a name: as code units, the same on every machine and in every locale. */

export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
