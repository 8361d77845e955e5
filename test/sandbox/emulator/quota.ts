import type { GraphSettings } from './graph-settings.ts';
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

/** Counts what is asked of Resource Graph in windows of time, per user and, but for queries, per subscription. */
export function graphQuota() {
  const windows = new Map<string, { readonly endsAt: number; used: number }>();
  return (
    { readsPerMinute, queriesPer5Seconds }: GraphSettings,
    isQuery: boolean,
    subscription: string,
    clientId: string,
    now: number,
  ): { readonly headers: Record<string, string>; readonly retryAfterSeconds?: number } => {
    const key = isQuery ? clientId : `${clientId}/${subscription}`;
    const [most, ms] = isQuery ? [queriesPer5Seconds, 5_000] : [readsPerMinute, 60_000];
    const before = windows.get(key);
    const window = before === undefined || before.endsAt <= now ? { endsAt: now + ms, used: 0 } : before;
    const isOver = window.used >= most;
    if (!isOver) window.used += 1;
    windows.set(key, window);
    const seconds = Math.ceil((window.endsAt - now) / 1_000);
    return {
      headers: {
        'x-ms-user-quota-remaining': `${most - window.used}`,
        'x-ms-user-quota-resets-after': new Date(seconds * 1_000).toISOString().slice(11, 19),
        'x-ms-resource-graph-request-duration': '0:00:00:00.0138132',
      },
      ...(isOver ? { retryAfterSeconds: Math.max(1, seconds) } : {}),
    };
  };
}
