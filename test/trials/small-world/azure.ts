import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import type { createReplicationApi } from '../../../src/azure/replications.ts';
import type { Key } from '../../../src/domain/key.ts';
import type { Region } from '../../../src/domain/region.ts';
import { mergeTags, type Replica, type Switch, type Tags } from '../../../src/domain/replication.ts';
import type { ReplicationApi } from '../../../src/ports/azure.ts';
import { operator } from '../../support/arm-stub.ts';
import { registry } from '../../support/builders.ts';
import { clockAt } from '../../support/clock.ts';
import { type Arm, armClient, errorOf } from './arm.ts';
import type { PassStore } from './store.ts';
import {
  type Answer,
  type Asked,
  type Fault,
  type Glanced,
  replicaIn,
  type Verb,
  type World,
  withReplicas,
} from './world.ts';

/** One call to Azure, as an onlooker sees it. */
export interface Call {
  readonly verb: Verb;
  readonly name: string;
  /** The region that the call is about: where the replica of that name is, or for a PUT is to be. */
  readonly region: Region | undefined;
  /** Every replica as it really was when the call arrived. */
  readonly truth: ReadonlyMap<Region, Replica>;
  readonly carriedOut: boolean;
  readonly answered: boolean;
  /** The replica that a GET showed. */
  readonly told: Replica | undefined;
  /** The tags that a PUT or a PATCH sends; undefined: none. */
  readonly tags: Tags | undefined;
  /** The routing that a PUT or a PATCH sends; undefined: none. */
  readonly routing: Switch | undefined;
  /** The object as the API server had it when the call was made; undefined: gone. */
  readonly newest: RegistryReplication | undefined;
  /** The object as the operator's cache showed it. */
  readonly cached: RegistryReplication | undefined;
  /** The object as this pass last read it from the API server itself. */
  readonly refreshed: RegistryReplication | undefined;
}

/** Azure for the length of one pass. */
export interface PassAzure {
  readonly api: ReplicationApi;
  readonly calls: readonly Call[];
  /** The world with what Azure has after the calls so far. */
  world(): World;
  /** What LIST and GET have shown. */
  readonly told: ReadonlyMap<Region, Replica>;
  /** Whether the pass has looked by Resource Graph. */
  glanced(): boolean;
  /** When the operator's process will have read the registry last; see World. */
  readAt(): Promise<number | undefined>;
  /** What it will have read then. */
  readAs(): World['registry'] | undefined;
}

const registryMemoryMs = 3_600_000;
/** Who comes for an answer that is on its way comes back after this. */
const laterMs = 2_000;
const truthful: Glanced = { kind: 'shows', listed: (real) => real };
const ref = { subscriptionId: 's', resourceGroup: 'registries', name: 'contoso' };
const { signal } = new AbortController();

const replicaMissing = (name: string): Answer => ({
  status: 404,
  code: 'ResourceNotFound',
  message: `The Resource 'Microsoft.ContainerRegistry/registries/contoso/replications/${name}' under resource group 'registries' was not found.`,
});
const answered = {
  elsewhere: {
    status: 409,
    code: 'InvalidResourceLocation',
    message: 'The resource already exists in another location.',
  },
  homeStays: { status: 400, code: 'HomeReplicationCannotBeDeleted', message: 'The home replication stays.' },
  notPremium: {
    status: 400,
    code: 'FeatureNotSupported',
    message: 'Replication is not supported for the SKU Standard.',
  },
} as const satisfies Record<string, Answer>;

/**
 * Azure as it is in `world`, with at most one fault. It stands apart from the model of Azure in test/support on purpose:
 * it has no clock, because the exploration itself chooses when and how every operation ends; it stands below src/azure,
 * so that what that makes of Azure's answers is tried, too; and it writes down every call beside the truth, which the
 * properties are about.
 */
export function azureOf(
  start: World,
  key: Key,
  fault: Fault | undefined,
  kube: PassStore,
  create: typeof createReplicationApi,
): PassAzure {
  let world = start;
  const calls: Call[] = [];
  const told = new Map<Region, Replica>();
  let readRegistry = false;
  const named = (name: string) => {
    for (const replica of world.replicas.values()) if (replica.name === name) return replica;
    return undefined;
  };
  const seen = (): ReadonlyMap<Region, Replica> =>
    world.hidden.size === 0
      ? world.replicas
      : new Map([...world.replicas].filter(([region]) => !world.hidden.has(region)));
  const set = (replica: Replica) => {
    world = withReplicas(world, new Map(world.replicas).set(replica.region, replica));
    return replica;
  };
  /** The tags that stay when these were asked for. */
  const stored = (tags: Tags) => mergeTags(tags, world.policy);

  /** One call: `carryOut` gives the answer, and throws one that is a refusal. */
  async function call<T>(
    { verb, name = '', region = named(name)?.region, tags, routing }: Partial<Call> & Pick<Call, 'verb'>,
    carryOut: (asked: Asked, hit: ReturnType<NonNullable<Fault['hit']>>) => T,
  ): Promise<T> {
    const asked = { nth: calls.length, verb, region };
    const hit = fault?.hit?.(asked);
    const what = { verb, name, region, truth: world.replicas, tags, routing };
    const before = { newest: kube.newest(), cached: kube.cached(), refreshed: kube.refreshed() };
    const wait = { carriedOut: false, answered: false, told: undefined };
    const at = calls.push({ ...what, ...before, ...wait }) - 1;
    const note = (end: Partial<Call>) => {
      calls[at] = { ...what, ...before, ...wait, ...end };
    };
    try {
      if (hit?.kind === 'answer' && !hit.carriedOut) throw errorOf(hit.answer);
      const value = carryOut(asked, hit);
      note({ carriedOut: true });
      if (hit?.kind === 'answer') throw errorOf(hit.answer);
      const shown = verb === 'GET' ? (value as Replica) : undefined;
      if (shown !== undefined) told.set(shown.region, shown);
      note({ carriedOut: true, answered: true, told: shown });
      return value;
    } finally {
      if (fault?.edit?.after === at) {
        // Between a look at the spec and the call that follows it at once nothing can happen.
        await new Promise(setImmediate);
        kube.edit(fault.edit.change, fault.edit.seen);
      }
    }
  }

  const arm: Arm = {
    registry: () =>
      call({ verb: 'REGISTRY' }, () => {
        readRegistry = true;
        return world.registry;
      }),
    list: () =>
      call({ verb: 'LIST' }, () => {
        const real = seen();
        const shown = fault?.listed?.(real) ?? real;
        for (const [region, replica] of shown) told.set(region, replica);
        return [...shown.values()];
      }),
    get: (name) =>
      call({ verb: 'GET', name }, () => {
        const replica = named(name);
        if (replica === undefined || world.hidden.has(replica.region)) throw errorOf(replicaMissing(name));
        return replica;
      }),
    put: (name, region, { tags = {}, routing = 'Enabled', zoneRedundancy = 'Disabled' }) =>
      call({ verb: 'PUT', name, region, tags, routing }, (_asked, hit) => {
        if (world.registry.sku !== 'Premium') throw errorOf(answered.notPremium);
        const present = named(name) ?? world.replicas.get(region);
        if (present !== undefined && (present.region !== region || present.name !== name))
          throw errorOf(answered.elsewhere);
        if (present !== undefined && hit?.kind === 'ignored') return present;
        const state = present === undefined ? 'Creating' : 'Updating';
        const made = { ...replicaIn(region, state, 'none', name), tags: stored(tags), routing, zoneRedundancy };
        const answer = set(present === undefined ? made : { ...made, status: present.status });
        const { home } = world.registry;
        if (!world.replicas.has(home)) set(replicaIn(home, 'Succeeded', 'none'));
        if (present === undefined) world = { ...world, made: new Map(world.made).set(region, key) };
        if (hit?.kind === 'hidden') world = { ...world, hidden: new Map(world.hidden).set(region, world.now) };
        return answer;
      }),
    patch: (name, { tags, routing }) =>
      call({ verb: 'PATCH', name, tags, routing }, (_asked, hit) => {
        const replica = named(name);
        if (replica === undefined) throw errorOf(replicaMissing(name));
        if (hit?.kind === 'ignored') return replica;
        const change = { tags: stored(tags ?? replica.tags), routing: routing ?? replica.routing };
        return set({ ...replica, ...change, state: 'Updating' });
      }),
    remove: (name) =>
      call({ verb: 'DELETE', name }, (_asked, hit) => {
        const replica = named(name);
        if (replica === undefined) throw errorOf(replicaMissing(name));
        if (replica.region === world.registry.home && world.replicas.size > 1) throw errorOf(answered.homeStays);
        if (hit?.kind !== 'ignored') set({ ...replica, state: 'Deleting' });
      }),
  };

  const { now, readAt = now } = start;
  const isRemembered = now < readAt + registryMemoryMs;
  const real = create({
    clientFor: () => armClient(arm),
    clock: clockAt(() => new Date(now)),
    signer: operator,
    // The process has read the registry too long ago, or knows that what it has read is wrong.
    registryMemoryMs: isRemembered ? registryMemoryMs : 0,
  })(undefined);
  let recalled = registry({ home: start.registry.home });
  let hasGlanced = false;
  const api: ReplicationApi = {
    ...real,
    // What the process has read for one object it knows for all, unless their status knows another home region.
    observe(of, known, ...rest) {
      if (known === undefined || !isRemembered) return real.observe(of, known, ...rest);
      if (start.readAs !== undefined && start.readAs.home !== known.home) return real.observe(of, undefined, ...rest);
      recalled = { ...known, ...start.readAs };
      return real.observe(of, recalled, ...rest);
    },
    async glance(of, known, _maxAgeMs, ...rest) {
      hasGlanced = true;
      const glanced = fault === undefined ? truthful : fault.glanced;
      switch (glanced?.kind) {
        case undefined:
          return { kind: 'unseen' };
        case 'later':
          return { kind: 'later', until: new Date(now + laterMs) };
        case 'ignored': {
          const seen = await api.observe(of, known, ...rest);
          return seen.ok ? { kind: 'seen', by: 'provider', actual: seen.value } : { kind: 'unseen' };
        }
        case 'shows': {
          const replicas = glanced.listed(seen());
          return {
            kind: 'seen',
            by: 'resource_graph',
            actual: { registry: known, registryRead: 'remembered', replicas },
          };
        }
      }
    },
  };

  /** Whether the process has come to know that what it remembers of the registry is wrong. */
  async function hasForgotten(): Promise<boolean> {
    const before = calls.length;
    await real.observe(ref, recalled, signal);
    return calls.splice(before).some(({ verb }) => verb === 'REGISTRY');
  }

  return {
    api,
    calls,
    told,
    glanced: () => hasGlanced,
    world: () => world,
    readAs: () => (readRegistry && readAt !== Number.POSITIVE_INFINITY ? world.registry : start.readAs),
    async readAt() {
      if (readAt === Number.POSITIVE_INFINITY) return readAt;
      // Of a registry that cannot be replicated nothing is remembered.
      if (readRegistry) return world.registry.sku === 'Premium' ? now : Number.NEGATIVE_INFINITY;
      if (!calls.some(({ verb }) => verb === 'LIST')) return start.readAt;
      if (!isRemembered) return Number.NEGATIVE_INFINITY;
      const troubled = calls.some((one) => !one.answered && one.verb !== 'GET');
      return troubled && (await hasForgotten()) ? Number.NEGATIVE_INFINITY : readAt;
    },
  };
}
