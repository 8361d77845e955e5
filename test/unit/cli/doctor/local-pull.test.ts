import { describe, expect, test } from 'vitest';
import type { RegistryReplication, ReplicaStatus } from '../../../../src/api/registryreplication.ts';
import {
  type Binding,
  type Bound,
  type Installed,
  localPullChecks,
  type Policy,
  selectorText,
} from '../../../../src/cli/doctor/local-pull.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import { entry, resource } from '../../../support/builders.ts';
import { told } from './told.ts';

const policy: Policy = {
  metadata: { name: 'pull', annotations: { 'acr-replication.dev/region': 'japaneast' } },
  spec: {
    paramKind: { apiVersion: 'acr-replication.dev/v1alpha1', kind: 'RegistryReplication' },
    failurePolicy: 'Ignore',
    matchConditions: [{ expression: "['japaneast'].size() == 1" }],
    variables: [{ expression: "['japaneast'][0]" }],
  },
};
const binding: Binding = {
  metadata: { name: 'pull.platform.contoso' },
  spec: {
    policyName: 'pull',
    paramRef: { namespace: 'platform', name: 'contoso', parameterNotFoundAction: 'Allow' },
  },
};
const all: Installed = { version: 'v1', policies: [policy], bindings: [binding] };
const registry = { id: '/…/contoso', loginServer: 'contoso-h4.azurecr.io', homeRegion: 'eastus', sku: 'Premium' };
const served = entry('japaneast', { routing: 'Enabled', endpoint: 'contoso-h4.japaneast.geo.azurecr.io' });

function objectWith(
  changes: Partial<ReplicaStatus> = {},
  given: Partial<RegistryReplication> = {},
): RegistryReplication {
  return { ...resource(['japaneast']), status: { registry, replicas: [{ ...served, ...changes }] }, ...given };
}

const installed = 'ok: policy pull is installed by admissionregistration.k8s.io/v1, and bound';

function boundTo(object: RegistryReplication): Bound {
  return { objectOf: () => object, hasNamespace: () => true, nodes: new Map() };
}

/** What is told, but that the policy is there. */
function check(
  object: RegistryReplication | undefined | 'unseen' = objectWith(),
  {
    having = all,
    nodes = {},
    hasEndpoints = true,
    hasNamespace,
  }: Partial<{
    readonly having: Installed;
    readonly nodes: Readonly<Record<string, number>>;
    readonly hasEndpoints: boolean;
    readonly hasNamespace: boolean;
  }> = {},
): readonly string[] {
  const counts = new Map(Object.entries(nodes).map(([region, count]) => [regionOf(region), count]));
  const bound: Bound = {
    objectOf: (namespace, name) => (namespace === 'platform' && name === 'contoso' ? object : undefined),
    hasNamespace: () => hasNamespace,
    nodes: counts,
  };
  return told(localPullChecks(having, bound, hasEndpoints)).filter((line) => line !== installed);
}

describe('from where Pods pull', () => {
  test('is their region while its replica serves', () => {
    expect(told(localPullChecks(all, boundTo(objectWith()), true))).toEqual([
      installed,
      'ok: platform/contoso: Pods pull from contoso-h4.japaneast.geo.azurecr.io',
    ]);
  });

  const global: readonly { readonly object: RegistryReplication; readonly why: string }[] = [
    { object: objectWith({ status: 'Syncing' }), why: 'japaneast is Syncing' },
    { object: objectWith({ provisioningState: 'Failed' }), why: 'japaneast is Failed' },
    { object: objectWith({ routing: 'Disabled' }), why: 'japaneast is out of routing' },
    {
      object: objectWith({ routing: 'Disabled', drained: { until: '2026-12-01T06:00:00Z', before: 'Enabled' } }),
      why: 'japaneast is drained',
    },
    {
      object: objectWith({ endpoint: 'contoso.japaneast.geo.azurecr.io' }),
      why: 'contoso.japaneast.geo.azurecr.io is not the host of contoso-h4.azurecr.io in japaneast',
    },
    { object: { ...objectWith(), status: { registry } }, why: 'it has no replica in japaneast' },
    { object: { ...objectWith(), status: {} }, why: 'nobody has looked at the registry yet' },
    {
      object: { ...objectWith(), spec: { ...objectWith().spec, suspend: true } },
      why: 'the object is suspended',
    },
    {
      object: { ...objectWith(), metadata: { ...objectWith().metadata, deletionTimestamp: '2026-12-01T06:00:00Z' } },
      why: 'the object is being deleted',
    },
  ];
  for (const { object, why } of global) {
    test(`is everywhere, for ${why}`, () => {
      expect(check(object)).toEqual([`warning: platform/contoso: Pods pull from the global host, for ${why}`]);
    });
  }

  test('is everywhere while the registry has no regional endpoints, which one command switches on', () => {
    const { endpoint: _, ...without } = served;
    const object = { ...objectWith(), status: { registry, replicas: [without] } };
    const [, found] = localPullChecks(all, boundTo(object), false);
    expect(found).toMatchObject({
      verdict: 'warning',
      cure: 'az acr update --name contoso --subscription s --regional-endpoints enabled, then kubectl acr-replication reconcile contoso -n platform',
    });
  });
});

describe('the policy', () => {
  test('is not asked for where no registry has regional endpoints', () => {
    for (const having of [
      { ...all, policies: [], bindings: [] },
      { version: undefined, policies: [], bindings: [] },
    ])
      expect(check(undefined, { having, hasEndpoints: false })).toEqual([]);
  });

  test('may be missing where a registry has them', () => {
    expect(check(undefined, { having: { ...all, policies: [] } })).toEqual([
      'ok: Pods pull from the global host: no policy lets them do otherwise, see docs/local-pull.md',
    ]);
  });

  test('cannot be there where the cluster does not serve its API', () => {
    expect(check(undefined, { having: { version: undefined, policies: [], bindings: [] } })).toEqual([
      'ok: the cluster serves no MutatingAdmissionPolicy, so Pods pull from the global host: Kubernetes 1.36 has it, 1.34 and 1.35 behind a feature gate',
    ]);
  });

  test('of somebody else, about other objects, is left out', () => {
    const other = { ...policy, spec: { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } } };
    expect(check(undefined, { having: { ...all, policies: [other] }, hasEndpoints: false })).toEqual([]);
  });

  test('does nothing without a binding', () => {
    const other = { ...binding, spec: { ...binding.spec, policyName: 'other' } };
    expect(check(undefined, { having: { ...all, bindings: [other] } })).toEqual([
      'warning: policy pull is bound to nothing, so Pods pull from the global host',
    ]);
  });

  test('must not refuse Pods', () => {
    const strict = { ...policy, spec: { ...policy.spec, failurePolicy: 'Fail' } };
    expect(check(objectWith(), { having: { ...all, policies: [strict] } })[0]).toBe(
      'failing: policy pull refuses Pods when it fails',
    );
    const deny = {
      ...binding,
      spec: { ...binding.spec, paramRef: { ...binding.spec?.paramRef, parameterNotFoundAction: 'Deny' } },
    };
    expect(check(objectWith(), { having: { ...all, bindings: [deny] } })[0]).toBe(
      'warning: binding pull.platform.contoso has parameterNotFoundAction Deny: without the object its policy fails',
    );
  });

  test('is bound to an object that is there, unless nobody could look', () => {
    const lost = { ...binding, spec: { ...binding.spec, paramRef: { namespace: 'platform', name: 'lost' } } };
    expect(check(undefined, { having: { ...all, bindings: [lost] } })).toEqual([
      'warning: binding pull.platform.contoso names RegistryReplication platform/lost, which is not there',
    ]);
    expect(check('unseen')).toEqual([]);
  });

  const byLabel = { 'acr-replication.dev/local-pull': 'enabled' };

  test('is for a namespace that is there, unless nobody could look', () => {
    const matchResources = { namespaceSelector: { matchLabels: byLabel } };
    const having = { ...all, bindings: [{ ...binding, spec: { ...binding.spec, matchResources } }] };
    const none =
      'warning: binding pull.platform.contoso is for namespaces with acr-replication.dev/local-pull=enabled, and there is none';
    expect(check(objectWith(), { having, hasNamespace: false })).toEqual([none]);
    expect(check(objectWith({ status: 'Syncing' }), { having, hasNamespace: false })).toEqual([
      none,
      'warning: platform/contoso: Pods pull from the global host, for japaneast is Syncing',
    ]);
    expect(check(objectWith(), { having })).toEqual([
      'ok: platform/contoso: Pods pull from contoso-h4.japaneast.geo.azurecr.io',
    ]);
  });

  test('may choose namespaces by every kind of selector, and all of them by none', () => {
    const matchExpressions = [
      { key: 'a', operator: 'In', values: ['b', 'c'] },
      { key: 'd', operator: 'NotIn', values: ['e'] },
      { key: 'f', operator: 'Exists' },
      { key: 'g', operator: 'DoesNotExist' },
    ] as const;
    expect(selectorText({ matchLabels: byLabel, matchExpressions })).toBe(
      'acr-replication.dev/local-pull=enabled,a in (b,c),d notin (e),f,!g',
    );
    expect(selectorText()).toBe('');
  });

  test('may be bound to objects by label, or by the namespace of each Pod, which are not followed', () => {
    for (const paramRef of [{ namespace: 'platform' }, { name: 'contoso' }])
      expect(
        check(undefined, { having: { ...all, bindings: [{ ...binding, spec: { ...binding.spec, paramRef } }] } }),
      ).toEqual(['ok: binding pull.platform.contoso names no one object, so none was looked at for it']);
  });

  test('names one region in its annotation and its expressions, of which an overlay may have changed some', () => {
    const other = [{ expression: "['westeurope'][0]" }];
    for (const changed of [{ matchConditions: other }, { variables: other }]) {
      const torn = { ...policy, spec: { ...policy.spec, ...changed } };
      expect(check(objectWith(), { having: { ...all, policies: [torn] } })).toEqual([
        'failing: policy pull is about japaneast by its annotation, and about another region by its expressions',
      ]);
    }
  });

  test('is about the region where the nodes are', () => {
    expect(check(objectWith(), { nodes: { japaneast: 2, uksouth: 1 } })).toHaveLength(1);
    expect(check(objectWith(), { nodes: { uksouth: 2, ukwest: 1 } })[0]).toBe(
      "warning: policy pull is about japaneast, and this cluster's nodes are in uksouth, ukwest",
    );
  });
});
