import type { ReplicationBody } from './bodies.ts';
import type { Call } from './call.ts';
import type { Reply } from './errors.ts';
import { EFFECTS, type Scene, type Spec, type Start, type Wire } from './fault-effects.ts';
import type { ActiveFault, FaultEffect, FaultRule } from './fault-rules.ts';
import { normalise, type Replica } from './model.ts';
import type { ReplicationRequest } from './replication-request.ts';
import type { Kind } from './route.ts';
import { same } from './seed.ts';

interface Active {
  readonly id: string;
  readonly rule: FaultRule;
  readonly spec: Spec<FaultEffect>;
  matched: number;
  struck: number;
  readonly addedAt: number;
  readonly undo: ((now: number) => void)[];
  /** Settled when the rule is cleared. */
  readonly cleared: PromiseWithResolvers<void>;
}

const IDENTITY: ReadonlySet<Kind> = new Set([
  'openidConfiguration',
  'instanceDiscovery',
  'keys',
  'token',
  'managedIdentityToken',
  'metadata',
]);

/** The rules in force. A rule counts as struck only where its effect really changed something. */
export class Faults {
  readonly #random: () => number;
  readonly #active: Active[] = [];
  /** When a write was last accepted, by registry and by registry and region. */
  readonly #writes = new Map<string, number>();
  #added = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Throws a TypeError for an effect that does not exist. */
  add(rule: FaultRule, now: number): string {
    const { kind } = rule.effect;
    if (!Object.hasOwn(EFFECTS, kind))
      throw new TypeError(`unknown effect "${kind}": there is ${Object.keys(EFFECTS).join(', ')}`);
    this.#added += 1;
    const id = `fault-${this.#added}`;
    const spec = EFFECTS[kind] as Spec<FaultEffect>;
    const cleared = Promise.withResolvers<void>();
    this.#active.push({ id, rule, spec, matched: 0, struck: 0, addedAt: now, undo: [], cleared });
    return id;
  }

  /** Ends the fault of this id; without an id all. What was stuck goes on. */
  clear(id: string | undefined, now: number): void {
    for (const active of this.#active.filter((a) => id === undefined || a.id === id)) {
      this.#active.splice(this.#active.indexOf(active), 1);
      for (const undo of active.undo) undo(now);
      active.cleared.resolve();
    }
  }

  list(): readonly ActiveFault[] {
    return this.#active.map(({ id, rule, struck }) => ({ ...rule, id, struck }));
  }

  /** The answer to give in place of the service's. */
  reply(call: Call, scene: Omit<Scene, 'struck'>): Reply | undefined {
    for (const active of this.#active) {
      const { reply } = active.spec;
      if (reply === undefined || !this.#matches(active, call)) continue;
      const answer = reply(active.rule.effect, call, { ...scene, struck: active.struck });
      if (answer !== undefined && this.#strikes(active)) return answer;
    }
    return undefined;
  }

  /** Resolves when no rule holds the call any more; undefined when none does. */
  held(call: Call): Promise<unknown> | undefined {
    const holding = this.#active.filter((a) => a.spec.holds === true && this.#matches(a, call) && this.#strikes(a));
    return holding.length === 0 ? undefined : Promise.all(holding.map(({ cleared }) => cleared.promise));
  }

  /** Whether the provider answers a call that asked for Resource Graph. */
  ignoresGraph(call: Call): boolean {
    return this.#active.some((a) => a.spec.ignoresGraph === true && this.#matches(a, call) && this.#strikes(a));
  }

  /** A write to a replica was accepted. */
  wrote({ registry = '', region = '', now }: Call): void {
    this.#writes.set(registry, now);
    this.#writes.set(`${registry}/${region}`, now);
  }

  delayMs(call: Call): number {
    let total = 0;
    for (const active of this.#active)
      if (active.spec.delayMs !== undefined && this.#matches(active, call) && this.#strikes(active))
        total += active.spec.delayMs(active.rule.effect);
    return total;
  }

  /** The way in which the answer is spoiled, if any; `late`: the request is carried out all the same. */
  wire(call: Call): { readonly wire: Wire; readonly late: boolean } | undefined {
    for (const active of this.#active) {
      const { effect } = active.rule;
      if (active.spec.wire === undefined || !this.#matches(active, call) || !this.#strikes(active)) continue;
      return { wire: active.spec.wire(effect), late: active.spec.late?.(effect) ?? false };
    }
    return undefined;
  }

  start(call: Call, start: Omit<Start, 'undo'>): void {
    for (const active of this.#active) {
      if (active.spec.start === undefined || !this.#matches(active, call) || !this.#strikes(active)) continue;
      active.spec.start(active.rule.effect, { ...start, undo: (action) => active.undo.push(action) });
    }
  }

  /** The replica serves from that moment on. */
  serves(call: Call, replica: Replica, from: number): void {
    for (const active of this.#active)
      if (active.spec.serves !== undefined && this.#matches(active, call) && this.#strikes(active))
        active.spec.serves(active.rule.effect, replica, from);
  }

  /** What a PUT or PATCH is taken to ask for. */
  modified(call: Call, request: ReplicationRequest, replica: Replica | undefined): ReplicationRequest {
    let asked = request;
    for (const active of this.#active)
      if (active.spec.modify !== undefined && this.#matches(active, call) && this.#strikes(active))
        asked = active.spec.modify(active.rule.effect, asked, replica);
    return asked;
  }

  replications(
    call: Call,
    items: readonly ReplicationBody[],
    at: (agoMs: number) => readonly ReplicationBody[],
  ): readonly ReplicationBody[] {
    let shown = items;
    for (const active of this.#active) {
      const { list } = active.spec;
      if (list !== undefined && this.#matches(active, call) && this.#strikes(active))
        shown = list(active.rule.effect, shown, at, active.struck);
    }
    return shown;
  }

  #strikes(active: Active): boolean {
    const { times = Number.POSITIVE_INFINITY, after = 0, probability = 1 } = active.rule;
    active.matched += 1;
    if (active.matched <= after || active.struck >= times) return false;
    if (probability < 1 && this.#random() >= probability) return false;
    active.struck += 1;
    return true;
  }

  #matches(active: Active, call: Call): boolean {
    const { forMs, afterWriteMs } = active.rule;
    if (!touches(active, call)) return false;
    if (forMs !== undefined && call.now >= active.addedAt + forMs) return false;
    if (afterWriteMs === undefined) return true;
    const wroteAt = this.#writes.get(placeOf(active.rule, call));
    return wroteAt !== undefined && call.now < wroteAt + afterWriteMs;
  }
}

/** What a rule about the time after a write is about: a region of the registry, or the registry. */
function placeOf({ match, effect }: FaultRule, { registry = '', region: called }: Call): string {
  const region = match?.region ?? ('region' in effect ? effect.region : called);
  return region === undefined ? registry : `${registry}/${normalise(region)}`;
}

function touches({ rule, spec }: Active, call: Call): boolean {
  const { match = {} } = rule;
  if (match.kind === undefined ? IDENTITY.has(call.kind) : match.kind !== call.kind) return false;
  if (match.verb !== undefined && match.verb !== call.verb) return false;
  if (spec.verbs !== undefined && !spec.verbs.includes(call.verb)) return false;
  if (spec.kinds !== undefined && !spec.kinds.includes(call.kind)) return false;
  if (match.registry !== undefined && !same(match.registry, call.registry ?? '')) return false;
  if (match.apiVersion !== undefined && match.apiVersion !== call.query.get('api-version')) return false;
  if (match.region !== undefined && normalise(match.region) !== call.region) return false;
  return match.homeRegion === undefined || normalise(match.homeRegion) === call.homeRegion;
}
