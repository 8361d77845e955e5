/** The longest wait that is believed. Azure's limits are per hour at most: a longer one comes from a wrong clock. */
const longestMs = 3_600_000;

/** The moment that a Retry-After header names, as seconds from now or as an HTTP date; an hour away at most. */
export function retryAfter(header: string | undefined, now: Date): Date | undefined {
  const text = header?.trim() ?? '';
  if (text === '') return undefined;
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  if (Number.isNaN(waitMs)) return undefined;
  return new Date(now.getTime() + Math.min(Math.max(waitMs, 0), longestMs));
}
