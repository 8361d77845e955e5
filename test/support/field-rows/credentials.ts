import { DEFAULTS } from '../../sandbox/emulator/settings.ts';
import type { Row, Stage } from '../field-steps.ts';
import { contosoApp, goodSecret, grant, tenantId } from '../object-credentials.ts';
import { inJapan, japan, made, stalled, uk } from './common.ts';

export const fabrikamApp = '40000000-0000-4000-8000-000000000004';

export const credentialRows: Readonly<Record<string, Row>> = {
  'spec.credentialsRef.name': credentials({
    ref: (name) => ({ name }),
    async grants({ world: { cluster, namespace } }) {
      for (const name of ['azure-contoso', 'azure-fabrikam', 'azure-missing'])
        await grant(cluster.kube, 'secret', { platform: namespace, 'azure-contoso': name });
    },
    names: ['azure-contoso', 'azure-fabrikam', 'azure-missing'],
    appears: ({ world: { cluster, namespace } }, name, clientId) =>
      cluster.kube.apply({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace },
        stringData: { ...goodSecret, AZURE_CLIENT_ID: clientId },
      }),
    missing: /^There is no Secret azure-missing in namespace/,
  }),

  'spec.credentialsRef.serviceAccountName': credentials({
    ref: (serviceAccountName) => ({ serviceAccountName }),
    async grants({ world: { cluster, namespace } }) {
      await grant(cluster.kube, 'service-account', {
        platform: namespace,
        'contoso-replication': 'missing-replication',
      });
      await cluster.kube.delete(`/api/v1/namespaces/${namespace}/serviceaccounts/missing-replication`);
    },
    names: ['contoso-replication', 'fabrikam-replication', 'missing-replication'],
    appears: ({ world: { cluster, namespace } }, name, clientId) =>
      grant(cluster.kube, 'service-account', {
        platform: namespace,
        'contoso-replication': name,
        'REPLACE-WITH-CLIENT-ID': clientId,
        'REPLACE-WITH-TENANT-ID': tenantId,
      }),
    missing: /ServiceAccount missing-replication in namespace/,
  }),
};

/** Both applications have a secret and trust each service account of this table. */
async function knownApplications({ world: { azure, cluster, namespace } }: Stage) {
  const { issuer } = cluster;
  const jwks = await cluster.jwks();
  const federation = ['contoso', 'fabrikam', 'missing'].map((name) => {
    return { issuer, subject: `system:serviceaccount:${namespace}:${name}-replication`, jwks };
  });
  for (const clientId of [contosoApp, fabrikamApp])
    await azure.control.putApp({ clientId, secret: 'contoso-secret', federation });
}

interface Kind {
  readonly ref: (name: string) => object;
  readonly grants: (stage: Stage) => Promise<void>;
  /** Contoso's, fabrikam's, and one that is missing at first. */
  readonly names: readonly [string, string, string];
  readonly appears: (stage: Stage, name: string, clientId: string) => Promise<unknown>;
  readonly missing: RegExp;
}

/** Who Azure says has made a replica is who the operator was at the time. */
function credentials({ ref, grants, names: [contoso, fabrikam, missing], appears: comes, missing: says }: Kind): Row {
  const by = (clientId: string) => ({ by: clientId });
  const both = { japaneast: by(contosoApp), uksouth: by(fabrikamApp) };
  return {
    async before(stage) {
      await knownApplications(stage);
      await grants(stage);
      await comes(stage, contoso, contosoApp);
      await comes(stage, fabrikam, fabrikamApp);
    },
    set: [{ ...made, spec: { ...inJapan, credentialsRef: ref(contoso) }, azure: { japaneast: by(contosoApp) } }],
    changed: [{ spec: { regions: [japan, uk], credentialsRef: ref(fabrikam) }, azure: both, writes: ['PUT uksouth'] }],
    removed: [
      {
        spec: { regions: [japan, uk, { location: 'westeurope' }] },
        azure: { ...both, westeurope: by(DEFAULTS.clientId) },
        writes: ['PUT westeurope'],
      },
    ],
    invalid: [
      {
        spec: { ...inJapan, credentialsRef: { name: 'azure-contoso', serviceAccountName: 'contoso-replication' } },
        refused: /credentialsRef needs exactly one of name and serviceAccountName/,
      },
      { spec: { ...inJapan, credentialsRef: {} }, refused: /credentialsRef needs exactly one of name and/ },
      {
        spec: { ...inJapan, credentialsRef: ref('other/azure') },
        refused: /spec\.credentialsRef\.\w+: .*write the name of a \w+ in this object's own namespace/,
      },
      {
        spec: { ...inJapan, credentialsRef: ref(missing) },
        reason: 'AuthenticationFailed',
        says,
        shows: stalled('AuthenticationFailed'),
      },
    ],
    backToValid: [
      {
        first: (stage) => comes(stage, missing, contosoApp),
        azure: { japaneast: by(contosoApp) },
        writes: ['DELETE uksouth', 'DELETE westeurope'],
      },
    ],
  };
}
