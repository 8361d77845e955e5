import { apiVersion, kind, plural, type Spec } from '../../../src/api/registryreplication.ts';
import type { SeedRegistry } from '../emulator/settings.ts';
import type { KubeObject } from '../manifests.ts';

/** A registry of the fleet, and the object about it, which has the same name. */
export interface Member {
  readonly name: string;
  readonly namespace: string;
  /** Where the registry itself is. */
  readonly home: string;
  /** The regions of its object at the beginning. */
  readonly regions: readonly string[];
}

/** The companies of Microsoft's examples. */
const names = `contoso fabrikam northwind tailspin adventure wingtip woodgrove litware proseware adatum lucerne margies
relecloud fourthcoffee graphicdesign humongous alpineski bestforyou blueyonder citypower cohovineyard cohowinery
consolidated treyresearch vanarsdel wideworld lamnahealth libertys munsons nodpublishers nestorlabs oatfield patioparts
rivertown schooloffineart southridge terrafirm thephoneco victorias wolfpack`.split(/\s+/);
const namespaces = ['platform', 'payments', 'shop', 'media', 'research'] as const;
/** Regions all over the world, near and far from each other. */
export const places = `australiaeast brazilsouth canadacentral centralindia chilecentral eastasia eastus eastus2
francecentral germanywestcentral indonesiacentral israelcentral italynorth japaneast japanwest koreacentral mexicocentral
newzealandnorth northeurope norwayeast polandcentral qatarcentral southafricanorth southcentralus southeastasia spaincentral
swedencentral switzerlandnorth uaenorth uksouth ukwest westeurope westus2 westus3`.split(/\s+/);
const resourceGroup = 'registries';

/** Forty registries, each at home somewhere and wanted in two to six other regions. */
export function fleetOf(random: () => number): readonly Member[] {
  return names.map((name, index) => {
    const [home = '', ...regions] = drawn(random, places, 3 + Math.floor(random() * 5));
    return { name, namespace: namespaces[index % namespaces.length] ?? 'platform', home, regions };
  });
}

/** So many of these, none twice. */
function drawn(random: () => number, from: readonly string[], count: number): readonly string[] {
  const left = [...from];
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)).flat();
}

/** The registry in Azure, with its replicas, some of which the operator will have to make. */
export function seedOf({ name, home, regions }: Member, index: number): SeedRegistry {
  const owner = `sandbox/${namespaces[index % namespaces.length]}/${name}`;
  const there = index % 8 === 0 ? regions.slice(1) : regions;
  return { name, resourceGroup, location: home, replicas: there.map((location) => ({ location, owner })) };
}

function specOf({ name, regions }: Member): Spec {
  return {
    registry: { name, resourceGroup },
    regions: regions.map((location) => ({ location })),
    interval: '30s',
  };
}

/** Those of one namespace come from Git, as Flux marks them: the map does not change them. */
export function manifestOf(member: Member): KubeObject {
  const { name, namespace } = member;
  const labels = {
    'kustomize.toolkit.fluxcd.io/name': 'registries',
    'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
  };
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, ...(namespace === 'research' ? { labels } : {}) },
    spec: specOf(member),
  };
}

export function pathOf({ name, namespace }: Member): string {
  return `/apis/${apiVersion}/namespaces/${namespace}/${plural}/${name}`;
}

/** The cluster's own nodes. */
export function nodes(): readonly KubeObject[] {
  const counts = { westeurope: 3, eastus: 2, southeastasia: 2 };
  return Object.entries(counts).flatMap(([region, count]) =>
    Array.from({ length: count }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: `${region}-${index}`, labels: { 'topology.kubernetes.io/region': region } },
    })),
  );
}

export function namespaceObjects(): readonly KubeObject[] {
  return namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
}
