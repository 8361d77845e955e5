/** How long ago, as kubectl writes it: 5s, 12m, 3h, 2d, 1y. Empty without a date. */
export function age(since: string | undefined, now: Date): string {
  if (since === undefined) return '';
  return duration(now.getTime() - Date.parse(since));
}

/** A duration in the largest unit that it has two of, as kubectl writes it. */
export function duration(ms: number): string {
  const s = Math.max(Math.floor(ms / 1_000), 0);
  if (s < 120) return `${s}s`;
  if (s < 7_200) return `${Math.floor(s / 60)}m`;
  if (s < 172_800) return `${Math.floor(s / 3_600)}h`;
  if (s < 730 * 86_400) return `${Math.floor(s / 86_400)}d`;
  return `${Math.floor(s / (365 * 86_400))}y`;
}
