import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../ports/log.ts';
import type { Clock } from '../../time/clock.ts';
import { deadline } from '../../time/deadline.ts';
import type { KubeClient } from '../http/client.ts';
import { KubeError } from '../http/error.ts';
import { parseObject } from '../watch/object.ts';
import { Reflector } from '../watch/reflector.ts';
import {
  elapsedMs,
  type Instant,
  instantOf,
  isHeld,
  type Lease,
  type LeaseSpec,
  leaseTimes,
  released,
  renewed,
  type Sighting,
  sight,
  taken,
  waitMs,
} from './lease.ts';

export interface ElectionOptions {
  /** Of its own: renewals must not wait for the passes' calls. One watch and one call at a time. */
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  /** Of this process alone, also after a restart. */
  readonly identity: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly times?: typeof leaseTimes;
  readonly onChange?: (leads: boolean) => void;
}

/** Of several operators at most one leads. */
export interface Election {
  /**
   * Waits until this process leads, or `stop` aborts. Then `lead` works, and ends by itself after `stop`; the lease is
   * renewed meanwhile and released afterwards, unless `lead` left something unfinished: then the others wait until it
   * expires. `lost` aborts when the lease is lost, which is for good: `lead` must end at once.
   */
  run(stop: AbortSignal, lead: (lost: AbortSignal) => Promise<'finished' | 'unfinished'>): Promise<'stopped' | 'lost'>;
  /**
   * To be called last of all before a write is sent: throws unless the lease is held now. A process that was paused
   * learns it here, before any of its timers fires. What remains is a pause longer than the lease between this call and
   * the moment the kernel has the request, and what the kernel or the network delivers late: neither Azure nor a status
   * takes a fencing token. A create or update that comes late repeats what its own pass decided; a delete was confirmed
   * by a GET just before.
   */
  readonly assertHeld: () => void;
  /** Why this process cannot even ask for the lease; undefined while it can. */
  problem(): string | undefined;
}

interface Held {
  /** Undefined: somebody deleted it, and it is to be made anew. */
  readonly lease: Lease | undefined;
  readonly spec: LeaseSpec;
  /** When the last successful renewal was sent. */
  readonly since: Instant;
}

/** Releasing must fit into what a stop may take. */
const releaseMs = 1_000;
/** One for a renewal of ours whose answer never came, one for a version that somebody else labelled meanwhile. */
const conflictsMet = 2;
const never = new AbortController().signal;

/** Leader election on a Lease, by the rules of client-go's leaderelection.go. */
export function createElection(options: ElectionOptions): Election {
  const { client, namespace, name, identity, log, clock, times = leaseTimes, onChange } = options;
  const now = (): Instant => instantOf(clock);
  const collection = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
  const path = `${collection}/${encodeURIComponent(name)}`;
  const facts = { lease: `${namespace}/${name}`, identity };
  const lost = new AbortController();
  let held: Held | undefined;
  let problem: string | undefined;

  async function read(signal: AbortSignal): Promise<Lease | undefined> {
    try {
      return parseObject(await client.call({ path }, signal));
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Refused when `lease` is no longer what is stored. */
  async function write(lease: Lease | undefined, spec: LeaseSpec, signal: AbortSignal): Promise<Lease> {
    const made = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name }, spec };
    const answer =
      lease === undefined
        ? await client.call({ method: 'POST', path: collection, body: made }, signal)
        : await client.call({ method: 'PUT', path, body: { ...lease, spec } }, signal);
    return parseObject(answer) as Lease;
  }

  /** The holder's own writes. Undefined: it is somebody else's, and leadership is lost. */
  async function change(
    { lease: known, spec: before }: Held,
    change: (spec: LeaseSpec, at: Instant) => LeaseSpec,
    signal: AbortSignal,
  ): Promise<Held | undefined> {
    let lease = known;
    for (let conflicts = 0; ; conflicts++) {
      const since = now();
      const spec = change(before, since);
      try {
        return { lease: await write(lease, spec, signal), spec, since };
      } catch (error) {
        const conflict = error instanceof KubeError && (error.status === 409 || error.status === 404);
        if (!conflict || conflicts === conflictsMet) throw error;
      }
      lease = await read(signal);
      const holder = lease?.spec?.holderIdentity;
      if (lease === undefined || holder === identity) continue;
      lose('another operator has taken the lease', { holder });
      return undefined;
    }
  }

  function lose(why: string, more: Readonly<Record<string, unknown>>): void {
    if (held === undefined) return;
    held = undefined;
    log.error('leadership lost', { ...facts, why, ...more });
    onChange?.(false);
    lost.abort(new Error(why));
  }

  function leftMs({ since }: Held): number {
    return Math.max(0, times.renewDeadlineMs - elapsedMs(since, now()));
  }

  function checkDeadline(): void {
    if (held === undefined || isHeld(held.since, now(), times)) return;
    lose('the lease was not renewed in time', { sinceMs: Math.round(elapsedMs(held.since, now())) });
  }

  async function renewUntil(end: AbortSignal): Promise<void> {
    while (held !== undefined) {
      await napper().nap(Math.min(times.retryMs, leftMs(held)), end);
      if (end.aborted) return;
      checkDeadline();
      if (held === undefined) return;
      using limit = deadline(end, leftMs(held), () => new Error('the lease was not renewed in time'));
      try {
        const next = await change(held, renewed, limit.signal);
        if (held !== undefined && next !== undefined) held = next;
      } catch (error) {
        if (!end.aborted) log.warn('lease not renewed', { ...facts, error });
      }
    }
  }

  async function release(): Promise<void> {
    checkDeadline();
    if (held === undefined) return;
    const last = held;
    held = undefined;
    onChange?.(false);
    using limit = deadline(never, releaseMs, () => new Error(`no answer within ${releaseMs / 1_000} s`));
    try {
      if ((await change(last, released, limit.signal)) !== undefined) log.info('leadership released', facts);
    } catch (error) {
      log.warn('lease not released, it will expire', { ...facts, error });
    }
  }

  async function acquire(stop: AbortSignal): Promise<Held | undefined> {
    const { nap, wake, stay } = napper();
    using watching = whileWatching(wake, stop);
    let sighting: Sighting | undefined;
    let told: string | undefined;
    while (!stop.aborted) {
      stay();
      let pauseMs = times.retryMs;
      try {
        const before = sighting?.spec?.holderIdentity;
        const lease = await read(watching.signal);
        sighting = sight(sighting, lease, now().monotonicMs);
        const inMs = waitMs(sighting, identity, now().monotonicMs, times);
        if (inMs === 0) return await take(sighting);
        problem = told = undefined;
        pauseMs = Math.min(pauseMs, inMs);
        const holder = sighting.spec?.holderIdentity;
        if (holder !== before) log.info('another operator leads', { ...facts, holder });
      } catch (error) {
        if (stop.aborted) break;
        const { status = 0, reason = '' } = error instanceof KubeError ? error : {};
        if (status === 409) continue; // another one was faster
        problem = status >= 400 && status < 500 ? String(error) : undefined;
        if (told !== `${status} ${reason}`) log.warn('the lease cannot be asked for', { ...facts, error });
        told = `${status} ${reason}`;
      }
      await nap(pauseMs, stop);
    }
    return undefined;
  }

  /** Not to be aborted: who does not know whether it leads cannot release either. */
  async function take({ lease, spec: before }: Sighting): Promise<Held> {
    const since = now();
    const spec = taken(before, identity, since, times);
    return { lease: await write(lease, spec, never), spec, since };
  }

  /** Calls `wake` as soon as the lease is released. Looking every now and then goes on, should the watch fail. */
  function whileWatching(wake: () => void, stop: AbortSignal): Disposable & { readonly signal: AbortSignal } {
    const watching = new AbortController();
    const end = (): void => watching.abort();
    if (stop.aborted) end();
    stop.addEventListener('abort', end, { once: true });
    const reflector = new Reflector<Lease>({
      client,
      path: collection,
      fieldSelector: `metadata.name=${name}`,
      sink: {
        put: ({ spec }) => {
          if (!spec?.holderIdentity) wake();
        },
        remove: () => {}, // by hand: its holder may not know it yet
        forget: () => {},
      },
      log,
      clock,
    });
    void reflector.run(watching.signal);
    return {
      signal: watching.signal,
      [Symbol.dispose]() {
        stop.removeEventListener('abort', end);
        end();
      },
    };
  }

  return {
    async run(stop, lead) {
      held = await acquire(stop);
      if (held === undefined) return 'stopped';
      problem = undefined;
      log.info('leading', { ...facts, transitions: held.spec.leaseTransitions });
      onChange?.(true);
      const end = new AbortController();
      try {
        const renewing = renewUntil(end.signal);
        const how = await lead(lost.signal);
        end.abort();
        await renewing;
        if (how === 'finished') await release();
      } finally {
        end.abort();
      }
      return lost.signal.aborted ? 'lost' : 'stopped';
    },
    assertHeld() {
      checkDeadline();
      if (held === undefined) throw new Error('not sent, for this operator does not lead');
    },
    problem: () => problem,
  };
}

/** A pause that can be cut short, also when the reason comes between `stay` and `nap`. */
function napper() {
  let cut = new AbortController();
  return {
    stay: () => {
      cut = new AbortController();
    },
    wake: () => cut.abort(),
    nap: async (ms: number, stop: AbortSignal): Promise<void> => {
      const { signal } = cut;
      const follow = (): void => cut.abort();
      if (stop.aborted) follow();
      stop.addEventListener('abort', follow, { once: true });
      await delay(ms, undefined, { signal }).catch(() => {});
      stop.removeEventListener('abort', follow);
    },
  };
}
