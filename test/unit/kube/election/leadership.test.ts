import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createElection, type ElectionOptions } from '../../../../src/kube/election/leadership.ts';
import type { Lease, LeaseSpec } from '../../../../src/kube/election/lease.ts';
import type { KubeClient, KubeRequest } from '../../../../src/kube/http/client.ts';
import { KubeError } from '../../../../src/kube/http/error.ts';
import { type Clock, systemClock } from '../../../../src/time/clock.ts';

/** Short, so that tests need not wait; the proportions of the real ones. */
const times = { durationMs: 1_000, renewDeadlineMs: 600, retryMs: 40 };
const soon = { timeout: 10_000, interval: 5 };

/** The one lease of an API server, with optimistic concurrency; `refuse` answers a call before it is looked at. */
function server() {
  const calls: KubeRequest[] = [];
  const listeners = new Set<(line: string) => void>();
  let version = 1;
  const state: { lease: Lease | undefined; refuse: (request: KubeRequest) => Promise<void> | undefined } = {
    lease: undefined,
    refuse: () => undefined,
  };
  const put = (spec: LeaseSpec | undefined): Lease | undefined => {
    const metadata = { namespace: 'ops', name: 'l', uid: 'u', resourceVersion: String(++version) } as Lease['metadata'];
    state.lease = spec && { metadata, spec };
    if (spec) for (const tell of listeners) tell(JSON.stringify({ type: 'MODIFIED', object: state.lease }));
    return state.lease;
  };
  const no = (status: number) =>
    new KubeError({ request: 'x', status, reason: status === 404 ? 'NotFound' : String(status) });
  const client: KubeClient = {
    async call(request, signal) {
      calls.push(request);
      await delay(1);
      const refused = state.refuse(request);
      if (refused) await Promise.race([refused, delay(60_000, undefined, { signal })]);
      const { method = 'GET', body } = request as { method?: string; body?: Lease };
      if (method === 'POST') {
        if (state.lease !== undefined) throw no(409);
        return structuredClone(put(body?.spec));
      }
      if (state.lease === undefined) throw no(404);
      if (method === 'GET') return structuredClone(state.lease);
      if (body?.metadata.resourceVersion !== state.lease.metadata.resourceVersion) throw no(409);
      return structuredClone(put(body.spec));
    },
    async watch(_, signal) {
      return (async function* () {
        const lines: string[] = [];
        let ring = (): void => {};
        const tell = (line: string) => {
          lines.push(line);
          ring();
        };
        listeners.add(tell);
        signal.addEventListener('abort', () => ring(), { once: true });
        while (!signal.aborted) {
          yield* lines.splice(0);
          await new Promise<void>((resolve) => (ring = resolve));
        }
        listeners.delete(tell);
      })();
    },
    close: async () => {},
  };
  return { state, put, calls, client, no };
}

type More = Partial<Pick<ElectionOptions, 'clock' | 'times'>>;

function candidate(of: ReturnType<typeof server>, identity: string, more: More = {}) {
  const lines: string[] = [];
  const write = (message: string): void => void lines.push(message);
  const log = { debug: write, info: write, warn: write, error: write, isDebugEnabled: () => false };
  const leads: boolean[] = [];
  const election = createElection({
    client: of.client,
    namespace: 'ops',
    name: 'l',
    identity,
    log,
    clock: systemClock,
    times,
    onChange: (is) => leads.push(is),
    ...more,
  });
  const stop = new AbortController();
  const work = { lost: undefined as AbortSignal | undefined, how: 'finished' as 'finished' | 'unfinished' };
  const ended = election.run(stop.signal, async (lost) => {
    work.lost = lost;
    await new Promise<void>((resolve) => {
      for (const signal of [stop.signal, lost]) {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      }
    });
    return work.how;
  });
  onTestFinished(async () => {
    stop.abort();
    await ended;
  });
  const holds = (): boolean => {
    try {
      election.assertHeld();
      return true;
    } catch {
      return false;
    }
  };
  return {
    election,
    lines,
    leads,
    stop,
    work,
    ended,
    holds,
    untilLeads: () => vi.waitFor(() => expect(holds()).toBe(true), soon),
  };
}

describe('an election', () => {
  test('of two that start at once has one winner, and the other stands by without a write', async () => {
    const of = server();
    const both = [candidate(of, 'a'), candidate(of, 'b')] as const;
    await vi.waitFor(() => expect(both.some(({ holds }) => holds())).toBe(true), soon);
    await delay(5 * times.retryMs);
    expect(both.filter(({ holds }) => holds())).toHaveLength(1);
    const leader = of.state.lease?.spec?.holderIdentity;
    const writes = of.calls.filter(({ method = 'GET' }) => method === 'PUT');
    expect(new Set(writes.map(({ body }) => (body as Lease).spec?.holderIdentity))).toEqual(new Set([leader]));
    expect(of.state.lease?.spec?.leaseTransitions).toBe(0);
  });

  test('a stop lets the work end, then releases: the next one leads at once, woken by its watch', async () => {
    const of = server();
    const first = candidate(of, 'a');
    await first.untilLeads();
    const second = candidate(of, 'b');
    await vi.waitFor(() => expect(second.lines).toContain('another operator leads'), soon);
    first.stop.abort();
    expect(await first.ended).toBe('stopped');
    expect(first.holds()).toBe(false);
    await second.untilLeads();
    expect(of.state.lease?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
    expect([first.leads, second.leads]).toEqual([[true, false], [true]]);
  });

  test('a renewal that is on its way when the work ends does not keep the lease from being released', async () => {
    const of = server();
    const first = candidate(of, 'a');
    await first.untilLeads();
    const renewing = Promise.withResolvers<void>();
    of.state.refuse = ({ method, body }) => {
      if (method !== 'PUT') return undefined;
      of.state.refuse = () => undefined;
      of.put((body as Lease).spec); // carried out, and answered too late
      renewing.resolve();
      return new Promise(() => {});
    };
    await renewing.promise;
    first.stop.abort();
    expect(await first.ended).toBe('stopped');
    expect(of.state.lease?.spec?.holderIdentity).toBe('');
  });

  test('a release is seen by the watch: nobody waits for the next look', async () => {
    const of = server();
    of.put({ holderIdentity: 'other', leaseDurationSeconds: 3_600 });
    const first = candidate(of, 'a', { times: { ...times, retryMs: 3_600_000 } });
    await vi.waitFor(() => expect(first.lines).toContain('another operator leads'), soon);
    of.put({ holderIdentity: '', leaseDurationSeconds: 1 });
    await first.untilLeads();
  });

  test('work that was cut off keeps the lease: others wait until it expires', async () => {
    const of = server();
    const first = candidate(of, 'a');
    await first.untilLeads();
    first.work.how = 'unfinished';
    first.stop.abort();
    expect(await first.ended).toBe('stopped');
    expect(of.state.lease?.spec?.holderIdentity).toBe('a');
  });

  test('a leader that is gone is followed when its lease has expired, not before', async () => {
    const of = server();
    of.put({ holderIdentity: 'gone', leaseDurationSeconds: 1, leaseTransitions: 6 });
    const began = performance.now();
    const next = candidate(of, 'b');
    await next.untilLeads();
    expect(performance.now() - began).toBeGreaterThanOrEqual(1_000);
    expect(of.state.lease?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 7 });
  });

  test('a lease in other hands is lost, at once and for good', async () => {
    const of = server();
    const first = candidate(of, 'a');
    await first.untilLeads();
    of.put({ holderIdentity: 'b', leaseDurationSeconds: 15 });
    expect(await first.ended).toBe('lost');
    expect(first.work.lost?.aborted).toBe(true);
    expect(first.holds()).toBe(false);
    expect(first.lines).toContain('leadership lost');
    expect(of.state.lease?.spec?.holderIdentity).toBe('b');
  });

  test('a lease that cannot be renewed is lost at the deadline, also when calls hang', async () => {
    const of = server();
    const first = candidate(of, 'a');
    await first.untilLeads();
    of.state.refuse = () => new Promise(() => {});
    expect(await first.ended).toBe('lost');
    expect(first.holds()).toBe(false);
  });

  test('a failed renewal is tried again; one whose answer got lost is no loss', async () => {
    const of = server();
    const first = candidate(of, 'a');
    await first.untilLeads();
    let failures = 0;
    of.state.refuse = ({ method, body }) => {
      if (method !== 'PUT' || failures++ > 0) return undefined;
      of.put((body as Lease).spec); // carried out, and never answered
      return Promise.reject(of.no(0));
    };
    const version = Number(of.state.lease?.metadata.resourceVersion);
    await vi.waitFor(() => expect(Number(of.state.lease?.metadata.resourceVersion)).toBeGreaterThan(version + 3), soon);
    expect(failures).toBeGreaterThan(0);
    expect(first.holds()).toBe(true);
  });

  test('a lease that somebody deletes is made anew by its holder, and by nobody else before it expires', async () => {
    const of = server();
    const first = candidate(of, 'a');
    await first.untilLeads();
    const second = candidate(of, 'b');
    await vi.waitFor(() => expect(second.lines).toContain('another operator leads'), soon);
    of.put(undefined);
    await vi.waitFor(() => expect(of.state.lease?.spec?.holderIdentity).toBe('a'), soon);
    expect([first.holds(), second.holds()]).toEqual([true, false]);
  });

  test('a process that was paused learns it from its first question, before any timer', async () => {
    const of = server();
    let pausedMs = 0;
    const clock: Clock = {
      now: () => new Date(systemClock.now().getTime() + pausedMs),
      monotonicMs: () => systemClock.monotonicMs() + pausedMs,
    };
    const first = candidate(of, 'a', { clock });
    await first.untilLeads();
    pausedMs = times.renewDeadlineMs;
    expect(first.holds()).toBe(false);
    expect(first.work.lost?.aborted).toBe(true); // what is under way ends before the question is answered
    expect(await first.ended).toBe('lost');
  });

  test('who may not see the lease says so, for readiness, and leads as soon as it may', async () => {
    const of = server();
    of.state.refuse = () => Promise.reject(of.no(403));
    const first = candidate(of, 'a');
    await vi.waitFor(() => expect(first.election.problem()).toContain('403'), soon);
    expect(first.lines.filter((line) => line === 'the lease cannot be asked for')).toHaveLength(1);
    of.state.refuse = () => undefined;
    await first.untilLeads();
    expect(first.election.problem()).toBeUndefined();
  });

  test('one that is stopped while it takes the lease gives it back', async () => {
    const of = server();
    const go = Promise.withResolvers<void>();
    of.state.refuse = ({ method }) => (method === 'POST' ? go.promise : undefined);
    const first = candidate(of, 'a');
    await vi.waitFor(() => expect(of.calls.some(({ method }) => method === 'POST')).toBe(true), soon);
    first.stop.abort();
    go.resolve();
    expect(await first.ended).toBe('stopped');
    expect(of.state.lease?.spec?.holderIdentity).toBe('');
  });
});
