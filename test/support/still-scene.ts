import { apiVersion, kind, plural, type RegistryReplication, type Spec } from '../../src/api/registryreplication.ts';
import type { Access } from '../sandbox/cluster-access.ts';
import { aggregateRoles, userWith } from './cli-users.ts';

type Replica = Readonly<Record<string, unknown>> & { readonly location: string };

/** A namespace that no operator watches: its objects stand as their status says. */
export interface StillScene {
  readonly namespace: string;
  /** Kubeconfigs of people with Kubernetes' own roles. */
  readonly users: { readonly editor: string; readonly viewer: string };
  readonly path: (name: string) => string;
  readonly get: (name: string) => Promise<RegistryReplication>;
  readonly locations: (name: string) => Promise<readonly string[]>;
  /** Applies an object that wants these regions, at home in East US; with `replicas` its status has those. */
  readonly put: (name: string, regions: readonly string[], more?: More) => Promise<void>;
  readonly tell: (name: string, replicas: readonly Replica[]) => Promise<void>;
}

interface More {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: Partial<Spec>;
  readonly replicas?: readonly Replica[];
}

const subscriptionId = '00000000-0000-0000-0000-000000000000';

export async function stillScene(cluster: Access, prefix: string): Promise<StillScene> {
  const { kube } = cluster;
  await aggregateRoles(cluster);
  const namespace = await kube.createNamespace(prefix);
  const users = {
    editor: await userWith(cluster, namespace, ['edit']),
    viewer: await userWith(cluster, namespace, ['view']),
  };
  const path = (name: string) => `/apis/${apiVersion}/namespaces/${namespace}/${plural}/${name}`;
  const registryOf = (name: string) => `${namespace}${name}`.replaceAll('-', '');
  const get: StillScene['get'] = (name) => kube.request('GET', path(name));
  const tell: StillScene['tell'] = async (name, replicas) => {
    const isReady = replicas.every(({ status = 'Ready' }) => status === 'Ready');
    const ready = replicas.filter(({ status = 'Ready' }) => status === 'Ready').length;
    await kube.patch(`${path(name)}/status`, {
      status: {
        observedGeneration: 1,
        phase: isReady ? 'Ready' : 'Syncing',
        summary: `${ready}/${replicas.length}`,
        conditions: [
          {
            type: 'Ready',
            status: isReady ? 'True' : 'False',
            reason: isReady ? 'InSync' : 'Syncing',
            message: isReady ? 'All regions are ready.' : 'Not all regions are ready: see status.replicas.',
            observedGeneration: 1,
            lastTransitionTime: '2026-09-10T12:00:00Z',
          },
        ],
        owner: `default/${namespace}/${name}`,
        registry: {
          id: `/subscriptions/${subscriptionId}/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/${registryOf(name)}`,
          homeRegion: 'eastus',
          sku: 'Premium',
          loginServer: `${name}.azurecr.io`,
        },
        replicas: [homeReplica, ...replicas.map(asReady)],
      },
    });
  };
  return {
    namespace,
    users,
    path,
    get,
    tell,
    locations: async (name) => (await get(name)).spec.regions.map(({ location }) => location),
    async put(name, regions, { labels, annotations, spec = {}, replicas } = {}) {
      await kube.apply({
        apiVersion,
        kind,
        metadata: { namespace, name, ...(labels && { labels }), ...(annotations && { annotations }) },
        spec: {
          registry: { name: registryOf(name), resourceGroup: 'registries', subscriptionId },
          regions: regions.map((location) => ({ location })),
          ...spec,
        },
      });
      if (replicas !== undefined) await tell(name, replicas);
    },
  };
}

const homeReplica = {
  location: 'eastus',
  name: 'eastus',
  managed: 'Home',
  provisioningState: 'Succeeded',
  status: 'Ready',
  routing: 'Enabled',
};

function asReady(replica: Replica): Replica {
  return {
    name: replica.location,
    managed: 'Created',
    provisioningState: 'Succeeded',
    status: 'Ready',
    routing: 'Enabled',
    provisionedTime: '2026-09-10T12:00:00Z',
    ...replica,
  };
}

export const ready = (...locations: readonly string[]): readonly Replica[] =>
  locations.map((location) => ({ location }));

/** Every state that the map can show, over all continents, with Europe full. */
export const everyState = {
  regions:
    `westeurope northeurope uksouth germanywestcentral swedencentral switzerlandnorth francecentral japaneast japanwest
    australiaeast brazilsouth southafricanorth canadacentral centralindia`.split(/\s+/),
  /** One region is drained for two hours; of another one the drain waits. */
  spec: (): Partial<Spec> => {
    const until = inTwoHours();
    return {
      drains: [
        { location: 'centralindia', until, reason: 'INC-4711' },
        { location: 'canadacentral', until, reason: 'drill' },
      ],
    };
  },
  replicas: (): readonly Replica[] => {
    const since = new Date(Date.now() - 254_000).toISOString().replace(/\.\d+/, '');
    const error = {
      reason: 'RequestRejected',
      code: 'RequestDisallowedByPolicy',
      message: 'The policy allowed-locations forbids this region.',
    };
    return [
      ...ready('westeurope', 'japaneast', 'japanwest', 'australiaeast'),
      {
        location: 'canadacentral',
        note: 'its drain waits: no other region of the set that serves, with all images, is in routing.',
        endpoint: 'contoso.canadacentral.geo.azurecr.io',
      },
      {
        location: 'centralindia',
        routing: 'Disabled',
        drained: { until: inTwoHours(), before: 'Enabled' },
        endpoint: 'contoso.centralindia.geo.azurecr.io',
      },
      { location: 'northeurope', status: 'Syncing', since },
      { location: 'uksouth', provisioningState: 'Creating', status: '', since },
      { location: 'germanywestcentral', provisioningState: 'Failed', status: '', since, message: 'Azure failed.' },
      { location: 'swedencentral', provisioningState: 'Updating', status: '', since },
      { location: 'switzerlandnorth', error, since },
      { location: 'brazilsouth', routing: 'Disabled' },
      { location: 'italynorth', managed: 'Unlisted' },
      { location: 'westus', provisioningState: 'Deleting', status: '', since },
    ]; // francecentral and southafricanorth are missing
  },
};

function inTwoHours(): string {
  return new Date(Date.now() + 7_200_000).toISOString().replace(/\.\d+/, '');
}
