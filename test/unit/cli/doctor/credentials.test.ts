import { describe, expect, test } from 'vitest';
import { credentialChecks, type Tried } from '../../../../src/cli/doctor/credentials.ts';
import { failing } from '../../../../src/cli/doctor/finding.ts';
import { type Failure } from '../../../../src/domain/failure.ts';
import { type Credentials } from '../../../../src/domain/replication.ts';
import { servicePrincipalOf } from '../../../../src/kube/credentials/service-principal.ts';
import { type KubeObject } from '../../../../src/kube/watch/object.ts';
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

  test('of the operator itself are judged without an object', () => {
    const unseen: Tried = { kind: 'unseen', why: 'you may not get secrets' };
    expect(told(credentialChecks(secret, unseen, undefined))).toEqual([
      'warning: Secret azure-contoso in namespace platform was not looked at: you may not get secrets',
    ]);
  });

  test('never show a secret', () => {
    const tries: readonly Tried[] = [refused('AADSTS7000222'), { kind: 'signed-in', principal }];
    for (const tried of tries) expect(JSON.stringify(check(secret, tried))).not.toContain('hidden');
  });
});
