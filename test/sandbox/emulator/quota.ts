import type { Verb } from './model.ts';
import type { Bucket, EmulatorOptions } from './settings.ts';

type Sort = 'reads' | 'writes' | 'deletes';

/** Counts calls against token buckets per subscription and principal. */
export interface Quota {
  /** Takes one token. `retryAfterSeconds` is set when there was none. */
  readonly take: (
    verb: Verb,
    subscription: string,
    clientId: string,
    now: number,
  ) => { readonly headers: Record<string, string>; readonly retryAfterSeconds?: number };
}

const SORT: Record<Verb, Sort> = {
  GET: 'reads',
  LIST: 'reads',
  OTHER: 'reads',
  PUT: 'writes',
  PATCH: 'writes',
  POST: 'writes',
  DELETE: 'deletes',
};
/** Header values of the recording, one call after a full bucket. */
const SEEN = {
  reads: { own: 1_099, global: 16_499 },
  writes: { own: 799, global: 11_999 },
  deletes: { own: 799, global: 11_999 },
} as const;

export function quotaOf(buckets: EmulatorOptions['buckets'] = {}): Quota {
  const levels = new Map<string, { tokens: number; at: number }>();
  return {
    take(verb, subscription, clientId, now) {
      const sort = SORT[verb];
      const bucket = buckets[sort];
      if (bucket === undefined) return { headers: headersOf(sort, SEEN[sort].own) };
      const key = `${subscription}/${clientId}/${sort}`;
      const before = levels.get(key) ?? { tokens: bucket.size, at: now };
      const tokens = Math.min(bucket.size, before.tokens + ((now - before.at) / 1_000) * bucket.perSecond);
      levels.set(key, { tokens: tokens < 1 ? tokens : tokens - 1, at: now });
      if (tokens >= 1) return { headers: headersOf(sort, Math.floor(tokens - 1)) };
      return { headers: headersOf(sort, 0), retryAfterSeconds: secondsUntilOne(tokens, bucket) };
    },
  };
}

function secondsUntilOne(tokens: number, bucket: Bucket): number {
  return Math.max(1, Math.ceil((1 - tokens) / bucket.perSecond));
}

/** GET shows only the global figure [recording]. */
function headersOf(sort: Sort, left: number): Record<string, string> {
  const prefix = 'x-ms-ratelimit-remaining-subscription';
  const global = { [`${prefix}-global-${sort}`]: `${SEEN[sort].global}` };
  return sort === 'reads' ? global : { [`${prefix}-${sort}`]: `${left}`, ...global };
}
