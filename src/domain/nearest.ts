/**
 * The candidate that was most likely meant: one that is at most two letters off (one in words of up to five), or has
 * the same letters in another order ("eastjapan"). Undefined when none comes near.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const letters = sorted(word);
  const ranked = candidates
    .map((candidate) => ({ candidate, off: sorted(candidate) === letters ? 0.5 : editDistance(word, candidate) }))
    .sort((a, b) => a.off - b.off || (a.candidate < b.candidate ? -1 : 1));
  const best = ranked[0];
  return best !== undefined && best.off <= (word.length < 6 ? 1 : 2) ? best.candidate : undefined;
}

function sorted(word: string): string {
  return word.split('').sort().join('');
}

/** The Levenshtein distance: how many letters must be inserted, deleted or replaced. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
