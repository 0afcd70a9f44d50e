// Compares two systems in slices that alternate, so that whatever else the machine does slows both.

export interface Compared {
  /** Units a second, over all slices. */
  readonly plain: number;
  readonly ours: number;
  /** The median of the slices' ratios: one slice that something disturbed says nothing. */
  readonly ratio: number;
}

/** `measure` does `count` units on one of the systems and answers how many seconds that took. */
export async function inTurns(
  slices: number,
  count: number,
  measure: (side: 'plain' | 'ours', slice: number) => Promise<number>,
): Promise<Compared> {
  const seconds: { readonly plain: number; readonly ours: number }[] = [];
  for (let slice = 1; slice <= slices; slice += 1) {
    // Who comes second may find the disk busy with the first one's leftovers.
    const order = slice % 2 === 1 ? (['plain', 'ours'] as const) : (['ours', 'plain'] as const);
    const taken = { plain: 0, ours: 0 };
    for (const side of order) taken[side] = await measure(side, slice);
    seconds.push(taken);
  }
  const rate = (side: 'plain' | 'ours'): number =>
    (slices * count) / seconds.reduce((sum, taken) => sum + taken[side], 0);
  return {
    plain: rate('plain'),
    ours: rate('ours'),
    ratio: median(seconds.map(({ plain, ours }) => plain / ours)),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
