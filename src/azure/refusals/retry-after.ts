/** Azure's own limits are per hour at most; more than that is a mistake of someone's clock. */
const longestMs = 3_600_000;

/** The moment a Retry-After header names: seconds from now or an HTTP date, an hour away at most. */
export function retryAfter(header: string | undefined, now: Date): Date | undefined {
  const text = header?.trim() ?? '';
  if (text === '') return undefined;
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  if (Number.isNaN(waitMs)) return undefined;
  return new Date(now.getTime() + Math.min(Math.max(waitMs, 0), longestMs));
}
