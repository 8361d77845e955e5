import { setTimeout as delay } from 'node:timers/promises';
import type { EmulatorControl } from '../../sandbox/emulator/control.ts';
import { EFFECTS } from '../../sandbox/emulator/fault-effects.ts';
import type { FaultEffect, FaultMatch } from '../../sandbox/emulator/fault-rules.ts';
import { type Place, regions } from './cast.ts';
import type { Chance } from './chance.ts';

type Samples = { readonly [K in FaultEffect['kind']]: (chance: Chance) => Extract<FaultEffect, { readonly kind: K }> };

/**
 * The members of each kind of fault. A kind that is not here, because it is new in the emulator, comes without members.
 */
const samples: Samples = {
  respond: (chance) => ({
    kind: 'respond',
    ...chance.pick([
      { status: 500, code: 'InternalServerError' },
      { status: 502, code: 'BadGateway' },
      { status: 503, code: 'ServerTimeout', retryAfterSeconds: 3 },
      { status: 504, code: 'GatewayTimeout' },
      { status: 408, code: 'RequestTimeout' },
      { status: 409, code: 'AnotherOperationInProgress' },
      { status: 400, code: 'SomethingNobodyKnows' },
      { status: 403, code: 'AuthorizationFailed' },
    ]),
  }),
  throttle: (chance) => ({
    kind: 'throttle',
    ...(chance.maybe(0.7) ? { retryAfterSeconds: chance.whole(1, 10) } : {}),
  }),
  policy: () => ({ kind: 'policy' }),
  lock: (chance) => ({ kind: 'lock', level: chance.pick(['CanNotDelete', 'ReadOnly']) }),
  deny: () => ({ kind: 'deny' }),
  outage: () => ({ kind: 'outage' }),
  latency: (chance) => ({ kind: 'latency', ms: chance.whole(200, 4_000) }),
  reset: (chance) => ({ kind: 'reset', late: chance.maybe(0.5) }),
  body: (chance) => ({
    kind: 'body',
    form: chance.pick(['truncated', 'truncated', 'empty', 'empty', 'braces', 'braces', 'html', 'huge']),
  }),
  operationFails: (chance) => ({
    kind: 'operationFails',
    leaves: chance.pick(['Failed', 'Failed', 'Canceled', 'asItWas']),
    keeps: chance.maybe(0.3),
  }),
  failsLater: (chance) => ({ kind: 'failsLater', afterMs: chance.whole(500, 8_000) }),
  deleteIgnored: () => ({ kind: 'deleteIgnored' }),
  stuckDeleting: () => ({ kind: 'stuckDeleting' }),
  notFound: (chance) => ({
    kind: 'notFound',
    form: chance.pick(['ResourceNotFound', 'ResourceGroupNotFound', 'SubscriptionNotFound', 'empty']),
  }),
  policyModifies: () => ({ kind: 'policyModifies', tags: { policytag: 'shared' } }),
  hold: () => ({ kind: 'hold' }),
  vanish: (chance) => ({ kind: 'vanish', afterMs: chance.whole(500, 4_000) }),
  zoneRedundancyIs: (chance) => ({ kind: 'zoneRedundancyIs', value: chance.pick(['Enabled', 'Disabled']) }),
  stuckCreating: () => ({ kind: 'stuckCreating' }),
  stuckSyncing: () => ({ kind: 'stuckSyncing' }),
  listStale: (chance) => ({ kind: 'listStale', ms: chance.whole(1_000, 30_000) }),
  listOmits: (chance) => ({ kind: 'listOmits', region: chance.pick(regions) }),
  listMisreports: (chance) => ({
    kind: 'listMisreports',
    region: chance.pick(regions),
    ...chance.pick([
      { provisioningState: 'Failed' },
      { provisioningState: 'Canceled' },
      { provisioningState: 'Succeeded' },
      { provisioningState: 'Creating' },
      { provisioningState: 'Deleting' },
      { displayStatus: 'Syncing' },
    ]),
  }),
  listShuffled: (chance) => ({ kind: 'listShuffled', seed: chance.whole(1, 1_000) }),
  graphIgnored: () => ({ kind: 'graphIgnored' }),
  graphUnprocessable: () => ({ kind: 'graphUnprocessable' }),
  deletePollForbidden: () => ({ kind: 'deletePollForbidden' }),
  operationHidden: (chance) => ({ kind: 'operationHidden', ms: chance.whole(500, 5_000) }),
  createRefused: (chance) => ({ kind: 'createRefused', ms: chance.whole(2_000, 15_000) }),
};

export interface Spells {
  /** How often each kind of fault was put on, and how many calls it struck. */
  readonly used: ReadonlyMap<string, { readonly spells: number; readonly struck: number }>;
  /** The kinds of fault that are in force. */
  active(): readonly string[];
  /** Puts faults on and takes them off until `signal` aborts; then all are off. */
  run(signal: AbortSignal): Promise<void>;
}

export function spellsOf(control: EmulatorControl, places: readonly Place[], chance: Chance): Spells {
  const kinds = Object.keys(EFFECTS) as FaultEffect['kind'][];
  const used = new Map(kinds.map((kind) => [kind as string, { spells: 0, struck: 0 }]));
  const active = new Map<string, string>();
  let bag: FaultEffect['kind'][] = [];

  function next(): FaultEffect['kind'] {
    if (bag.length === 0) bag = [...chance.some(kinds, kinds.length)];
    return bag.pop() ?? 'reset';
  }

  async function spell(signal: AbortSignal): Promise<void> {
    const kind = next();
    const sample = Object.hasOwn(samples, kind) ? samples[kind] : undefined;
    const effect = sample?.(chance) ?? ({ kind } as FaultEffect);
    const match = scopeOf(effect, places, chance);
    const narrow = match.registry !== undefined;
    const id = await control.addFault({
      effect,
      match,
      probability: chance.pick(narrow ? [1, 1, 0.5] : [0.5, 0.25, 0.1]),
    });
    active.set(id, kind);
    await delay(chance.whole(3_000, 20_000), undefined, { signal }).catch(() => {});
    const struck = (await control.faults()).find((fault) => fault.id === id)?.struck ?? 0;
    await control.clearFaults(id);
    active.delete(id);
    const before = used.get(kind) ?? { spells: 0, struck: 0 };
    used.set(kind, { spells: before.spells + 1, struck: before.struck + struck });
  }

  return {
    used,
    active: () => [...new Set(active.values())],
    async run(signal) {
      const running = new Set<Promise<void>>();
      while (!signal.aborted) {
        const one = spell(signal).finally(() => running.delete(one));
        running.add(one);
        await delay(chance.whole(500, 2_500), undefined, { signal }).catch(() => {});
      }
      await Promise.all(running);
      await control.clearFaults();
    },
  };
}

/** The calls that a fault is to strike: those of one registry, of one home region or kind, for tokens, or all. */
function scopeOf(effect: FaultEffect, places: readonly Place[], chance: Chance): FaultMatch {
  const place = chance.pick(places);
  const registry = place === undefined ? {} : { registry: place.name };
  if (effect.kind === 'body' && effect.form === 'huge') return registry; // more would keep both processors busy
  const ofAnswers = ['respond', 'latency', 'reset', 'body'].includes(effect.kind);
  if (ofAnswers && chance.maybe(0.15)) return { kind: chance.pick(['token', 'openidConfiguration']) };
  switch (chance.weighted({ registry: 3, home: 2, all: 5, verb: ofAnswers ? 3 : 0 })) {
    case 'registry':
      return registry;
    case 'home':
      return { homeRegion: chance.pick(['eastus', 'japaneast']) };
    case 'verb':
      return { verb: chance.pick(['GET', 'LIST', 'PUT', 'PATCH', 'DELETE']) };
    case 'all':
      return {};
  }
}
