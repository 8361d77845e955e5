import type { RegistryReplication } from '../../api/registryreplication.ts';
import type { Memory, Remembered } from '../../domain/memory.ts';
import { type Region, regionOf } from '../../domain/region.ts';
import { type Actual, bareReplica, mergeTags, ownerTags, type Replica, type Tags } from '../../domain/replication.ts';

/**
 * Azure as the object's status last told of it; undefined when the operator has not read the registry yet. Status does not
 * tell tags: they are taken to be those that the stored spec asks for, unless status says that they differ.
 */
export function rememberedAzure(stored: RegistryReplication, memory: Memory): Actual | undefined {
  const { registry, regions } = memory;
  if (registry === undefined) return undefined;
  const replicas = [...regions.values()].flatMap((entry) => replicaOf(entry, stored) ?? []);
  return { registry, registryRead: 'remembered', replicas: new Map(replicas.map((one) => [one.region, one])) };
}

function replicaOf(entry: Remembered, stored: RegistryReplication): Replica | undefined {
  const { region, name, state, status, routing } = entry;
  if (state === undefined) return undefined;
  const tags =
    entry.managed === 'Created' ? mergeTags(specTags(stored, region), ownTags(stored)) : specTags(stored, region);
  return { ...bareReplica(region, name ?? region, state), status, tags, ...(routing === undefined ? {} : { routing }) };
}

function ownTags({ status }: RegistryReplication): Tags {
  return status?.owner === undefined ? {} : ownerTags(status.owner);
}

function specTags({ spec, status }: RegistryReplication, region: Region): Tags {
  const wish = spec.regions.find(({ location }) => regionOf(location) === region);
  const differs = status?.plan?.some((line) => line.startsWith(`~${region} `) && line.includes(' tags'));
  return wish === undefined || differs === true ? {} : mergeTags(spec.tags ?? {}, wish.tags ?? {});
}
