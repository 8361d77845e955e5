import type { ExpectStatic } from 'vitest';
import { apiVersion, kind, type RegistryReplication } from '../../src/api/registryreplication.ts';
import type { ReplicationBody } from '../sandbox/emulator/bodies.ts';
import type { SeedRegistry } from '../sandbox/emulator/settings.ts';
import type { OperatorWorld } from './operator-world.ts';
import { condition, resourceGroup, type Scene, scene } from './registry-scene.ts';

/** What Azure holds of one replica, without the operator's own tags. */
interface Seen {
  readonly name: string;
  readonly routing: boolean;
  readonly zoneRedundancy: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Client id of the application that created it. */
  readonly by: string;
}

/** One edit of an object and what comes of it. `registry` is filled in; what else is not said here must not happen. */
export type Step = {
  /** The spec as a user may write it: also wrongly. */
  readonly spec?: Readonly<Record<string, unknown>>;
  /** Name of another registry and object that the step is about, in place of the row's. */
  readonly about?: string;
  /** What is done first. Without `spec` the object stays as it is. */
  readonly first?: (stage: Stage) => Promise<unknown>;
} & (
  | { readonly refused: RegExp }
  | {
      /** The reason of Ready. Default InSync. */
      readonly reason?: string;
      /** What Ready's message must match. */
      readonly says?: RegExp;
      /** What else is waited for, where Ready alone does not tell that all is done. */
      readonly settled?: (object: RegistryReplication) => boolean;
      /** What the object must match, in part. */
      readonly shows?: object;
      /** Members that the object's metadata does not have. */
      readonly without?: 'finalizers';
      /** Every replica but home's, by region. Default: exactly as after the last step. */
      readonly azure?: Readonly<Record<string, Partial<Seen>>>;
      /** What the operator wrote to Azure since the last step, sorted: `DELETE uksouth`. Default: nothing. */
      readonly writes?: readonly string[];
      /** What is done last. */
      readonly finally?: (stage: Stage) => Promise<unknown>;
    }
);

/** The names of the stages that a field goes through, in this order. */
export const stages = ['set', 'changed', 'removed', 'invalid', 'backToValid'] as const;

export type Row = Readonly<Record<(typeof stages)[number], readonly Step[]>> & {
  readonly registry?: Partial<SeedRegistry>;
  readonly before?: (stage: Stage) => Promise<unknown>;
};

export interface Stage {
  readonly world: OperatorWorld;
  readonly it: Scene;
  readonly expect: ExpectStatic;
}

/** Plays the five stages of a row on a registry of its own. */
export async function play(world: OperatorWorld, expect: ExpectStatic, name: string, row: Row): Promise<void> {
  const it = await scene(world, name, row.registry);
  const stage: Stage = { world, it, expect };
  const memory = new Map<string, Memory>();
  await row.before?.(stage);
  for (const of of stages) {
    for (const [i, step] of row[of].entries()) {
      try {
        await take(step, stage, memory);
      } catch (error) {
        throw new Error(`${name}, ${of}[${i}]: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      }
    }
  }
}

interface Memory {
  readonly azure: Readonly<Record<string, Seen>>;
  readonly writes: number;
}

async function take(step: Step, stage: Stage, memory: Map<string, Memory>): Promise<void> {
  const { world, it, expect } = stage;
  const name = step.about ?? it.name;
  const registry = { name, resourceGroup };
  const manifest = {
    apiVersion,
    kind,
    metadata: { name, namespace: world.namespace },
    spec: { registry, ...step.spec },
  };
  const last = memory.get(name) ?? { azure: {}, writes: 0 };
  await step.first?.(stage);
  if ('refused' in step) {
    const before = await world.get(name);
    const { kube } = world.cluster;
    const attempt =
      before === undefined
        ? kube.request('POST', world.path(name).replace(`/${name}`, ''), manifest)
        : kube.patch(world.path(name), [{ op: 'replace', path: '/spec', value: manifest.spec }], 'json');
    await expect(attempt).rejects.toThrow(step.refused);
    expect((await world.get(name))?.spec).toEqual(before?.spec);
    expect(await seen(world, name)).toEqual(last.azure);
    return;
  }
  if (step.spec !== undefined) await world.cluster.kube.apply(manifest);
  const { reason = 'InSync', says = /./, shows = {}, settled = () => true } = step;
  const object = await world.until(
    name,
    `${reason} (${says.source})`,
    (o) =>
      isCurrent(o) &&
      condition(o, 'Ready')?.reason === reason &&
      says.test(condition(o, 'Ready')?.message ?? '') &&
      settled(o),
  );
  expect(object).toMatchObject(shows);
  if (step.without !== undefined) expect(object.metadata).not.toHaveProperty(step.without);
  const azure = await seen(world, name);
  expect(Object.keys(azure)).toEqual(Object.keys(step.azure ?? last.azure).toSorted());
  expect(azure).toMatchObject(step.azure ?? last.azure);
  const writes = await writesTo(world, name);
  expect(writes.slice(last.writes).toSorted()).toEqual(step.writes ?? []);
  await step.finally?.(stage);
  memory.set(name, { azure: await seen(world, name), writes: (await writesTo(world, name)).length });
}

function isCurrent({ metadata, status }: RegistryReplication): boolean {
  return status?.observedGeneration === metadata.generation;
}

async function writesTo({ azure }: OperatorWorld, registry: string): Promise<readonly string[]> {
  const journal = await azure.control.journal({ registry });
  return journal
    .filter(({ verb, kind: of }) => of === 'replication' && (verb === 'PUT' || verb === 'PATCH' || verb === 'DELETE'))
    .map(({ verb, region }) => `${verb} ${region}`);
}

const ownTags = ['managed-by', 'acr-replication-owner'];

async function seen({ azure }: OperatorWorld, registry: string): Promise<Readonly<Record<string, Seen>>> {
  const { registries, apps } = await azure.control.state();
  const clientOf = (objectId: string) => apps.find((app) => app.objectId === objectId)?.clientId ?? objectId;
  const home = registries.find((r) => r.name === registry)?.location;
  if (home === undefined) return {};
  const replicas = await azure.control.replicas(registry);
  return Object.fromEntries(replicas.flatMap((r) => (r.location === home ? [] : [[r.location, view(r, clientOf)]])));
}

function view({ name, tags, properties, systemData }: ReplicationBody, clientOf: (objectId: string) => string): Seen {
  return {
    name,
    routing: properties.regionEndpointEnabled,
    zoneRedundancy: properties.zoneRedundancy,
    tags: Object.fromEntries(Object.entries(tags).filter(([tag]) => !ownTags.includes(tag))),
    by: clientOf(systemData.createdBy),
  };
}
