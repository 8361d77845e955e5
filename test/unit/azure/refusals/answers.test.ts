import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { describe, expect, test } from 'vitest';
import { classify } from '../../../../src/azure/refusals/classify.ts';
import type { Signer } from '../../../../src/azure/refusals/signer.ts';
import { TokenError } from '../../../../src/azure/refusals/token-error.ts';
import { explain, type Failure } from '../../../../src/domain/failure.ts';
import { needsPerson, reasons } from '../../../../src/domain/reasons.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import { type Answer, answers, type SignerName } from './answers.ts';

const now = new Date('2026-11-22T10:00:00Z');
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

function failureBy(answer: Answer): Failure {
  const { region = 'japaneast', signer = 'operatorSecret', call } = answer;
  const replica = call === 'read' ? {} : { region: regionOf(region), name: answer.replica ?? region };
  return classify(thrownBy(answer), { ref, signer: signers[signer], ...replica }, now);
}

/** What a Failure says, in the words of the table. */
function told(failure: Failure): Answer['then'] {
  const { kind, reason, code, message, advice = reasons[reason].advice, settles, busy, until } = failure;
  return {
    reason,
    stalled: needsPerson(reason),
    pace: failure.kind === 'retryable' ? failure.pace : (kind as 'throttled' | 'terminal'),
    ...(settles === undefined ? {} : { settles }),
    ...(busy === undefined ? {} : { busy }),
    ...(until === undefined ? {} : { waitsSeconds: (until.getTime() - now.getTime()) / 1_000 }),
    code,
    message,
    advice,
  };
}

describe('each answer is told with its cause and a next step', () => {
  for (const answer of answers) {
    test(`${answer.from}: ${answer.name}`, () => expect(told(failureBy(answer))).toEqual(answer.then));
  }
});

test('the table holds 60 answers at least, each with a name of its own', () => {
  expect(answers.length).toBeGreaterThanOrEqual(60);
  expect(new Set(answers.map(({ name }) => name)).size).toBe(answers.length);
});

describe('whatever is answered', () => {
  for (const answer of answers) {
    test(`${answer.name}: the text stays the same at the next call, ends as a sentence and fits`, () => {
      const text = explain(failureBy(answer));
      expect(text).toMatch(/\.$/);
      expect(text.length).toBeLessThan(2_000);
      expect(text).not.toMatch(/trace id|correlation|timestamp|\d\d:\d\d|after '?\d+/i);
      const again = { ...answer, body: withOtherIds(answer.body) } as Answer;
      expect(explain(failureBy(again))).toBe(text);
    });
    if (answer.signer !== undefined && /^secret|^serviceAccount/.test(answer.signer)) {
      test(`${answer.name}: nothing is blamed on the operator's own credentials`, () => {
        expect(explain(failureBy(answer))).not.toMatch(/operator's (identity|credentials|workload|managed)/);
      });
    }
  }
});

/** The same answer to another call: its ids and times are others, those of lasting things are not. */
function withOtherIds(body: unknown): unknown {
  if (typeof body !== 'object') return body;
  const text = JSON.stringify(body)
    .replaceAll('86c81de3-efbd-4c0f-854d-cb8f329e5b00', '11111111-1111-4111-8111-111111111111')
    .replaceAll('a92568a5-cc37-4136-ad4d-1ba82988abc2', '11111111-1111-4111-8111-111111111112')
    .replaceAll('3fa85f64-5717-4562-b3fc-2c963f66afa6', '11111111-1111-4111-8111-111111111113')
    .replaceAll('2e51c0de-aaaa-4bbb-8ccc-dddddddddddd', '11111111-1111-4111-8111-111111111114')
    .replaceAll('2026-11-22 10:00:00Z', '2026-11-22 10:05:00Z')
    .replaceAll("after '10' seconds", "after '7' seconds");
  return JSON.parse(text) as unknown;
}
