import { expect, test } from 'vitest';
import { type Applied, gitToolOf, type Keeper } from '../../../../src/cli/steering/git.ts';

const managed = (...managers: readonly string[]) => ({ managedFields: managers.map((manager) => ({ manager })) });
const cases: readonly { of: string; metadata: Applied['metadata']; name?: string; pause?: string; keeper?: Keeper }[] =
  [
    {
      of: "the labels of Flux's Kustomization",
      metadata: {
        labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' },
      },
      name: "Flux's Kustomization flux-system/apps",
      pause: 'flux suspend kustomization apps -n flux-system',
      keeper: { kind: 'Kustomization', name: 'apps', namespace: 'flux-system' },
    },
    {
      of: "the labels of Flux's HelmRelease",
      metadata: { labels: { 'helm.toolkit.fluxcd.io/name': 'shop', 'helm.toolkit.fluxcd.io/namespace': 'shop' } },
      name: "Flux's HelmRelease shop/shop",
      pause: 'flux suspend helmrelease shop -n shop',
      keeper: { kind: 'HelmRelease', name: 'shop', namespace: 'shop' },
    },
    {
      of: "Flux's field manager alone",
      metadata: managed('kubectl', 'kustomize-controller'),
      name: 'a Kustomization of Flux',
      pause: 'flux suspend kustomization NAME',
      keeper: { kind: 'Kustomization' },
    },
    {
      of: "Argo CD's tracking annotation",
      metadata: {
        annotations: {
          'argocd.argoproj.io/tracking-id': 'shop:acr-replication.dev/RegistryReplication:platform/contoso',
        },
      },
      name: "Argo CD's Application shop",
      pause: 'argocd app set shop --sync-policy none',
      keeper: { kind: 'Application', name: 'shop' },
    },
    {
      of: 'an Application in a namespace of its own',
      metadata: {
        annotations: { 'argocd.argoproj.io/tracking-id': 'team_shop:acr-replication.dev/RegistryReplication:a/b' },
      },
      name: "Argo CD's Application team/shop",
      pause: 'argocd app set team/shop --sync-policy none',
      keeper: { kind: 'Application', name: 'shop', namespace: 'team' },
    },
    {
      of: "Argo CD's field manager and the label that it shares with Helm",
      metadata: { labels: { 'app.kubernetes.io/instance': 'shop' }, ...managed('argocd-controller') },
      name: "Argo CD's Application shop",
      pause: 'argocd app set shop --sync-policy none',
      keeper: { kind: 'Application', name: 'shop' },
    },
    {
      of: "Argo CD's field manager alone",
      metadata: managed('argocd-controller'),
      name: 'an Application of Argo CD',
      pause: 'argocd app set NAME --sync-policy none',
      keeper: { kind: 'Application' },
    },
    { of: "Helm's label alone", metadata: { labels: { 'app.kubernetes.io/instance': 'shop' }, ...managed('helm') } },
    {
      of: 'an object that somebody applied',
      metadata: managed('kubectl-client-side-apply', 'acr-replication-operator'),
    },
  ];
for (const { of, metadata, name, pause, keeper } of cases) {
  test(`${of}: ${name ?? 'nobody sets it back'}`, () => {
    expect(gitToolOf({ metadata })).toEqual(name === undefined ? undefined : { name, pause, keeper });
  });
}
