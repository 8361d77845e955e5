import { Problem } from '../command.ts';
import { registryOfId } from '../import/registry-id.ts';
import { type Fields, fieldsOf } from '../plan/applying.ts';
import type { Declared, DeclaredReplica, Holder, Reading } from './declared.ts';
import { switchOf, tagsOf, textOrNone, zoneRedundancyOf } from './fields.ts';

const asoGroup = 'containerregistry.azure.com';

/**
 * The versions that Azure Service Operator has of these two kinds; the fields that are read are the same in all.
 * Source: v2/api/containerregistry of Azure/azure-service-operator, at v2.21.
 */
const knownVersions =
  /^(v1alpha1api20210901|v1beta20210901|v1api20210901|v20210901|v1api20230701|v20230701|v20251101)(storage)?$/;

/** An object of Azure Service Operator, as far as it is read. */
interface AsoObject {
  readonly kind: string;
  readonly version: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly spec: Fields;
  /** Its name in Azure. */
  readonly azureName: string;
  readonly ownerName: string | undefined;
  readonly ownerId: string | undefined;
  /** Its id in Azure, when ASO has written it down. */
  readonly id: string | undefined;
  readonly isDeleting: boolean;
}

/** Whether an object is one of Azure Service Operator that says something about replicas, or where they are. */
export function isOfServiceOperator(object: Fields): boolean {
  const apiVersion = String(object['apiVersion']);
  const kind = String(object['kind']);
  if (apiVersion.startsWith(`${asoGroup}/`)) return kind === 'Registry' || kind === 'RegistryReplication';
  return apiVersion.startsWith('resources.azure.com/') && kind === 'ResourceGroup';
}

/** What the objects of one file declare: each registry with its replicas. */
export function readServiceOperator(file: string, objects: readonly Fields[]): Reading {
  const all = objects.map((object) => parsed(file, object));
  const alive = all.filter(({ isDeleting }) => !isDeleting);
  const replicas = alive.filter(({ kind }) => kind === 'RegistryReplication');
  const registries = alive.filter(({ kind }) => kind === 'Registry');
  const groups = alive.filter(({ kind }) => kind === 'ResourceGroup');
  const owned = Map.groupBy(replicas, (replica) => ownerOf(file, replica, registries));
  const described = registries.map((registry) => declaredOf(file, registry, groups, owned.get(keyOf(registry)) ?? []));
  const known = new Set(registries.map(keyOf));
  const others = [...owned].filter(([key]) => !known.has(key)).map(([key, own]) => strangerOf(file, key, own));
  return { registries: [...described, ...others], notes: all.flatMap(notesOf) };
}

function parsed(file: string, object: Fields): AsoObject {
  const metadata = fieldsOf(object['metadata']);
  const spec = fieldsOf(object['spec']);
  const owner = fieldsOf(spec['owner']);
  const kind = String(object['kind']);
  const name = textOrNone(metadata['name']);
  if (name === undefined) throw new Problem(`${file} has a ${kind} without metadata.name`, `give it a name in ${file}`);
  return {
    kind,
    version: String(object['apiVersion']).split('/')[1] ?? '',
    namespace: textOrNone(metadata['namespace']),
    name,
    spec,
    azureName: textOrNone(spec['azureName']) ?? name,
    ownerName: textOrNone(owner['name']),
    ownerId: textOrNone(owner['armId']),
    id: textOrNone(fieldsOf(object['status'])['id']),
    isDeleting: metadata['deletionTimestamp'] !== undefined,
  };
}

/** Owners are in the object's own namespace. */
function keyOf({ namespace = '', name }: Pick<AsoObject, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

/** The key of the registry's object; where there is none in the file, the id of the registry, or the key it would have. */
function ownerOf(file: string, replica: AsoObject, registries: readonly AsoObject[]): string {
  const { namespace, ownerName, ownerId, id } = replica;
  if (ownerName !== undefined) {
    const key = keyOf({ namespace, name: ownerName });
    return registries.some((registry) => keyOf(registry) === key) ? key : (parentOf(id)?.toLowerCase() ?? key);
  }
  if (ownerId === undefined) {
    throw new Problem(`${file}: RegistryReplication ${replica.name} has no spec.owner`, `give it one in ${file}`);
  }
  if (registryOfId(ownerId) === undefined) {
    throw new Problem(
      `${file}: spec.owner.armId of RegistryReplication ${replica.name} is ${ownerId}, which is no id of a registry`,
      'az acr show --name REGISTRY --query id',
    );
  }
  const same = registries.find(({ id: own }) => own?.toLowerCase() === ownerId.toLowerCase());
  return same === undefined ? ownerId.toLowerCase() : keyOf(same);
}

function declaredOf(
  file: string,
  registry: AsoObject,
  groups: readonly AsoObject[],
  replicas: readonly AsoObject[],
): Declared {
  const { spec, ownerId, ownerName, namespace, azureName } = registry;
  const owner = groups.find(
    (group) => ownerName !== undefined && keyOf(group) === keyOf({ namespace, name: ownerName }),
  );
  const ref = registryOfId(registry.id ?? parentOf(replicas.find(({ id }) => id !== undefined)?.id) ?? '');
  const [, subscriptionId, group] = groupId.exec(ownerId ?? owner?.id ?? '') ?? [];
  return {
    file,
    by: `Registry ${registry.name}`,
    name: ref?.name ?? azureName,
    resourceGroup: ref?.resourceGroup ?? group ?? owner?.azureName,
    subscriptionId: ref?.subscriptionId ?? subscriptionId,
    home: textOrNone(spec['location']),
    sku: textOrNone(fieldsOf(spec['sku'])['name']),
    replicas: replicas.map(replicaOf),
    holders: replicas.map(holderOf),
    source: 'Azure Service Operator',
  };
}

const groupId = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)$/i;

/** Replicas whose registry is not in the file. */
function strangerOf(file: string, key: string, replicas: readonly AsoObject[]): Declared {
  const ref = registryOfId(idOf(replicas) ?? key);
  return {
    file,
    by: `Registry ${key.replace(/^\//, '')}, the owner of ${replicas.map(({ name }) => name).join(', ')},`,
    name: ref?.name,
    resourceGroup: ref?.resourceGroup,
    subscriptionId: ref?.subscriptionId,
    home: undefined,
    sku: undefined,
    replicas: replicas.map(replicaOf),
    holders: replicas.map(holderOf),
    source: 'Azure Service Operator',
  };
}

/** The registry's id as it was written, not as it is compared. */
function idOf(replicas: readonly AsoObject[]): string | undefined {
  const [first] = replicas;
  return first?.ownerId ?? parentOf(first?.id);
}

/** The id of the registry that a replica's id begins with. */
function parentOf(id: string | undefined): string | undefined {
  return id?.replace(/\/replications\/[^/]+$/i, '');
}

function replicaOf({ name, azureName, spec }: AsoObject): DeclaredReplica {
  return {
    by: `RegistryReplication ${name}`,
    location: textOrNone(spec['location']) ?? '',
    name: azureName,
    routing: switchOf(spec['regionEndpointEnabled']),
    zoneRedundancy: zoneRedundancyOf(spec['zoneRedundancy']),
    tags: tagsOf(spec['tags']),
  };
}

function holderOf({ namespace, name }: AsoObject): Holder {
  return { kind: 'aso', namespace, name };
}

function notesOf({ kind, name, version, spec, isDeleting }: AsoObject): readonly string[] {
  const called = `${kind} ${name}`;
  if (isDeleting) return [`${called} is being deleted: it is left out.`];
  if (kind === 'ResourceGroup') return [];
  const isNew = !knownVersions.test(version);
  const isReplica = kind === 'RegistryReplication';
  return [
    ...(isNew ? [`${called} has version ${version}, which is not known here: it is read as v20251101.`] : []),
    ...(isReplica && spec['operatorSpec'] !== undefined ? [`operatorSpec of ${called} is left out.`] : []),
  ];
}
