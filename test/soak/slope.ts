/** One figure over time; `at` in milliseconds. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/** Least squares, per hour. Several series: the slope they have in common, whatever their levels. NaN for too little. */
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

/** From the median of the first third to that of the last: what noise and single peaks don't move. */
export function growth(points: readonly Point[]): number {
  const third = Math.floor(points.length / 3);
  const values = points.map(({ value }) => value);
  return third === 0 ? Number.NaN : median(values.slice(-third)) - median(values.slice(0, third));
}

/** The least of each `windowMs`: of a heap, what is left after collecting garbage. */
export function lows(points: readonly Point[], windowMs: number): readonly Point[] {
  const windows = Map.groupBy(points, ({ at }) => Math.floor(at / windowMs));
  return [...windows.values()].map((group) => group.reduce((a, b) => (b.value < a.value ? b : a)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
