import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { classify } from '../../../../src/azure/refusals/classify.ts';
import type { Signer } from '../../../../src/azure/refusals/signer.ts';
import { TokenError } from '../../../../src/azure/refusals/token-error.ts';
import type { Failure } from '../../../../src/domain/failure.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import type { Answer, SignerName } from './answers.ts';

const ids = { clientId: '20000000-0000-4000-8000-000000000002', tenantId: '10000000-0000-4000-8000-000000000001' };
const ref = { subscriptionId: '33333333-3333-4333-8333-333333333333', resourceGroup: 'registries', name: 'contoso' };
const own = "the operator's identity";
const secret = 'Secret azure-contoso in namespace platform';
const account = 'ServiceAccount azure-contoso in namespace platform';
const managed = {
  identity: own,
  credentials: "the operator's managed identity (AZURE_CLIENT_ID)",
  tenantId: undefined,
};

const signers: Readonly<Record<SignerName, Signer>> = {
  operatorSecret: {
    ...ids,
    identity: own,
    credentials: "the operator's credentials (AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_CLIENT_SECRET)",
    proof: 'client secret',
  },
  operatorCertificate: {
    ...ids,
    identity: own,
    credentials: "the operator's credentials (AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_CLIENT_CERTIFICATE_PATH)",
    proof: 'certificate',
  },
  workloadIdentity: {
    ...ids,
    identity: own,
    credentials: "the operator's workload identity (AZURE_CLIENT_ID, AZURE_TENANT_ID)",
    proof: 'service account token',
  },
  managedIdentity: { ...managed, proof: 'managed identity', clientId: ids.clientId },
  systemAssigned: { ...managed, proof: 'managed identity', clientId: undefined },
  secret: { ...ids, identity: `the identity of ${secret}`, credentials: secret, proof: 'client secret' },
  secretCertificate: { ...ids, identity: `the identity of ${secret}`, credentials: secret, proof: 'certificate' },
  serviceAccount: {
    ...ids,
    identity: `the identity of ${account}`,
    credentials: account,
    proof: 'service account token',
  },
};

/** What the SDK or the credential throws when this is answered. */
function thrownBy({ from, status, body, headers = {}, networkCode, detail = '' }: Answer): unknown {
  const bodyAsText = typeof body === 'string' ? body : JSON.stringify(body);
  const request = createPipelineRequest({ url: 'https://management.azure.com/x' });
  const lost = new RestError(detail, { request, ...(networkCode === undefined ? {} : { code: networkCode }) });
  if (from === 'Microsoft Entra' || from === 'the managed identity endpoint') {
    const isMachine = from === 'the managed identity endpoint';
    const host = isMachine ? '169.254.169.254' : 'login.microsoftonline.com';
    const cause = Object.assign(new Error('no token'), isMachine ? { name: 'ManagedIdentityError' } : {});
    if (status === undefined) return new TokenError(cause, { host, error: lost });
    return new TokenError(cause, { host, status, body: bodyAsText ?? '', retryAfter: headers['retry-after'] });
  }
  if (status === undefined) return lost;
  const response = { status, bodyAsText: bodyAsText ?? '', headers: createHttpHeaders(headers), request };
  return new RestError('whatever', { statusCode: status, request, response });
}

/** What the operator makes of an answer, at that moment. */
export function failureBy(answer: Answer, now: Date): Failure {
  const { region = 'japaneast', signer = 'operatorSecret', call } = answer;
  const replica = call === 'read' ? {} : { region: regionOf(region), name: answer.replica ?? region };
  return classify(thrownBy(answer), { ref, signer: signers[signer], ...replica }, now);
}
