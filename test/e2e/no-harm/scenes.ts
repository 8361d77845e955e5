import { expect, vi } from 'vitest';
import { apiVersion, type RegistryReplication, type Spec, type Status } from '../../../src/api/registryreplication.ts';
import type { FaultEffect } from '../../sandbox/emulator/fault-rules.ts';
import { type OperatorWorld, operatorWorld } from '../../support/operator-world.ts';
import { resourceGroup, type Scene, scene } from '../../support/registry-scene.ts';

/** How long to wait for what the operator does at once or at its quickest pace. */
export const soonMs = 25_000;

export const regions = (...locations: readonly string[]): Pick<Spec, 'regions'> => ({
  regions: locations.map((location) => ({ location })),
});

/** Fails unless the writes, refused ones too, are these; `why` says what is wrong with any other. */
export async function expectWrites(it: Scene, wanted: readonly string[], why: string): Promise<void> {
  expect(await it.writes(), `${it.name}: ${why}`).toEqual(wanted.toSorted());
}

/** Fails when there are more writes of this kind, such as `PUT uksouth`, than `most`. */
export async function expectAtMost(it: Scene, write: string, most: number, why: string): Promise<void> {
  const sent = (await it.writes()).filter((one) => one === write);
  expect(sent.length, `${it.name}: ${sent.length} × ${write}; ${why}`).toBeLessThanOrEqual(most);
}

/** Asks until the answer is as wanted; `what` stands in the error, with the last answer. */
export async function eventually<T>(what: string, ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  return await vi.waitFor(
    async () => {
      const answer = await ask();
      if (!holds(answer))
        throw new Error(`after ${soonMs / 1_000} s still waiting for ${what}: ${JSON.stringify(answer)}`);
      return answer;
    },
    { timeout: soonMs, interval: 100 },
  );
}

/** Waits until the operator has listed the replicas that many times more, without being asked to. */
export async function looks(it: Scene, times: number): Promise<void> {
  const made = async () => (await it.calls('LIST')).length;
  const before = await made();
  await eventually(`${times} more looks at ${it.name}`, made, (now) => now >= before + times);
}

/** How often the fault of that kind about this registry has struck. */
export async function struck(world: OperatorWorld, it: Scene, kind: FaultEffect['kind']): Promise<number> {
  const faults = await world.azure.control.faults();
  return faults.find((f) => f.match?.registry === it.name && f.effect.kind === kind)?.struck ?? 0;
}

/** As Scene.until, with a deadline of its own; an error tells the writes to Azure, too. */
export async function soon(
  world: OperatorWorld,
  it: Scene,
  what: string,
  holds: (object: RegistryReplication) => boolean,
  deadlineMs = soonMs,
): Promise<RegistryReplication> {
  try {
    return await world.until(it.name, `${it.name}: ${what}`, holds, deadlineMs);
  } catch (error) {
    const writes = (await it.writes()).join(', ') || 'none';
    throw new Error(`${it.name} was not seen so: ${what}; writes to Azure: ${writes}`, { cause: error });
  }
}

export function isCurrent({ metadata, status }: RegistryReplication): boolean {
  return status?.observedGeneration === metadata.generation;
}

/** `reason note` of the Events about the object. */
export async function eventsOf(world: OperatorWorld, { metadata }: RegistryReplication): Promise<readonly string[]> {
  const path = `/apis/events.k8s.io/v1/namespaces/${world.namespace}/events`;
  const events = await world.cluster.kube.list<{ readonly reason: string; readonly note: string }>(path, {
    fieldSelector: `regarding.uid=${metadata.uid}`,
  });
  return events.map(({ reason, note }) => `${reason} ${note}`);
}

/**
 * A world whose operator has not started, with an object that has this status already: to begin where minutes have
 * passed. Conditions are those of an object that is being worked on.
 */
export async function remembering(
  t: Parameters<typeof operatorWorld>[0],
  options: {
    readonly spec: Omit<Spec, 'registry'>;
    readonly replicas: Parameters<typeof scene>[2] & object;
    /** The home region as status knows it. Default: status knows no registry. */
    readonly home?: string;
    /** May hold fields that the CRD does not know yet: they are dropped then. */
    readonly entries: readonly (Record<string, unknown> & { readonly location: string })[];
    readonly emulator?: Parameters<typeof operatorWorld>[1];
  },
): Promise<{ readonly world: OperatorWorld; readonly it: Scene }> {
  const world = await operatorWorld(t, options.emulator ?? {});
  const it = await scene(world, 'remembered', options.replicas);
  const { metadata } = await it.apply(options.spec);
  const why = { status: 'True', reason: 'Retrying', message: 'as it was left.' } as const;
  const at = { observedGeneration: metadata.generation, lastTransitionTime: '2026-09-10T06:44:50Z' };
  const status: Status = {
    observedGeneration: metadata.generation,
    phase: 'Syncing',
    ...(options.home === undefined ? {} : { registry: registryAt(options.home, world, it) }),
    replicas: options.entries,
    conditions: [
      { type: 'Ready', ...why, status: 'False', ...at },
      { type: 'Reconciling', ...why, ...at },
    ],
  };
  await world.cluster.kube.patch(`${world.path(it.name)}/status`, { apiVersion, status });
  return { world, it };
}

function registryAt(homeRegion: string, { azure }: OperatorWorld, { name }: Scene): NonNullable<Status['registry']> {
  const id = `/subscriptions/${azure.subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerRegistry/registries/${name}`;
  return { id, loginServer: `${name}.azurecr.io`, homeRegion, sku: 'Premium' };
}

/** RFC 3339 in whole seconds, so many milliseconds from now. */
export function fromNow(ms: number): string {
  return `${new Date(Date.now() + ms).toISOString().slice(0, 19)}Z`;
}
