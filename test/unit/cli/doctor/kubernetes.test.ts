import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { credentialChecks, type Tried } from '../../../../src/cli/doctor/credentials.ts';
import { failing, warning } from '../../../../src/cli/doctor/finding.ts';
import type { Deployment } from '../../../../src/cli/doctor/installation.ts';
import { nodeChecks } from '../../../../src/cli/doctor/nodes.ts';
import { usesWorkloadIdentity, workloadIdentityChecks } from '../../../../src/cli/doctor/operator-identity.ts';
import { progressTo } from '../../../../src/cli/doctor/progress.ts';
import { rivalChecks } from '../../../../src/cli/doctor/rivals.ts';
import { settingsOf } from '../../../../src/cli/plan/operators.ts';
import type { Failure } from '../../../../src/domain/failure.ts';
import type { Credentials } from '../../../../src/domain/replication.ts';
import { servicePrincipalOf } from '../../../../src/kube/credentials/service-principal.ts';
import type { KubeObject } from '../../../../src/kube/watch/object.ts';
import { minutesAfter, resource } from '../../../support/builders.ts';
import { told } from './told.ts';

describe('the credentials of an object', () => {
  const secret: Credentials = { kind: 'secret', namespace: 'platform', name: 'azure-contoso' };
  const account: Credentials = { kind: 'service-account', namespace: 'platform', name: 'contoso' };
  const clientId = '30000000-0000-4000-8000-000000000003';
  const tenantId = '10000000-0000-4000-8000-000000000001';
  const principal = { kind: 'client-secret', tenantId, clientId, clientSecret: 'hidden' } as const;
  const object = (ready?: 'True' | 'False', reason = 'InSync') => {
    const made = resource(['japaneast'], {});
    const lastTransitionTime = minutesAfter(-30).toISOString();
    const conditions =
      ready === undefined ? [] : [{ type: 'Ready', status: ready, reason, message: 'As it is.', lastTransitionTime }];
    return { ...made, status: { observedGeneration: made.metadata.generation, conditions } };
  };
  const check = (credentials: Credentials, tried: Tried, of = object()) => credentialChecks(credentials, tried, of);
  /** What the operator makes of these data. */
  const unusable = (credentials: Credentials, given: object | undefined): Tried => {
    const never = () => Promise.reject(new Error('nobody asks'));
    const outcome = servicePrincipalOf(credentials, given as KubeObject | undefined, never);
    if (outcome.ok) throw new Error('it is usable');
    return { kind: 'unusable', failure: outcome.failure };
  };
  const data = (values: Readonly<Record<string, string>>) => ({
    metadata: {},
    data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, btoa(value)])),
  });
  const refused = (code: string, reason: Failure['reason'] = 'AuthenticationFailed'): Tried => ({
    kind: 'refused',
    principal,
    failure: { kind: 'retryable', pace: 'slow', reason, code, message: 'No token.', advice: 'Correct it.' },
  });

  test('that sign in are well', () => {
    expect(told(check(secret, { kind: 'signed-in', principal }))).toEqual([
      `ok: Secret azure-contoso in namespace platform signs in as application ${clientId}`,
    ]);
  });

  test.each([
    [
      'a Secret that is not there',
      secret,
      undefined,
      'There is no Secret azure-contoso in namespace platform.',
      'kubectl -n platform create secret generic azure-contoso --from-literal=AZURE_TENANT_ID=TENANT-ID --from-literal=AZURE_CLIENT_ID=CLIENT-ID --from-literal=AZURE_CLIENT_SECRET=SECRET',
    ],
    [
      'a key that is missing',
      secret,
      data({ AZURE_TENANT_ID: tenantId, AZURE_CLIENT_SECRET: 'x' }),
      'Secret azure-contoso in namespace platform has no AZURE_CLIENT_ID.',
      `kubectl -n platform patch secret azure-contoso -p '{"stringData":{"AZURE_CLIENT_ID":"CLIENT-ID"}}'`,
    ],
    [
      'neither secret nor certificate',
      secret,
      data({ AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId }),
      'Secret azure-contoso in namespace platform has no AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE.',
      `kubectl -n platform patch secret azure-contoso -p '{"stringData":{"AZURE_CLIENT_SECRET":"CLIENT-SECRET"}}'`,
    ],
    [
      'a ServiceAccount that is not there',
      account,
      undefined,
      'There is no ServiceAccount contoso in namespace platform.',
      'kubectl -n platform create serviceaccount contoso',
    ],
    [
      'annotations that are missing',
      account,
      { metadata: {} },
      'ServiceAccount contoso in namespace platform has no azure.workload.identity/tenant-id and no azure.workload.identity/client-id.',
      'kubectl -n platform annotate --overwrite serviceaccount contoso azure.workload.identity/tenant-id=TENANT-ID azure.workload.identity/client-id=CLIENT-ID',
    ],
  ])('%s: with the command that mends it', (_, credentials, given, says, cure) => {
    expect(check(credentials, unusable(credentials, given))).toEqual([failing(says, cure)]);
  });

  test('whose client secret is spent are renewed by one command', () => {
    expect(check(secret, refused('AADSTS7000222'))).toEqual([
      failing(
        'Secret azure-contoso in namespace platform: No token.',
        `kubectl -n platform patch secret azure-contoso -p '{"stringData":{"AZURE_CLIENT_SECRET":"'"$(az ad app credential reset --id ${clientId} --append --query password --output tsv)"'"}}'`,
      ),
    ]);
  });

  test("that Entra refuses for another reason have the operator's advice", () => {
    expect(check(secret, refused('AADSTS700016'))[0]).toMatchObject({ verdict: 'failing', cure: 'Correct it.' });
  });

  test('that cannot be tried because Entra is not reached are no ✗', () => {
    expect(check(secret, refused('ENOTFOUND', 'Retrying'))[0]?.verdict).toBe('warning');
  });

  test.each([
    [
      'is Ready',
      object('True'),
      'ok: Secret azure-contoso in namespace platform works: the object says so, and you may not read it',
    ],
    [
      'says why not',
      object('False', 'AuthenticationFailed'),
      'warning: Secret azure-contoso in namespace platform was not looked at: you may not get secrets; the object says AuthenticationFailed',
    ],
    [
      'was not looked at',
      object(),
      'warning: Secret azure-contoso in namespace platform was not looked at: you may not get secrets; the object says nothing yet',
    ],
  ])('that one may not read are judged by the object, which %s', (_, of, says) => {
    expect(told(check(secret, { kind: 'unseen', why: 'you may not get secrets' }, of))).toEqual([says]);
  });

  test('of a ServiceAccount are judged by its annotations and by the object', () => {
    const complete: Tried = { kind: 'complete', principal };
    expect(told(check(account, complete, object('True')))).toEqual([
      `ok: ServiceAccount contoso in namespace platform names application ${clientId}, and it works`,
    ]);
    expect(told(check(account, complete, object('False', 'AuthenticationFailed')))).toEqual([
      `warning: ServiceAccount contoso in namespace platform names application ${clientId}; the object says AuthenticationFailed`,
    ]);
  });

  test('never show a secret', () => {
    const tries: readonly Tried[] = [refused('AADSTS7000222'), { kind: 'signed-in', principal }];
    for (const tried of tries) expect(JSON.stringify(check(secret, tried))).not.toContain('hidden');
  });
});

interface Made {
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly label?: boolean;
  readonly replicas?: number;
}

function deployment({ name = 'operator', env = {}, label = true, replicas = 2 }: Made = {}): Deployment {
  const variables = Object.entries(env).map(([key, value]) => ({ name: key, value }));
  return {
    metadata: { name, namespace: 'system', creationTimestamp: minutesAfter(-180).toISOString() },
    spec: {
      replicas,
      template: {
        metadata: { labels: label ? { 'azure.workload.identity/use': 'true' } : {} },
        spec: { serviceAccountName: 'operator', containers: [{ name: 'operator', image: 'op', env: variables }] },
      },
    },
  };
}

describe('workload identity of the operator', () => {
  const clientId = '20000000-0000-4000-8000-000000000002';
  const account = (value: string | undefined) => ({
    metadata: { annotations: value === undefined ? {} : { 'azure.workload.identity/client-id': value } },
  });

  test('is in use by the label of the Pods, where AZURE_CREDENTIAL says nothing else', () => {
    expect(usesWorkloadIdentity(deployment())).toBe(true);
    expect(usesWorkloadIdentity(deployment({ label: false }))).toBe(false);
    expect(usesWorkloadIdentity(deployment({ env: { AZURE_CREDENTIAL: 'client-secret' } }))).toBe(false);
  });

  test('is well with label and annotation', () => {
    expect(told(workloadIdentityChecks(deployment(), account(clientId)))).toEqual([
      `ok: it signs in by workload identity as application ${clientId}`,
    ]);
  });

  test('is missed by Pods without the label', () => {
    const asked = deployment({ label: false, env: { AZURE_CREDENTIAL: 'workload-identity' } });
    expect(workloadIdentityChecks(asked, account(clientId))[0]).toEqual(
      failing(
        'its Pods lack the label azure.workload.identity/use, so that they get no workload identity',
        `kubectl -n system patch deployment operator -p '{"spec":{"template":{"metadata":{"labels":{"azure.workload.identity/use":"true"}}}}}'`,
      ),
    );
  });

  const annotate =
    'kubectl -n system annotate --overwrite serviceaccount operator azure.workload.identity/client-id=CLIENT-ID';
  test.each([
    [undefined, 'lacks the annotation azure.workload.identity/client-id'],
    ['REPLACE-WITH-CLIENT-ID', 'has REPLACE-WITH-CLIENT-ID for azure.workload.identity/client-id, which is no id'],
  ])('with the annotation %s serves only objects with credentials of their own', (value, why) => {
    expect(workloadIdentityChecks(deployment(), account(value))).toEqual([
      warning(`ServiceAccount operator ${why}: only objects with credentials of their own can sign in`, annotate),
    ]);
  });

  test('needs a ServiceAccount', () => {
    expect(workloadIdentityChecks(deployment(), undefined)).toEqual([
      failing(
        'there is no ServiceAccount operator in namespace system',
        'kubectl -n system create serviceaccount operator',
      ),
    ]);
  });
});

describe('two operators in one cluster', () => {
  const check = (...made: readonly Made[]) =>
    rivalChecks(
      made.map((one) => {
        const it = deployment(one);
        return { deployment: it, settings: settingsOf(it, new Map()) };
      }),
    );
  const [one, other] = [
    { name: 'one', env: { LEASE_NAME: 'one' } },
    { name: 'other', env: { LEASE_NAME: 'other' } },
  ];

  test('with Leases of their own work on the same objects', () => {
    expect(check(one, other)).toEqual([
      failing(
        'two operators look after the same objects: Deployment system/one and Deployment system/other',
        'kubectl -n system scale deployment other --replicas 0',
      ),
    ]);
  });

  test.each([
    ['one Lease', [one, { ...other, env: one.env }]],
    [
      'namespaces of their own',
      [
        { ...one, env: { ...one.env, WATCH_NAMESPACES: 'a,b' } },
        { ...other, env: { ...other.env, WATCH_NAMESPACES: 'c' } },
      ],
    ],
    [
      'shards of their own',
      [
        { ...one, env: { ...one.env, WATCH_SELECTOR: 'shard=1' } },
        { ...other, env: { ...other.env, WATCH_SELECTOR: 'shard=2' } },
      ],
    ],
    ['one of them scaled to nothing', [one, { ...other, replicas: 0 }]],
  ])('with %s are well', (_, made) => expect(check(...made)).toEqual([]));
});

describe('the images of AKS nodes', () => {
  const node = (version: string, pool = 'system', cluster = 'MC_platform_prod_westeurope') => ({
    'kubernetes.azure.com/node-image-version': `AKSUbuntu-2204gen2containerd-${version}`,
    'kubernetes.azure.com/agentpool': pool,
    'kubernetes.azure.com/cluster': cluster,
  });

  test.each(['202607.29.0', '202608.01.1', '202701.02.0'])('of %s know regional hosts', (version) => {
    expect(told(nodeChecks([node(version)]))).toEqual(['ok: the images of all 1 AKS nodes know regional hosts']);
  });

  test('that are older are told by pool, with the command that renews it', () => {
    const nodes = [node('202607.28.0'), node('202509.23.0'), node('202607.29.0'), node('202512.01.0', 'gpu')];
    expect(nodeChecks(nodes)).toEqual([
      warning(
        'node pool gpu: 1 of 4 nodes have image 202512.01, and before 202607.29 a pull from a regional host by managed identity is answered 401',
        'az aks nodepool upgrade --resource-group platform --cluster-name prod --name gpu --node-image-only',
      ),
      warning(
        'node pool system: 2 of 4 nodes have image 202509.23, and before 202607.29 a pull from a regional host by managed identity is answered 401',
        'az aks nodepool upgrade --resource-group platform --cluster-name prod --name system --node-image-only',
      ),
    ]);
  });

  test('of a group that does not tell the cluster are found by it', () => {
    expect(nodeChecks([node('202509.23.0', 'one', 'my_group')])[0]?.cure).toContain(
      `az aks list --query "[?nodeResourceGroup=='my_group']`,
    );
  });

  test('of other clouds have no such label', () => expect(nodeChecks([{ 'kubernetes.io/os': 'linux' }])).toEqual([]));
});

describe('progress', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is told of what takes longer than two seconds, again and again, and ends with the look', () => {
    const lines: string[] = [];
    {
      using progress = progressTo((text) => void lines.push(text));
      progress.at('Kubernetes');
      vi.advanceTimersByTime(1_900);
      progress.at('platform/contoso');
      vi.advanceTimersByTime(2_200);
    }
    vi.advanceTimersByTime(10_000);
    expect(lines).toEqual(['still looking at platform/contoso\n', 'still looking at platform/contoso\n']);
  });
});
