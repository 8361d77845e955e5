import { apiVersion, kind, type ReplicaStatus } from '../../src/api/registryreplication.ts';
import { type KubeObject, readManifestFile } from '../sandbox/manifests.ts';

/** The region that the files of deploy/local-pull are about. */
export const pullRegion = 'westeurope';

/** The object that they name. */
export const pulledObject: KubeObject = {
  apiVersion,
  kind,
  metadata: { name: 'contoso', namespace: 'platform' },
  spec: { registry: { name: 'contoso', resourceGroup: 'registries' }, regions: [{ location: pullRegion }] },
};

/** Its replica in that region, as status has it while it serves. */
export function servingFrom(endpoint: string): ReplicaStatus {
  return {
    location: pullRegion,
    name: pullRegion,
    managed: 'Created',
    provisioningState: 'Succeeded',
    status: 'Ready',
    routing: 'Enabled',
    endpoint,
  };
}

/** The policy of deploy/local-pull, and its binding to one object and to the Pods of one namespace, both of that name. */
export async function localPull(
  name: string,
  paramRef: { readonly namespace: string; readonly name: string },
  namespaceSelector?: object,
): Promise<{ readonly policy: KubeObject; readonly binding: KubeObject }> {
  const [policy, binding] = await readManifestFile('deploy/local-pull/local-pull.yaml');
  if (policy === undefined || binding === undefined) throw new Error('deploy/local-pull has no policy and binding');
  const spec = binding['spec'] as { readonly paramRef: object; readonly matchResources: object };
  return {
    policy: { ...policy, metadata: { ...policy.metadata, name } },
    binding: {
      ...binding,
      metadata: { ...binding.metadata, name },
      spec: {
        ...spec,
        policyName: name,
        paramRef: { ...spec.paramRef, ...paramRef },
        matchResources: { ...spec.matchResources, ...(namespaceSelector && { namespaceSelector }) },
      },
    },
  };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly [field: string]: unknown;
}
/** What a controller writes into the Pods that it makes. */
export function controlledBy(apiVersion: string, kind: string): { readonly ownerReferences: readonly object[] } {
  return { ownerReferences: [{ apiVersion, kind, name: 'app', uid: 'e0c5e5a6', controller: true }] };
}

/** A Pod, the fields that tests read. */
export interface Pod {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: { readonly name: string; readonly [field: string]: unknown };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly ephemeralContainers?: readonly Container[];
    readonly volumes?: readonly { readonly name: string; readonly image?: { readonly reference: string } }[];
  };
}

/** Every image that a Pod names, in the order of its spec. */
export function imagesOf({ spec }: Pod): readonly string[] {
  const { initContainers = [], containers, ephemeralContainers = [], volumes = [] } = spec;
  return [
    ...[...initContainers, ...containers, ...ephemeralContainers].map(({ image }) => image),
    ...volumes.flatMap(({ image }) => (image === undefined ? [] : [image.reference])),
  ];
}
