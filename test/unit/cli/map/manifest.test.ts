import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { type Entry, entriesFor, manifestOf } from '../../../../src/cli/map/manifest.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import { resource } from '../../../support/builders.ts';

describe('the regions that are wanted', () => {
  const present: readonly Entry[] = [
    { location: 'West Europe', routing: 'Disabled' },
    { location: 'japaneast', tags: { team: 'a' } },
    { location: 'uksouth' },
  ];
  test.each([
    ['all that there are', ['uksouth', 'japaneast', 'westeurope'], present],
    ['fewer', ['japaneast'], [present[1]]],
    [
      'more, by name',
      ['uksouth', 'zero', 'australiaeast'],
      [present[2], { location: 'australiaeast' }, { location: 'zero' }],
    ],
    ['one, twice', ['Japan East', 'japaneast'], [present[1]]],
    ['none', [], []],
  ])('%s', (_, wanted, entries) => expect(entriesFor(present, wanted.map(regionOf))).toEqual(entries));
});

test('the manifest is the object as a file would have it', () => {
  const object = resource(['japaneast'], {
    metadata: {
      finalizers: ['acr-replication.dev/finalizer'],
      labels: {
        zone: 'b',
        team: 'platform',
        'app.kubernetes.io/managed-by': 'Helm',
        'app.kubernetes.io/name': 'registries',
        'argocd.argoproj.io/instance': 'apps',
        'kustomize.toolkit.fluxcd.io/name': 'apps',
        'helm.toolkit.fluxcd.io/name': 'apps',
      },
      annotations: {
        'acr-replication.dev/requested-at': 'now',
        'argocd.argoproj.io/tracking-id': 'apps:x',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
        'meta.helm.sh/release-name': 'apps',
        owner: 'us',
      },
    },
    spec: { interval: '5m', prune: 'Owned', suspend: false, tags: { b: '42', a: 'true' } },
    status: { phase: 'Ready' },
  });
  const odd = { 'x-later': 1, location: 'uksouth', tags: { team: 'a' }, routing: 'Disabled' } as Entry;
  expect(manifestOf(object, [{ location: 'japaneast' }, odd])).toBe(
    `
apiVersion: acr-replication.dev/v1alpha1
kind: RegistryReplication
metadata:
  name: contoso
  namespace: platform
  labels:
    app.kubernetes.io/name: registries
    team: platform
    zone: b
  annotations:
    owner: us
spec:
  registry:
    name: contoso
    resourceGroup: registries
    subscriptionId: s
  regions:
    - location: japaneast
    - location: uksouth
      routing: Disabled
      tags:
        team: a
      x-later: 1
  tags:
    b: '42'
    a: 'true'
  prune: Owned
  suspend: false
  interval: 5m
`.slice(1),
  );
});

/**
 * https://argo-cd.readthedocs.io/en/stable/user-guide/annotations-and-labels/
 * https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources
 * https://helm.sh/docs/howto/charts_tips_and_tricks/#tell-helm-not-to-uninstall-a-resource
 */
test("what people tell the tools stays, or the next sync would prune what the file protects; the tools' own marks go", () => {
  const said = {
    'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
    'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
    'argocd.argoproj.io/sync-wave': '5',
    'helm.sh/resource-policy': 'keep',
    'kustomize.toolkit.fluxcd.io/prune': 'disabled',
    'kustomize.toolkit.fluxcd.io/ssa': 'Merge',
  };
  const marks = {
    'argocd.argoproj.io/installation-id': 'one',
    'argocd.argoproj.io/tracking-id': 'apps:x',
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
    'kustomize.toolkit.fluxcd.io/checksum': 'abc',
    'meta.helm.sh/release-namespace': 'apps',
    'reconcile.fluxcd.io/requestedAt': 'now',
  };
  const object = resource(['japaneast'], { metadata: { annotations: { ...marks, ...said } } });
  const { metadata } = load(manifestOf(object, [])) as { readonly metadata: { readonly annotations: unknown } };
  expect(metadata.annotations).toEqual(said);
});

test('the manifest means the same in every reader of YAML', () => {
  const tags = { no: 'no', number: '0123', long: 'x'.repeat(300), lines: 'a\nb', quote: `'"#: `, empty: '' };
  const object = resource(['japaneast'], { spec: { tags } });
  const read = load(
    manifestOf(object, [
      { location: 'japaneast', tags },
      { location: 'uksouth', tags },
    ]),
  );
  expect(read).toMatchObject({ spec: { tags, regions: [{ tags }, { tags }] } });
});

describe('of drains the manifest has', () => {
  const until = '2026-12-01T06:00:00Z';
  const drains = [
    { location: 'japaneast', until, reason: 'drill' },
    { location: 'uksouth', until, reason: 'INC-1' },
  ];
  const owns = (manager: string, ...locations: readonly string[]) => ({
    manager,
    operation: 'Apply',
    fieldsV1: {
      'f:spec': { 'f:drains': Object.fromEntries(locations.map((one) => [`k:{"location":"${one}"}`, {}])) },
    },
  });
  const inManifest = (managedFields: readonly object[]) => {
    const object = resource(['japaneast', 'uksouth'], { spec: { drains } });
    const stored = { ...object, metadata: { ...object.metadata, managedFields } };
    const { spec } = load(manifestOf(stored, object.spec.regions)) as { spec: { drains?: typeof drains } };
    return spec.drains?.map(({ location }) => location);
  };

  test('those that a file states, also where a command stated them, too', () => {
    expect(inManifest([owns('argocd-controller', 'japaneast'), owns('acr-replication-drain', 'japaneast', 'uksouth')])) //
      .toEqual(['japaneast']);
  });
  test('none that only a command or the map has begun', () => {
    expect(inManifest([owns('acr-replication-drain', 'japaneast', 'uksouth')])).toBeUndefined();
  });
  test('all where nobody tells who stated them', () => expect(inManifest([])).toEqual(['japaneast', 'uksouth']));
});
