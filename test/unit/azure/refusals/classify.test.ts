import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { AuthenticationRequiredError, CredentialUnavailableError } from '@azure/identity';
import { describe, expect, test } from 'vitest';
import { classify } from '../../../../src/azure/refusals/classify.ts';
import type { Subject } from '../../../../src/azure/refusals/rules.ts';
import { TokenError } from '../../../../src/azure/refusals/token-error.ts';
import type { Failure } from '../../../../src/domain/failure.ts';
import type { FailureReason } from '../../../../src/domain/reasons.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import { operator } from '../../../support/arm-stub.ts';

const subscriptionId = '11111111-2222-3333-4444-555555555555';
const now = new Date('2026-11-22T10:00:00Z');
const subject: Subject = {
  ref: { subscriptionId, resourceGroup: 'registries', name: 'contoso' },
  signer: operator,
  region: regionOf('japanest'),
  name: 'japanest',
};
const principal =
  "The client 'c0ffee00-0000-0000-0000-000000000001' with object id 'c0ffee00-0000-0000-0000-000000000002'";

function answer(status: number, body: unknown, headers: Record<string, string> = {}): RestError {
  const request = createPipelineRequest({ url: 'https://management.azure.com/x' });
  const bodyAsText = typeof body === 'string' ? body : JSON.stringify(body);
  const response = { status, bodyAsText, headers: createHttpHeaders(headers), request };
  return new RestError('whatever', { statusCode: status, request, response });
}
function arm(status: number, code: string, message = '', rest: object = {}): RestError {
  return answer(status, { error: { code, message, ...rest } });
}
function lost(code: string): RestError {
  return new RestError(`connect ${code} 10.0.0.1:443`, {
    code,
    request: createPipelineRequest({ url: 'https://management.azure.com/x' }),
  });
}

interface Case {
  readonly name: string;
  readonly error: unknown;
  readonly reason: FailureReason;
  /** terminal, soon, slow, or throttled. */
  readonly pace: string;
  readonly code?: string;
  readonly message?: string;
}

const regions = "'eastus,japaneast,japanwest,westeurope'";
const cases: readonly Case[] = [
  {
    name: 'the home replica cannot be deleted',
    error: arm(400, 'HomeReplicationCannotBeDeleted'),
    reason: 'Retrying', // the remembered home region was wrong, and is read again
    pace: 'soon',
    message: "Azure keeps the replica in the registry's home region while there are others.",
  },
  {
    name: 'not Premium, by the text of a sibling feature, whatever the code',
    error: arm(
      400,
      'ReplicationNotSupported',
      'Replications are not supported for the SKU Basic. For more information, please visit https://aka.ms/x',
    ),
    reason: 'SkuNotPremium',
    pace: 'terminal',
    message: 'The SKU of registry contoso does not allow replicas.',
  },
  {
    name: 'a region nobody knows: what was meant is suggested',
    error: arm(
      400,
      'LocationNotAvailableForResourceType',
      `The provided location 'japanest' is not available for resource type 'Microsoft.ContainerRegistry/registries/replications'. List of available regions for the resource type is ${regions}.`,
    ),
    reason: 'RegionUnavailable',
    pace: 'terminal',
    message: 'Azure offers no registry replicas in a region japanest; did you mean japaneast?',
  },
  {
    name: 'an unknown location and API version pair',
    error: arm(
      400,
      'NoRegisteredProviderFound',
      "No registered resource provider found for location 'japanest' and API version '2025-11-01' for type 'registries'. The supported api-versions are '2025-11-01'. The supported locations are 'eastus, japaneast'.",
    ),
    reason: 'RegionUnavailable',
    pace: 'terminal',
    message: 'Azure offers no registry replicas in a region japanest; did you mean japaneast?',
  },
  {
    name: 'an API version that a cloud does not have is not the fault of the region',
    error: arm(
      400,
      'NoRegisteredProviderFound',
      "No registered resource provider found for location 'japanest' and API version '2025-11-01' for type 'registries'. The supported api-versions are '2023-07-01'. The supported locations are 'eastus, japanest'.",
    ),
    reason: 'Rejected',
    pace: 'slow',
  },
  {
    name: 'no permission: action, scope and principal are named',
    error: arm(
      403,
      'AuthorizationFailed',
      `${principal} does not have authorization to perform action 'Microsoft.ContainerRegistry/registries/replications/write' over scope '/subscriptions/s/x' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    ),
    reason: 'Forbidden',
    pace: 'slow',
    message:
      "Azure forbids client c0ffee00-0000-0000-0000-000000000001 (object id c0ffee00-0000-0000-0000-000000000002), the operator's identity, the action Microsoft.ContainerRegistry/registries/replications/write on /subscriptions/s/x, or there is no such scope.",
  },
  {
    name: 'no permission on a linked scope: the missing action, not the granted one',
    error: arm(
      403,
      'LinkedAuthorizationFailed',
      `${principal} has permission to perform action 'a/write' on scope '/a'; however, it does not have permission to perform action(s) 'Microsoft.Network/privateEndpoints/privateLinkServiceProxies/write' on the linked scope(s) '/b'`,
    ),
    reason: 'Forbidden',
    pace: 'slow',
    message:
      "Azure forbids client c0ffee00-0000-0000-0000-000000000001 (object id c0ffee00-0000-0000-0000-000000000002), the operator's identity, the action Microsoft.Network/privateEndpoints/privateLinkServiceProxies/write on /b.",
  },
  {
    name: 'any other 403 of Azure',
    error: arm(403, 'Whatever', 'no'),
    reason: 'Forbidden',
    pace: 'slow',
    message: 'Azure forbids it: no.',
  },
  {
    name: 'a policy: the assignment is named from additionalInfo',
    error: arm(403, 'RequestDisallowedByPolicy', 'Resource was disallowed by policy.', {
      additionalInfo: [
        { type: 'PolicyViolation', info: { policyAssignmentDisplayName: 'EU only', policyAssignmentName: 'a1' } },
      ],
    }),
    reason: 'PolicyDenied',
    pace: 'slow',
    message: 'The policy assignment "EU only" denies it.',
  },
  {
    name: 'a policy: the assignment is named from the message',
    error: arm(
      403,
      'RequestDisallowedByPolicy',
      `Resource 'japaneast' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"Allowed locations","id":"/x"}}]'.`,
    ),
    reason: 'PolicyDenied',
    pace: 'slow',
    message: 'The policy assignment "Allowed locations" denies it.',
  },
  {
    name: 'a policy without a name',
    error: arm(403, 'RequestDisallowedByPolicy'),
    reason: 'PolicyDenied',
    pace: 'slow',
    message: 'An Azure policy denies it.',
  },
  {
    name: 'a policy that is called after deny assignments is a policy',
    error: arm(403, 'RequestDisallowedByPolicy', 'x', {
      additionalInfo: [{ type: 'PolicyViolation', info: { policyAssignmentDisplayName: 'No deny assignment' } }],
    }),
    reason: 'PolicyDenied',
    pace: 'slow',
    message: 'The policy assignment "No deny assignment" denies it.',
  },
  {
    name: 'a code with a stage in it is not about tags',
    error: arm(400, 'InvalidStage', 'x'),
    reason: 'Rejected',
    pace: 'slow',
  },
  {
    name: 'a lock: where it is',
    error: arm(
      409,
      'ScopeLocked',
      "The scope '/s/r' cannot perform delete operation because following scope(s) are locked: '/subscriptions/s/resourceGroups/registries'. Please remove the lock and try again.",
    ),
    reason: 'Locked',
    pace: 'slow',
    message: 'A lock forbids the change, it is on /subscriptions/s/resourceGroups/registries.',
  },
  {
    name: 'a missing registry',
    error: arm(404, 'ResourceNotFound', 'x'),
    reason: 'RegistryNotFound',
    pace: 'slow',
    message: 'There is no registry contoso in resource group registries.',
  },
  {
    name: 'a missing parent',
    error: arm(404, 'ParentResourceNotFound'),
    reason: 'RegistryNotFound',
    pace: 'slow',
    message: 'There is no registry contoso in resource group registries.',
  },
  {
    name: 'a missing group',
    error: arm(404, 'ResourceGroupNotFound'),
    reason: 'RegistryNotFound',
    pace: 'slow',
    message: `There is no resource group registries in subscription ${subscriptionId}.`,
  },
  {
    name: 'a missing subscription',
    error: arm(404, 'SubscriptionNotFound'),
    reason: 'RegistryNotFound',
    pace: 'slow',
    message: `There is no subscription ${subscriptionId}, or the operator's identity has no role in it.`,
  },
  {
    name: 'a 404 of another kind is no missing registry',
    error: arm(404, 'InvalidResourceType', 'The resource type could not be found.'),
    reason: 'Rejected',
    pace: 'slow',
  },
  {
    name: 'NotFound with another status is no missing registry',
    error: arm(400, 'NotFound', 'No such key vault.'),
    reason: 'Rejected',
    pace: 'slow',
  },
  {
    name: 'a 404 without a code comes from a proxy',
    error: answer(404, '<h1>Not Found</h1>'),
    reason: 'Retrying',
    pace: 'slow',
    code: 'BadAnswer',
  },
  {
    name: 'a 403 page comes from a proxy',
    error: answer(403, '<h1>Blocked</h1>'),
    reason: 'Retrying',
    pace: 'slow',
    code: 'BadAnswer',
  },
  {
    name: 'a provider that is not registered',
    error: arm(409, 'MissingSubscriptionRegistration'),
    reason: 'ProviderNotRegistered',
    pace: 'slow',
  },
  {
    name: 'a running operation',
    error: arm(409, 'Conflict', 'Another operation is in progress.'),
    reason: 'Retrying',
    pace: 'soon',
    code: 'Conflict',
  },
  { name: 'a 409 without a body', error: answer(409, ''), reason: 'Retrying', pace: 'soon', code: '409' },
  {
    name: 'a name taken in another region',
    error: arm(409, 'InvalidResourceLocation'),
    reason: 'InvalidSpec',
    pace: 'slow',
    message: 'The registry has a replica named japanest in another region already.',
  },
  {
    name: 'a disabled subscription',
    error: arm(409, 'ReadOnlyDisabledSubscription'),
    reason: 'Rejected',
    pace: 'slow',
  },
  {
    name: 'a quota',
    error: arm(409, 'QuotaExceeded', 'too many'),
    reason: 'QuotaExceeded',
    pace: 'slow',
    message: 'Azure answered QuotaExceeded: too many.',
  },
  {
    name: 'a bad name',
    error: arm(400, 'InvalidResourceName', "The resource name 'x!' is invalid."),
    reason: 'InvalidSpec',
    pace: 'terminal',
  },
  {
    name: 'a malformed subscription id',
    error: arm(400, 'InvalidSubscriptionId', 'malformed'),
    reason: 'InvalidSpec',
    pace: 'terminal',
  },
  {
    name: 'an expired token: the message has no times in it',
    error: arm(
      401,
      'ExpiredAuthenticationToken',
      "The access token expiry UTC time '11/22/2026 9:00:00 AM' is earlier than current UTC time '11/22/2026 10:00:00 AM'.",
    ),
    reason: 'AuthenticationFailed',
    pace: 'slow',
    message: "Azure rejects the access token of the operator's identity (ExpiredAuthenticationToken).",
  },
  { name: 'a 401 without a body', error: answer(401, ''), reason: 'AuthenticationFailed', pace: 'slow', code: '401' },
  {
    name: 'the wrong tenant',
    error: arm(401, 'InvalidAuthenticationTokenTenant', 'x'),
    reason: 'AuthenticationFailed',
    pace: 'slow',
    message: `Subscription ${subscriptionId} belongs to another tenant than the operator's identity.`,
  },
  {
    name: 'throttled',
    error: arm(429, 'SubscriptionRequestsThrottled', 'Number of requests for subscription exceeded the limit of 200'),
    reason: 'Throttled',
    pace: 'throttled',
    message: `Azure limits the requests to subscription ${subscriptionId} (SubscriptionRequestsThrottled).`,
  },
  { name: 'throttled with nothing said', error: answer(429, ''), reason: 'Throttled', pace: 'throttled', code: '429' },
  {
    name: 'a broken Azure',
    error: arm(500, 'InternalServerError', 'Oops. CorrelationId: 3fa85f64-5717-4562-b3fc-2c963f66afa6'),
    reason: 'Retrying',
    pace: 'soon',
    message: 'Azure is in trouble. Azure answered InternalServerError: Oops.',
  },
  {
    name: 'a gateway’s page',
    error: answer(502, '<html>Bad Gateway</html>'),
    reason: 'Retrying',
    pace: 'soon',
    code: '502',
    message: 'Azure is in trouble, or something in front of it: answer 502.',
  },
  { name: 'a request timeout', error: answer(408, ''), reason: 'Retrying', pace: 'soon', code: '408' },
  {
    name: 'a code nobody knows',
    error: arm(400, 'StrangeConflict', 'Something strange is on.'),
    reason: 'Rejected',
    pace: 'slow',
    code: 'StrangeConflict',
    message: 'Azure answered StrangeConflict: Something strange is on.',
  },
  {
    name: 'a code that JavaScript knows',
    error: arm(400, 'constructor', 'x'),
    reason: 'Rejected',
    pace: 'slow',
    code: 'constructor',
  },
  {
    name: 'a provider’s error as JSON text inside the message',
    error: arm(409, 'Conflict', JSON.stringify({ error: { code: 'ScopeLocked', message: "locked: '/x'" } })),
    reason: 'Locked',
    pace: 'slow',
    code: 'ScopeLocked',
  },
  {
    name: 'an error two envelopes deep',
    error: arm(409, 'DeploymentFailed', 'See details', {
      details: [
        { code: 'BadRequest', message: JSON.stringify({ error: { code: 'ResourceGroupNotFound', message: 'x' } }) },
      ],
    }),
    reason: 'RegistryNotFound',
    pace: 'slow',
    code: 'ResourceGroupNotFound',
  },
  {
    name: 'an operation that failed, as the poller puts it',
    error: new Error('The long-running operation has failed. ScopeLocked. The scope is locked.'),
    reason: 'Locked',
    pace: 'slow',
    code: 'ScopeLocked',
  },
  {
    name: 'an operation that failed without a word',
    error: new Error('The long-running operation has failed. '),
    reason: 'Retrying',
    pace: 'slow',
    code: 'OperationFailed',
  },
  {
    name: 'the SDK stumbles over a missing part',
    error: new TypeError("Cannot read properties of undefined (reading 'sku')"),
    reason: 'Retrying',
    pace: 'soon',
    code: 'BadAnswer',
  },
  {
    name: 'no DNS',
    error: lost('ENOTFOUND'),
    reason: 'Retrying',
    pace: 'soon',
    code: 'ENOTFOUND',
    message: 'management.azure.com has no address in DNS (ENOTFOUND).',
  },
  { name: 'nobody listens', error: lost('ECONNREFUSED'), reason: 'Retrying', pace: 'soon', code: 'ECONNREFUSED' },
  { name: 'the connection breaks', error: lost('ECONNRESET'), reason: 'Retrying', pace: 'soon', code: 'ECONNRESET' },
  {
    name: 'a certificate that is not trusted',
    error: lost('SELF_SIGNED_CERT_IN_CHAIN'),
    reason: 'Retrying',
    pace: 'slow',
    message: 'The certificate of management.azure.com is not trusted (SELF_SIGNED_CERT_IN_CHAIN).',
  },
  {
    name: 'no answer in time',
    error: Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' }),
    reason: 'Retrying',
    pace: 'soon',
    code: 'ETIMEDOUT',
  },
  {
    name: 'a credential that is not there',
    error: new CredentialUnavailableError('nothing configured'),
    reason: 'AuthenticationFailed',
    pace: 'slow',
  },
  {
    name: 'a refused client secret, by any credential',
    error: new AuthenticationRequiredError({
      scopes: [],
      message: 'invalid_client: AADSTS7000215: Invalid client secret provided. Trace ID: x',
    }),
    reason: 'AuthenticationFailed',
    pace: 'slow',
    code: 'AADSTS7000215',
  },
  {
    name: 'a token that took too long',
    error: new TokenError(new DOMException('x', 'TimeoutError'), undefined),
    reason: 'Retrying',
    pace: 'soon',
    code: 'ETIMEDOUT',
  },
];

function paceOf(failure: Failure): string {
  return failure.kind === 'retryable' ? failure.pace : failure.kind;
}

for (const { name, error, reason, pace, code, message } of cases) {
  test(name, () => {
    const failure = classify(error, subject, now);
    expect({ reason: failure.reason, pace: paceOf(failure) }).toEqual({ reason, pace });
    if (code !== undefined) expect(failure.code).toBe(code);
    if (message !== undefined) expect(failure.message).toBe(message);
    expect(failure.message).toMatch(/[.?…]$/); // a sentence: advice follows
  });
}

describe('when Azure names the moment', () => {
  const headers: Record<string, string | undefined> = {
    '17': '2026-11-22T10:00:17.000Z',
    'Sun, 22 Nov 2026 10:01:00 GMT': '2026-11-22T10:01:00.000Z',
    'Sun, 22 Nov 2026 09:00:00 GMT': '2026-11-22T10:00:00.000Z', // past: now
    '999999999999': '2026-11-22T11:00:00.000Z', // an hour at most
    later: undefined,
    '': undefined,
  };
  for (const [header, until] of Object.entries(headers)) {
    for (const status of [400, 401, 403, 404, 409, 429, 500, 503]) {
      test(`${status} with Retry-After "${header}"`, () => {
        const failure = classify(
          answer(status, { error: { code: 'X', message: 'x' } }, { 'retry-after': header }),
          subject,
          now,
        );
        expect(failure.kind).toBe(status === 429 ? 'throttled' : 'retryable');
        expect(failure.until?.toISOString()).toBe(until);
      });
    }
  }
});

test('what is no answer of Azure is a bug and thrown', () => {
  const bug = new Error('a bug');
  expect(() => classify(bug, subject, now)).toThrow(bug);
});
