/** Finds the known word that a misspelt one was probably meant to be. */

/**
 * The nearest of `candidates` by edit distance, or null when none is near enough to be meant. An exchange of
 * neighbouring letters counts as one edit, as it is one slip; upper and lower case count as alike.
 * Of two that are equally near the first wins.
 */
export function suggest(word: string, candidates: readonly string[]): string | null {
  if (word.length > LONGEST) return null;
  const wanted = word.toLowerCase();
  let best: string | null = null;
  // A third of the letters may be wrong, but never more than three: beyond that, anything is near. So is
  // everything to a single letter.
  let limit = word.length < 2 ? 0 : Math.min(3, Math.max(1, Math.floor(word.length / 3)));
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    if (distance > limit) continue;
    best = candidate;
    limit = distance - 1;
    if (limit < 0) break;
  }
  return best;
}

/** Longer than any key, domain or address that means something (RFC 5321 section 4.5.3.1.3). */
const LONGEST = 256;

/**
 * Damerau and Levenshtein's distance between words without repeated edits, or more than `limit` beyond it.
 */
function editDistance(a: string, b: string, limit: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = new Array<number>(b.length + 1).fill(limit + 1);
    if (i <= limit) row[0] = i;
    // Only cells this near the diagonal can stay within the limit.
    const from = Math.max(1, i - limit);
    const to = Math.min(b.length, i + limit);
    let nearest = row[0] ?? 0;
    for (let j = from; j <= to; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let distance = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (isSame ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, (beforeLast[j - 2] ?? 0) + 1);
      }
      row[j] = distance;
      nearest = Math.min(nearest, distance);
    }
    if (nearest > limit) return limit + 1;
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
