/** What is told of a figure that was taken several times. */
export interface Summary {
  readonly runs: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Undefined where no run could take the figure: it is NaN then, as memory is without /proc. */
export function summaryOf(values: readonly number[]): Summary | undefined {
  const taken = values.filter((value) => !Number.isNaN(value));
  if (taken.length === 0) return undefined;
  return { runs: taken.length, median: median(taken), min: Math.min(...taken), max: Math.max(...taken) };
}

/** The middle one, or the mean of both in the middle. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return (low + high) / 2;
}

/** The smallest value that so great a share of all does not exceed (nearest rank). NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
