import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { type Condition, type RegistryReplication, requestedAt, type Spec } from '../../src/api/registryreplication.ts';
import { stamp } from '../../src/domain/stamp.ts';
import type { FaultEffect, FaultMatch, FaultRule } from '../sandbox/emulator/fault-rules.ts';
import type { JournalEntry } from '../sandbox/emulator/journal.ts';
import type { Verb } from '../sandbox/emulator/model.ts';
import type { EmulatorOptions, SeedRegistry, SeedReplica } from '../sandbox/emulator/settings.ts';
import { type OperatorWorld, operatorWorld } from './operator-world.ts';

/** One world with a running operator for all tests of a file or describe: a registry for each is enough. */
export function sharedWorld(options: EmulatorOptions = {}): () => OperatorWorld {
  let world: OperatorWorld | undefined;
  const ends: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    world = await operatorWorld({ onTestFinished: (end) => ends.unshift(end) }, options);
    await world.start();
  });
  afterAll(async () => {
    for (const end of ends) await end();
  });
  return () => {
    if (world === undefined) throw new Error('the world is not there yet');
    return world;
  };
}

/** One registry of a world and the object about it, both of one name. */
export interface Scene {
  readonly name: string;
  apply(spec: Omit<Spec, 'registry'>): Promise<RegistryReplication>;
  /** Asks the operator, by annotation, to look at once. */
  lookNow(): Promise<void>;
  until(what: string, holds: (object: RegistryReplication) => boolean): Promise<RegistryReplication>;
  /** Waits until the object is Ready for its newest spec and the newest request to look. */
  untilReady(): Promise<RegistryReplication>;
  /** Waits until Ready carries this reason for the newest spec. */
  untilReason(reason: string): Promise<RegistryReplication>;
  untilGone(): Promise<void>;
  /** Puts a fault on calls about this registry. The function it returns ends the fault. */
  fault(effect: FaultEffect, match?: FaultMatch, times?: number): Promise<() => Promise<void>>;
  /** What the operator asked of this registry, oldest first. */
  calls(verb?: Verb): Promise<readonly JournalEntry[]>;
  /** How many calls it makes in the next `ms`; for upper bounds, which a slow machine cannot break. */
  callsWithin(ms: number): Promise<number>;
  /** The operator's writes to this registry, refused ones too: `DELETE uksouth`, sorted. */
  writes(): Promise<readonly string[]>;
  locations(): Promise<readonly string[]>;
}

export const resourceGroup = 'registries';

/** Adds the registry to Azure; at home in eastus unless `seed` says otherwise. */
export async function scene(world: OperatorWorld, name: string, seed: Partial<SeedRegistry> = {}): Promise<Scene> {
  const { control } = world.azure;
  await control.putRegistry({ name, resourceGroup, location: 'eastus', ...seed });
  const { subscriptionId } = seed;
  const registry = { name, resourceGroup, ...(subscriptionId === undefined ? {} : { subscriptionId }) };
  const isCurrent = ({ metadata, status }: RegistryReplication): boolean =>
    status?.observedGeneration === metadata.generation &&
    status.lastHandledRequest === metadata.annotations?.[requestedAt];
  const until: Scene['until'] = (what, holds) => world.until(name, `${name}: ${what}`, holds);
  const calls: Scene['calls'] = (verb) => control.journal({ registry: name, ...(verb === undefined ? {} : { verb }) });
  return {
    name,
    apply: (spec) => world.apply(name, { registry, ...spec }),
    async lookNow() {
      await world.cluster.kube.patch(world.path(name), { metadata: { annotations: { [requestedAt]: randomUUID() } } });
    },
    until,
    untilReady: () => until('Ready', (object) => isCurrent(object) && object.status?.phase === 'Ready'),
    untilReason: (reason) =>
      until(reason, (object) => isCurrent(object) && condition(object, 'Ready')?.reason === reason),
    untilGone: () => world.cluster.kube.waitForGone(world.path(name)),
    async fault(effect, match = {}, times) {
      const rule: FaultRule = {
        match: { registry: name, ...match },
        effect,
        ...(times === undefined ? {} : { times }),
      };
      const id = await control.addFault(rule);
      return () => control.clearFaults(id);
    },
    calls,
    async callsWithin(ms) {
      const before = (await calls()).length;
      await delay(ms);
      return (await calls()).length - before;
    },
    async writes() {
      const all = await calls();
      return all
        .filter(({ verb }) => verb === 'PUT' || verb === 'PATCH' || verb === 'DELETE')
        .map(({ verb, region }) => `${verb} ${region}`)
        .sort();
    },
    locations: () => world.locations(name),
  };
}

/** A replica that bears the owner tag of the object of that name, as if it had created it: no notice is given to it. */
export function ownReplica(
  { namespace }: OperatorWorld,
  name: string,
  location: string,
): SeedReplica & { readonly owner: string } {
  return { location, owner: `sandbox/${namespace}/${name}` };
}

/** Has the status say that all replicas have been as they are for an hour: none of them is so new that Azure may not show it. */
export async function age(world: OperatorWorld, { metadata, status }: RegistryReplication): Promise<void> {
  const since = stamp(new Date(Date.now() - 3_600_000));
  const replicas = status?.replicas?.map((replica) => ({ ...replica, since }));
  await world.cluster.kube.patch(`${world.path(metadata.name)}/status`, { status: { replicas } });
}

/**
 * Waits until Azure cannot be read, and has the status say that it has been so for six minutes: for the first five it may
 * pass by itself.
 */
export async function unreadForMinutes(world: OperatorWorld, name: string): Promise<void> {
  const { status } = await world.until(name, 'a failed read', (object) => object.status?.readError !== undefined);
  const readError = { ...status?.readError, startTime: stamp(new Date(Date.now() - 6 * 60_000)) };
  await world.cluster.kube.patch(`${world.path(name)}/status`, { status: { readError } });
}

export function condition(object: RegistryReplication, type: string): Condition | undefined {
  return object.status?.conditions?.find((c) => c.type === type);
}

/** What a condition's message says, without the id that leads to log and Azure. */
export function said(object: RegistryReplication, type: string): string {
  return (condition(object, type)?.message ?? '').replace(/ Correlation id: [0-9a-f-]{36}\.$/, '');
}

export function replicaOf(object: RegistryReplication, location: string) {
  return object.status?.replicas?.find((r) => r.location === location);
}
