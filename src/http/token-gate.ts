import { createHash } from 'node:crypto';
import type { Clock } from '../time/clock.ts';
import { ExpiringMap } from './expiring-map.ts';

/** What came of asking to be let in. */
export type Admittance =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'refused'; readonly status: 401 | 403 | 429 | 503; readonly why: string };

/** Somebody who wants to be let in. */
export interface Caller {
  /** The whole Authorization header. */
  readonly authorization: string | undefined;
  /** Network address, by which the questions to the API server are shared among callers. */
  readonly address: string;
}

/** Lets a caller in or says why not; at most two calls to the API server. Never rejects. */
export type Gate = (caller: Caller, signal: AbortSignal) => Promise<Admittance>;

export interface GateOptions<Visitor> {
  /** What is behind the gate: `/metrics`. */
  readonly path: string;
  /** Finds out whose token it is; undefined: nobody's. Throws when that cannot be found out. */
  readonly visitorOf: (token: string, signal: AbortSignal) => Promise<Visitor | undefined>;
  readonly mayEnter: (visitor: Visitor, signal: AbortSignal) => Promise<boolean>;
  /** How many unknown tokens of one address are asked about. Default: five at once, then one each second. */
  readonly pace?: Pace;
  readonly clock: Clock;
  /** Called when the API server could not be asked; the error holds no token. */
  readonly onTrouble: (error: unknown) => void;
}

/** How long answers are believed, in milliseconds: as long as by controller-runtime, and 10 s for a token of nobody. */
const believedMs = { visitor: 60_000, stranger: 10_000, allowed: 300_000, denied: 30_000 } as const;
/** How many tokens, people and addresses are remembered; of more the oldest are forgotten. */
const most = 1_000;
export interface Pace {
  readonly atOnce: number;
  /** Time after which another one may follow. */
  readonly everyMs: number;
}
const strangersPace: Pace = { atOnce: 5, everyMs: 1_000 };

type Refused = Admittance & { readonly kind: 'refused' };
const refuse = (status: Refused['status'], why: string): Refused => ({ kind: 'refused', status, why });

/**
 * Lets a caller in by the caller's Kubernetes token. Remembers answers for a short time, tokens only as hashes. Strangers
 * with tokens of their own invention are held to a few questions a second; known tokens need none.
 */
export function createGate<Visitor>(options: GateOptions<Visitor>): Gate {
  const { path, visitorOf, mayEnter, pace: { atOnce, everyMs } = strangersPace, clock, onTrouble } = options;
  const visitors = new ExpiringMap<Visitor | undefined>(most, clock);
  const rights = new ExpiringMap<boolean>(most, clock);
  const asks = new ExpiringMap<number>(most, clock);
  const asking = new Map<string, Promise<Visitor | undefined>>();

  /** Whether the address may have another token looked up now. */
  function mayAsk(address: string): boolean {
    const now = clock.now().getTime();
    // The moment at which the address's questions of the past are all made good.
    const free = Math.max(asks.get(address)?.value ?? 0, now);
    if (free - now > (atOnce - 1) * everyMs) return false;
    asks.set(address, free + everyMs, free + everyMs - now);
    return true;
  }

  async function lookUp(token: string, hash: string, signal: AbortSignal): Promise<Visitor | undefined> {
    const visitor = await visitorOf(token, signal);
    visitors.set(hash, visitor, visitor === undefined ? believedMs.stranger : believedMs.visitor);
    return visitor;
  }

  async function admit({ authorization, address }: Caller, signal: AbortSignal): Promise<Admittance> {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return refuse(401, 'A Kubernetes token is needed: Authorization: Bearer …');
    const hash = createHash('sha256').update(token).digest('base64');
    const known = visitors.get(hash);
    if (known === undefined && !asking.has(hash) && !mayAsk(address)) return refuse(429, 'Too many unknown tokens.');
    let visitor = known?.value;
    if (known === undefined) {
      const running = asking.get(hash) ?? lookUp(token, hash, signal).finally(() => asking.delete(hash));
      asking.set(hash, running);
      visitor = await running;
    }
    if (visitor === undefined) return refuse(401, 'Kubernetes does not know this token.');
    const name = createHash('sha256').update(JSON.stringify(visitor)).digest('base64');
    let allowed = rights.get(name)?.value;
    if (allowed === undefined) {
      allowed = await mayEnter(visitor, signal);
      rights.set(name, allowed, allowed ? believedMs.allowed : believedMs.denied);
    }
    return allowed ? { kind: 'allowed' } : refuse(403, `This account may not get ${path}.`);
  }

  return async (caller, signal) => {
    try {
      return await admit(caller, signal);
    } catch (error) {
      onTrouble(error);
      return refuse(503, 'The API server could not be asked about this token.');
    }
  };
}
