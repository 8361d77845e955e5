import { describe, expect, test } from 'vitest';
import { failing, warning } from '../../../../src/cli/doctor/finding.ts';
import { type Deployment } from '../../../../src/cli/doctor/installation.ts';
import {
  secretOf,
  usesWorkloadIdentity,
  workloadIdentityChecks,
} from '../../../../src/cli/doctor/operator-identity.ts';
import { minutesAfter } from '../../../support/builders.ts';
import { told } from './told.ts';

interface Made {
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly label?: boolean;
  readonly replicas?: number;
  /** The Secret that its variables come from. */
  readonly secret?: { readonly name: string; readonly optional?: boolean };
}

function deployment({ name = 'operator', env = {}, label = true, replicas = 2, secret }: Made = {}): Deployment {
  const envFrom = secret === undefined ? [] : [{ secretRef: secret }];
  const variables = Object.entries(env).map(([key, value]) => ({ name: key, value }));
  return {
    metadata: { name, namespace: 'system', creationTimestamp: minutesAfter(-180).toISOString() },
    spec: {
      replicas,
      template: {
        metadata: { labels: label ? { 'azure.workload.identity/use': 'true' } : {} },
        spec: {
          serviceAccountName: 'operator',
          containers: [{ name: 'operator', image: 'op', env: variables, envFrom }],
        },
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

describe('the Secret of the operator', () => {
  const [needed, optional] = [{ name: 'azure' }, { name: 'azure', optional: true }];
  const secretly = { AZURE_CREDENTIAL: 'client-secret' };
  test.each<[string, Made, string | undefined]>([
    ['is in use where AZURE_CREDENTIAL says so', { label: false, env: secretly, secret: optional }, 'azure'],
    ['is in use where the Pods cannot be without it', { label: false, secret: needed }, 'azure'],
    [
      'is none where it may be missing: then it may be a managed identity',
      { label: false, secret: optional },
      undefined,
    ],
    ['is none beside workload identity', { secret: needed }, undefined],
    [
      'is none of a managed identity',
      { label: false, env: { AZURE_CREDENTIAL: 'managed-identity' }, secret: needed },
      undefined,
    ],
    ['is not known where no variables come from one', { label: false, env: secretly }, undefined],
  ])('%s', (_, made, name) => expect(secretOf(deployment(made))).toBe(name));
});
