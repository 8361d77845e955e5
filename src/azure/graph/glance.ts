import { registryKey } from '../../domain/desired.ts';
import type { Region } from '../../domain/region.ts';
import type { Registry, RegistryRef, Replica } from '../../domain/replication.ts';
import type { ReadWay } from '../../ports/arm-request.ts';
import type { Glance, ReplicationApi } from '../../ports/azure.ts';
import type { Log } from '../../ports/log.ts';
import type { Clock } from '../../time/clock.ts';
import type { Admission, Quota } from '../limits/quota.ts';
import type { GraphQuotas } from '../limits/throttle.ts';
import { mapOfUsed } from '../limits/used.ts';
import { byRegion, parseReplicaOnWire } from '../parse.ts';
import { attempt } from '../refusals/classify.ts';
import { retryAfter } from '../refusals/retry-after.ts';
import type { Signer } from '../refusals/signer.ts';
import { isRecord } from '../wire/arm-error.ts';
import { tooLong } from '../wire/bounded.ts';
import type { GraphCalls, GraphReply } from '../wire/graph-calls.ts';
import { type Shut, shutAfter, shutWhenIgnored, type Way } from './refusal.ts';
import {
  begun,
  inSmallerSlices,
  isComplete,
  pageIn,
  questionFor,
  rowKey,
  type SharedAnswer,
  withPage,
} from './shared-answer.ts';

export interface GlanceConfig {
  readonly calls: GraphCalls;
  readonly quotas: GraphQuotas;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly log: Log;
  /** Told of each look that was answered, and by whom. */
  readonly onRead: (way: ReadWay) => void;
  /** The registry, if it was read so lately that a LIST of the provider says all of it; see RegistryMemory. */
  readonly recall: (ref: RegistryRef, known: Registry) => Registry | undefined;
}

/** So many LISTs in five minutes are a hundred registries at the usual interval: beyond them one query costs less. */
const mostLists = 100;
const listsMs = 5 * 60_000;
/** Resource Graph is left alone for as long at least when it limits the requests. */
const minuteMs = 60_000;
/** A shared answer was worth its queries when it served so many looks for each. */
const worthLooks = 40;
/** A query is not repeated sooner: for whom its answer is too old then, a LIST is sent. */
const leastAgeMs = 60_000;
/** Who finds an answer on its way comes back after this, or after as long as it has been on its way. */
const comingMs = 2_000;
/** What is known of a subscription or registry is forgotten when nobody has looked there for longer than a refusal lasts. */
const unusedMs = 25 * 3_600_000;

/** What is known of one subscription. It lives in the process alone: a restart costs a hundred LISTs at most. */
interface Subscription {
  lists: { sinceMs: number; count: number };
  answer: SharedAnswer | undefined;
  /** Looks that the answer has served. */
  served: number;
  /** Whether somebody is asking for the next page of the answer. */
  isAsking: boolean;
  readonly shutUntilMs: Record<Way, number>;
}

/** Makes the looks by Resource Graph of one identity. */
export function createGlance(config: GlanceConfig): NonNullable<ReplicationApi['glance']> {
  const { calls, quotas, clock, signer, log, onRead, recall } = config;
  const nowMs = (): number => clock.now().getTime();
  const subscriptions = mapOfUsed<Subscription>(nowMs, unusedMs);
  /** Until when the LIST of a registry is not sent by way of Resource Graph, in milliseconds since 1970. */
  const shutRegistries = mapOfUsed<number>(nowMs, unusedMs);

  function subscriptionOf({ subscriptionId }: RegistryRef): Subscription {
    const key = subscriptionId.toLowerCase();
    const known = subscriptions.get(key) ?? {
      lists: { sinceMs: nowMs(), count: 0 },
      answer: undefined,
      served: 0,
      isAsking: false,
      shutUntilMs: { list: 0, query: 0 },
    };
    subscriptions.set(key, known);
    return known;
  }

  function shut(ref: RegistryRef, way: Way, { scope, ms }: Shut, why: string | number): void {
    const untilMs = nowMs() + ms;
    if (scope === 'registry') shutRegistries.set(registryKey(ref), untilMs);
    else subscriptionOf(ref).shutUntilMs[way] = untilMs;
    if (!log.isDebugEnabled()) return;
    const { subscriptionId, name } = ref;
    const about = scope === 'registry' ? { subscriptionId, registry: name } : { subscriptionId };
    log.debug('resource graph is not asked for a while', { ...about, way, why, until: new Date(untilMs) });
  }

  /** Makes one request within its quota. Undefined: nothing was answered, and that is remembered. */
  async function asked(
    ref: RegistryRef,
    way: Way,
    quota: Quota,
    send: () => Promise<GraphReply>,
    signal: AbortSignal,
  ): Promise<GraphReply | (Admission & { readonly kind: 'wait' }) | undefined> {
    const caller = way === 'list' ? registryKey(ref) : ref.subscriptionId.toLowerCase();
    const counted = { caller, cost: 1, urgency: 'moving' } as const; // nothing more urgent comes here, so nothing is left to it
    const admission = quota.ask(counted, nowMs());
    if (admission.kind === 'wait') return admission;
    const outcome = await attempt(send, { ref, signer }, () => clock.now(), signal);
    if (!outcome.ok) {
      shut(ref, way, shutAfter(way, { status: undefined }), outcome.failure.code);
      return undefined;
    }
    const reply = outcome.value;
    const { remaining, resetsAfterMs } = reply.quota;
    if (reply.kind === 'refused' && reply.status === 429) {
      const until = retryAfter(reply.retryAfter, clock.now())?.getTime();
      const untilMs = until ?? (resetsAfterMs === undefined ? undefined : nowMs() + resetsAfterMs);
      const againMs = quota.refused(counted, untilMs, nowMs());
      shut(ref, way, { scope: 'subscription', ms: Math.max(againMs - nowMs(), minuteMs) }, reply.status);
      return undefined;
    }
    quota.passed(nowMs());
    if (remaining !== undefined) quota.heard(remaining, nowMs());
    return reply;
  }

  async function byList(ref: RegistryRef, known: Registry, signal: AbortSignal): Promise<Glance> {
    const subscription = subscriptionOf(ref);
    if (nowMs() < Math.max(subscription.shutUntilMs.list, shutRegistries.get(registryKey(ref)) ?? 0)) return unseen;
    const { lists } = subscription;
    const isOver = nowMs() - lists.sinceMs >= listsMs;
    subscription.lists = isOver ? { sinceMs: nowMs(), count: 1 } : { ...lists, count: lists.count + 1 };
    const reply = await asked(ref, 'list', quotas.lists(ref.subscriptionId), () => calls.list(ref, signal), signal);
    if (reply === undefined) return unseen;
    if (reply.kind === 'wait') return { kind: 'later', until: new Date(reply.untilMs) };
    if (reply.kind === 'refused') {
      shut(ref, 'list', shutAfter('list', reply), reply.status ?? reply.code);
      return unseen;
    }
    if (!reply.isGraphs) shut(ref, 'list', shutWhenIgnored, 'ignored');
    const registry = reply.isGraphs ? known : recall(ref, known);
    const replicas = replicasIn(listedIn(reply.body));
    if (registry === undefined || replicas === undefined) return unseen;
    const by = reply.isGraphs ? 'resource_graph' : 'provider';
    return seen(registry, replicas, by, by === 'provider' ? by : 'resource_graph_list');
  }

  async function byQuery(ref: RegistryRef, known: Registry, maxAgeMs: number, signal: AbortSignal): Promise<Glance> {
    const subscription = subscriptionOf(ref);
    const begins = subscription.answer === undefined || ageOf(subscription, nowMs()) >= maxAgeMs;
    const held = begins ? undefined : rowIn(subscription, ref, known);
    if (held !== undefined) return held;
    if (subscription.isAsking) {
      return { kind: 'later', until: new Date(nowMs() + Math.max(comingMs, ageOf(subscription, nowMs()))) };
    }
    subscription.isAsking = true;
    try {
      const { answer } = subscription;
      if (begins || answer === undefined) {
        subscription.answer = begun(answer?.slices ?? 1, nowMs());
        subscription.served = 0;
      }
      const wait = await complete(subscription, ref, signal);
      return wait ?? rowIn(subscription, ref, known) ?? unseen;
    } finally {
      subscription.isAsking = false;
    }
  }

  /** Asks for the pages that are missing, one after another. Gives why that is not yet all: the quota, or a refusal. */
  async function complete(
    subscription: Subscription,
    ref: RegistryRef,
    signal: AbortSignal,
  ): Promise<Glance | undefined> {
    for (let { answer } = subscription; answer !== undefined && !isComplete(answer); answer = subscription.answer) {
      const question = questionFor(answer);
      const send = (): Promise<GraphReply> => calls.query(ref.subscriptionId, question, signal);
      const reply = await asked(ref, 'query', quotas.queries(), send, signal);
      if (reply?.kind === 'wait') return { kind: 'later', until: new Date(reply.untilMs) };
      const isTooLong = reply?.kind === 'refused' && tooLongCodes.has(reply.code);
      const page = reply?.kind === 'answered' ? pageIn(reply.body) : undefined;
      const smaller = isTooLong ? inSmallerSlices(answer) : undefined;
      subscription.answer = page === undefined ? smaller : withPage(answer, page);
      if (subscription.answer !== undefined) continue;
      if (reply?.kind === 'refused') shut(ref, 'query', shutAfter('query', reply), reply.status ?? reply.code);
      if (reply?.kind === 'answered') shut(ref, 'query', shutAfter('query', { status: 500 }), 'no sense');
      return unseen;
    }
    return undefined;
  }

  /** What the shared answer says of a registry; undefined when it has not come yet. */
  function rowIn(subscription: Subscription, ref: RegistryRef, known: Registry): Glance | undefined {
    const { answer } = subscription;
    const row = answer?.rows.get(rowKey(ref));
    if (answer === undefined || (row === undefined && !isComplete(answer))) return undefined;
    subscription.served += 1;
    const replicas = row === undefined ? undefined : replicasIn(JSON.parse(row) as unknown);
    return replicas === undefined ? unseen : seen(known, replicas, 'resource_graph', 'resource_graph_query');
  }

  function seen(
    registry: Registry,
    replicas: ReadonlyMap<Region, Replica>,
    by: 'provider' | 'resource_graph',
    way: ReadWay,
  ): Glance {
    // A list without the home region is that of a registry that was made anew elsewhere, or a wrong one.
    if (replicas.size > 0 && !replicas.has(registry.home)) return unseen;
    onRead(way);
    return { kind: 'seen', by, actual: { registry, registryRead: 'remembered', replicas } };
  }

  return async (ref, known, maxAgeMs, signal) => {
    const subscription = subscriptionOf(ref);
    if (isQueried(subscription, maxAgeMs, nowMs())) return await byQuery(ref, known, maxAgeMs, signal);
    // Of use to nobody any more: 10,000 registries take 9 MB.
    if (!subscription.isAsking && ageOf(subscription, nowMs()) >= leastAgeMs) subscription.answer = undefined;
    return await byList(ref, known, signal);
  };
}

const unseen: Glance = { kind: 'unseen' };
/** Codes of a page that Azure does not send, or that is not read, because it is too long. */
const tooLongCodes: ReadonlySet<string> = new Set(['ResponsePayloadTooLarge', tooLong]);

/** How long ago the shared answer was asked for; 0 without one. */
function ageOf({ answer }: Subscription, nowMs: number): number {
  return answer === undefined ? 0 : nowMs - answer.askedAtMs;
}

/** Whether a query about the whole subscription costs less than the LIST of one registry. */
function isQueried(subscription: Subscription, maxAgeMs: number, nowMs: number): boolean {
  const { answer, served, lists, shutUntilMs } = subscription;
  if (nowMs < shutUntilMs.query) return false;
  const areMany = lists.count >= mostLists && nowMs - lists.sinceMs < listsMs;
  if (answer === undefined) return areMany;
  const ageMs = ageOf(subscription, nowMs);
  if (ageMs < maxAgeMs) return true;
  return ageMs >= leastAgeMs && (areMany || !isComplete(answer) || served >= worthLooks * answer.slices);
}

/** The entries of a LIST that has one page; undefined when it has more, or none. */
function listedIn(body: unknown): unknown {
  return isRecord(body) && !body['nextLink'] ? body['value'] : undefined;
}

/** Undefined when one of the entries makes no sense: then none is believed. */
function replicasIn(entries: unknown): ReadonlyMap<Region, Replica> | undefined {
  if (!Array.isArray(entries)) return undefined;
  const replicas = entries.map(parseReplicaOnWire);
  return replicas.every((replica) => replica !== undefined) ? byRegion(replicas) : undefined;
}
