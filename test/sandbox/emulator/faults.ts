import type { ReplicationBody } from './bodies.ts';
import type { Call } from './call.ts';
import type { Reply } from './errors.ts';
import { EFFECTS, type Scene, type Spec, type Start, type Wire } from './fault-effects.ts';
import type { ActiveFault, FaultEffect, FaultRule } from './fault-rules.ts';
import { normalise } from './model.ts';
import type { Kind } from './route.ts';
import { same } from './seed.ts';

interface Active {
  readonly id: string;
  readonly rule: FaultRule;
  readonly spec: Spec<FaultEffect>;
  matched: number;
  struck: number;
  readonly undo: ((now: number) => void)[];
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
  #added = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Throws a TypeError for an effect that does not exist. */
  add(rule: FaultRule): string {
    if (!Object.hasOwn(EFFECTS, rule.effect.kind)) throw new TypeError(`unknown effect '${rule.effect.kind}'`);
    this.#added += 1;
    const id = `fault-${this.#added}`;
    const spec = EFFECTS[rule.effect.kind] as Spec<FaultEffect>;
    this.#active.push({ id, rule, spec, matched: 0, struck: 0, undo: [] });
    return id;
  }

  /** Ends the fault of this id; without an id all. What was stuck goes on. */
  clear(id: string | undefined, now: number): void {
    for (const active of this.#active.filter((a) => id === undefined || a.id === id)) {
      this.#active.splice(this.#active.indexOf(active), 1);
      for (const undo of active.undo) undo(now);
    }
  }

  list(): readonly ActiveFault[] {
    return this.#active.map(({ id, rule, struck }) => ({ ...rule, id, struck }));
  }

  /** The answer to give in place of the service's. */
  reply(call: Call, scene: Omit<Scene, 'struck'>): Reply | undefined {
    for (const active of this.#active) {
      const { reply } = active.spec;
      if (reply === undefined || !matches(active, call)) continue;
      const answer = reply(active.rule.effect, call, { ...scene, struck: active.struck });
      if (answer !== undefined && this.#strikes(active)) return answer;
    }
    return undefined;
  }

  delayMs(call: Call): number {
    let total = 0;
    for (const active of this.#active)
      if (active.spec.delayMs !== undefined && matches(active, call) && this.#strikes(active))
        total += active.spec.delayMs(active.rule.effect);
    return total;
  }

  /** The way in which the answer is spoiled, if any; `late`: the request is carried out all the same. */
  wire(call: Call): { readonly wire: Wire; readonly late: boolean } | undefined {
    for (const active of this.#active) {
      const { effect } = active.rule;
      if (active.spec.wire === undefined || !matches(active, call) || !this.#strikes(active)) continue;
      return { wire: active.spec.wire(effect), late: active.spec.late?.(effect) ?? false };
    }
    return undefined;
  }

  start(call: Call, start: Omit<Start, 'undo'>): void {
    for (const active of this.#active) {
      if (active.spec.start === undefined || !matches(active, call) || !this.#strikes(active)) continue;
      active.spec.start(active.rule.effect, { ...start, undo: (action) => active.undo.push(action) });
    }
  }

  replications(
    call: Call,
    items: readonly ReplicationBody[],
    at: (agoMs: number) => readonly ReplicationBody[],
  ): readonly ReplicationBody[] {
    let shown = items;
    for (const active of this.#active) {
      const { list } = active.spec;
      if (list !== undefined && matches(active, call) && this.#strikes(active))
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
}

function matches({ rule, spec }: Active, call: Call): boolean {
  const { match = {} } = rule;
  if (match.kind === undefined ? IDENTITY.has(call.kind) : match.kind !== call.kind) return false;
  if (match.verb !== undefined && match.verb !== call.verb) return false;
  if (spec.verbs !== undefined && !spec.verbs.includes(call.verb)) return false;
  if (spec.kinds !== undefined && !spec.kinds.includes(call.kind)) return false;
  if (match.registry !== undefined && !same(match.registry, call.registry ?? '')) return false;
  if (match.region !== undefined && normalise(match.region) !== call.region) return false;
  return match.homeRegion === undefined || normalise(match.homeRegion) === call.homeRegion;
}
