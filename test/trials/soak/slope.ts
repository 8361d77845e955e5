/** One figure over time; `at` in milliseconds. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/**
 * The slope per hour by least squares, which all series have in common whatever their levels; NaN for too few values.
 */
export function slopePerHour(series: readonly (readonly Point[])[]): number {
  let [products, squares] = [0, 0];
  for (const points of series) {
    const [meanAt, meanValue] = [mean(points.map(({ at }) => at)), mean(points.map(({ value }) => value))];
    for (const { at, value } of points) {
      products += (at - meanAt) * (value - meanValue);
      squares += (at - meanAt) ** 2;
    }
  }
  return squares === 0 ? Number.NaN : (products / squares) * 3_600_000;
}

/**
 * How far the last third lies above the first, by its least, its middle and its greatest value: the smallest of the
 * three. What leaks raises them all; load comes and goes, and single peaks raise one.
 */
export function growth(points: readonly Point[]): number {
  const third = Math.floor(points.length / 3);
  if (third === 0) return Number.NaN;
  const sorted = (part: readonly Point[]) => part.map(({ value }) => value).toSorted((a, b) => a - b);
  const [first, last] = [sorted(points.slice(0, third)), sorted(points.slice(-third))];
  const rises = [0, Math.floor(third / 2), third - 1].map((at) => (last[at] ?? 0) - (first[at] ?? 0));
  return Math.min(...rises);
}

/** The least value in each `windowMs`: of a heap, that is what is left after collecting garbage. */
export function lows(points: readonly Point[], windowMs: number): readonly Point[] {
  const windows = Map.groupBy(points, ({ at }) => Math.floor(at / windowMs));
  return [...windows.values()].map((group) => group.reduce((a, b) => (b.value < a.value ? b : a)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
