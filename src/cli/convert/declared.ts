import { type Region, regionOf } from '../../domain/region.ts';
import { bareReplica, type RegistryRef, type Replica, type Switch, type Tags } from '../../domain/replication.ts';
import { Problem } from '../command.ts';
import { again } from './again.ts';

/** A replica as a file declares it. A setting that is undefined is not declared. */
export interface DeclaredReplica {
  /** What declares it, as people call it: `azapi_resource.replica["a"]`. */
  readonly by: string;
  readonly location: string;
  /** Its resource name; undefined: that of its region. */
  readonly name: string | undefined;
  readonly routing: Switch | undefined;
  readonly zoneRedundancy: Switch | undefined;
  readonly tags: Tags;
}

/** What must let go of replicas before the operator may change them. */
export type Holder =
  /** Replicas are blocks of this resource. */
  | { readonly kind: 'terraform-blocks'; readonly address: string }
  /** The replica is a resource of its own. */
  | { readonly kind: 'terraform-resource'; readonly address: string }
  | { readonly kind: 'aso'; readonly namespace: string | undefined; readonly name: string }
  | { readonly kind: 'template'; readonly file: string };

/** A registry as one file declares it, with what the file says of where it is. */
export interface Declared {
  readonly file: string;
  /** What declares it, as people call it. */
  readonly by: string;
  readonly name: string | undefined;
  readonly resourceGroup: string | undefined;
  readonly subscriptionId: string | undefined;
  /** Undefined: the file doesn't say. */
  readonly home: string | undefined;
  readonly sku: string | undefined;
  readonly replicas: readonly DeclaredReplica[];
  readonly holders: readonly Holder[];
  readonly source: Source;
}

/** To whom a registry is declared. */
export type Source = 'Azure Resource Manager' | 'Azure Service Operator' | 'Terraform';

/** What one file declares. */
export interface Reading {
  readonly registries: readonly Declared[];
  /** What was left out, and why; sentences. */
  readonly notes: readonly string[];
  /** The names of the parameters that a template has. */
  readonly parameters?: readonly string[];
}

/** A registry whose place is known, with the replicas of all files. */
export interface Registry {
  readonly ref: RegistryRef;
  readonly home: Region | undefined;
  readonly sku: string | undefined;
  readonly replicas: readonly Replica[];
  readonly holders: readonly Holder[];
  /** Sorted. */
  readonly sources: readonly Source[];
}

/** What the command line says about registries of which the files say too little. */
export interface Given {
  readonly registry: RegistryRef | undefined;
  readonly resourceGroup: string | undefined;
  /** Throws a Problem when none is given. */
  readonly subscriptionId: () => string;
}

/** The registries of all files, sorted by resource group and name. Throws a Problem where a file contradicts another. */
export function registriesOf(declared: readonly Declared[], given: Given): readonly Registry[] {
  const placed = declared.map((one) => ({ one, ref: placeOf(one, given) }));
  const nameless = declared.filter(({ name }) => name === undefined);
  const [first, second] = nameless;
  if (first !== undefined && second !== undefined) {
    throw new Problem(
      `${first.by} and ${second.by} are two registries, and neither is in ${first.file}: --registry names only one`,
      'convert them one by one, or with their registries in the file',
    );
  }
  const groups = Map.groupBy(placed, ({ ref }) => keyOf(ref));
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, all]) => {
      const [{ ref } = { ref: undefined }] = all;
      if (ref === undefined) throw new Error('a group has a member');
      const homes = all.flatMap(({ one: { home } }) => (home === undefined ? [] : [regionAt(home, ref.name)]));
      return {
        ref,
        home: homes[0],
        sku: all.find(({ one }) => one.sku !== undefined)?.one.sku,
        replicas: replicasOf(all.flatMap(({ one }) => one.replicas)),
        holders: all.flatMap(({ one }) => one.holders),
        sources: [...new Set(all.map(({ one }) => one.source))].toSorted(),
      };
    });
}

function keyOf({ subscriptionId, resourceGroup, name }: RegistryRef): string {
  return `${resourceGroup}/${name}/${subscriptionId}`.toLowerCase();
}

function placeOf({ file, by, name, resourceGroup, subscriptionId }: Declared, given: Given): RegistryRef {
  const isMeant = name === undefined || name.toLowerCase() === given.registry?.name.toLowerCase();
  const known = isMeant ? given.registry : undefined;
  const whole = name ?? known?.name;
  if (whole === undefined) {
    throw new Problem(
      `${file}: ${by} is not in the file, which therefore does not say whose the replicas are`,
      `${again(file)} --registry "$(az acr show --name REGISTRY --query id --output tsv)"`,
    );
  }
  const group = resourceGroup ?? known?.resourceGroup ?? given.resourceGroup;
  if (group === undefined) {
    throw new Problem(`${file} does not say in which resource group registry ${whole} is`, `${again(file)} -g GROUP`);
  }
  const subscription = subscriptionId ?? known?.subscriptionId ?? given.subscriptionId();
  return { subscriptionId: subscription.toLowerCase(), resourceGroup: group, name: whole };
}

/** As the CRD takes a location. */
const written = /^[a-zA-Z0-9]+( [a-zA-Z0-9]+)*$/;

function regionAt(location: string, by: string): Region {
  if (written.test(location)) return regionOf(location);
  throw new Problem(
    `${by} has the location ${JSON.stringify(location)}, which is no region`,
    'az account list-locations -o table',
  );
}

/** A replica per region. What is declared twice in the same way is one. */
function replicasOf(declared: readonly DeclaredReplica[]): readonly Replica[] {
  const byRegion = Map.groupBy(declared, ({ location, by }) => regionAt(location, by));
  return [...byRegion].map(([region, all]) => {
    const replicas = all.map((one) => replicaOf(region, one));
    const [replica, ...others] = replicas;
    if (replica === undefined) throw new Error('a group has a member');
    if (others.some((other) => JSON.stringify(other) !== JSON.stringify(replica))) {
      const who = [...new Set(all.map(({ by }) => by))].join(' and ');
      throw new Problem(`${region} is declared twice, and not in the same way: ${who}`, 'leave out one of the two');
    }
    return replica;
  });
}

function replicaOf(region: Region, { name, routing, zoneRedundancy, tags, by }: DeclaredReplica): Replica {
  if (name !== undefined && !/^[a-z0-9]{1,50}$/i.test(name)) {
    throw new Problem(
      `${by} is called ${name}, and a replica's name has letters and digits only`,
      "give it the replica's own name: az acr replication list --registry REGISTRY",
    );
  }
  const sorted = Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...bareReplica(region, name ?? region, 'Succeeded'),
    tags: Object.fromEntries(sorted),
    routing: routing ?? 'Enabled',
    zoneRedundancy: zoneRedundancy ?? 'Disabled',
  };
}
