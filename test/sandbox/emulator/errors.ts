import { sevenDigits } from './bodies.ts';
import { uuidFrom } from './seed.ts';

/** An answer: `body` is sent as JSON; without one the answer is empty. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** ARM's error body. */
export function fail(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, headers, body: { error: { code, message } } };
}

/** The errors of ARM and of Container Registry by case. Where no source confirmed a code, the line says so. */
export const ERRORS = {
  notFound: (type: string, group: string) =>
    fail(
      404,
      'ResourceNotFound',
      `The Resource '${type}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
    ),
  parentNotFound: (parent: string) =>
    fail(
      404,
      'ParentResourceNotFound',
      `Can not perform requested operation on nested resource. Parent resource '${parent}' not found.`,
    ),
  groupNotFound: (group: string) => fail(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`),
  subscriptionNotFound: (id: string) =>
    fail(404, 'SubscriptionNotFound', `The subscription '${id}' could not be found.`),
  invalidSubscription: (id: string) =>
    fail(400, 'InvalidSubscriptionId', `The provided subscription identifier '${id}' is malformed or invalid.`),
  apiVersionMissing: () =>
    fail(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    ),
  apiVersionUnknown: (version: string, type: string, versions: string, locations: string) =>
    fail(
      400,
      'NoRegisteredProviderFound',
      `No registered resource provider found for location '' and API version '${version}' for type '${type}'. The supported api-versions are '${versions}'. The supported locations are '${locations}'.`,
    ),
  typeUnknown: (type: string) =>
    fail(
      404,
      'InvalidResourceType',
      `The resource type '${type}' could not be found in the namespace 'Microsoft.ContainerRegistry'.`,
    ),
  regionUnknown: (location: string, regions: string) =>
    fail(
      400,
      'LocationNotAvailableForResourceType',
      `The provided location '${location}' is not available for resource type 'Microsoft.ContainerRegistry/registries/replications'. List of available regions for the resource type is '${regions}'.`,
    ),
  locationMissing: () => fail(400, 'LocationRequired', 'The location property is required for this definition.'),
  locationChanged: (name: string, there: string, asked: string, group: string) =>
    fail(
      409,
      'InvalidResourceLocation',
      `The resource '${name}' already exists in location '${there}' in resource group '${group}'. A resource with the same name cannot be created in location '${asked}'. Please select a new resource name.`,
    ),
  // Code unverified.
  regionTaken: (registry: string, location: string, name: string) =>
    fail(
      409,
      'ReplicationAlreadyExists',
      `The registry '${registry}' already has a replication '${name}' in location '${location}'.`,
    ),
  // Code unverified: the update is known to be refused.
  zoneRedundancyChanged: (name: string) =>
    fail(
      400,
      'ZoneRedundancyUpdateNotSupported',
      `The zone redundancy of the replication '${name}' cannot be updated. Delete and create the replication instead.`,
    ),
  // Code unverified: modelled on DisablingPublicNetworkAccessNotSupported.
  notPremium: (registry: string, sku: string) =>
    fail(
      400,
      'ReplicationNotSupported',
      `Replications of the registry ${registry} are not supported for the SKU ${sku}. For more information, please visit https://aka.ms/acr/skus`,
    ),
  // Code unverified.
  badName: (name: string) =>
    fail(
      400,
      'InvalidResourceName',
      `Resource names must be alphanumeric and between 5 and 50 characters long. The name '${name}' is invalid.`,
    ),
  invalidContent: (why: string) =>
    fail(400, 'InvalidRequestContent', `The request content was invalid and could not be deserialized: '${why}'.`),
  // Code unverified: 409 is what the contract of ARM asks for.
  busy: (name: string, state: string) =>
    fail(
      409,
      'AnotherOperationInProgress',
      `The replication '${name}' is ${state}. Another operation on it is in progress; try again when it has ended.`,
    ),
  // Status unverified.
  homeNotDeletable: (registry: string, location: string) =>
    fail(
      400,
      'HomeReplicationCannotBeDeleted',
      `The replication in the home region '${location}' of the registry '${registry}' cannot be deleted while other replications exist.`,
    ),
  forbidden: (client: string, object: string, action: string, scope: string) =>
    fail(
      403,
      'AuthorizationFailed',
      `The client '${client}' with object id '${object}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    ),
  // Code unverified: a signed URL that was tampered with.
  badSignature: () => fail(403, 'InvalidOperationUrl', 'The signature of the operation URL is missing or not valid.'),
  operationUnknown: (id: string) => fail(404, 'NotFound', `The operation '${id}' was not found.`),
  throttled: (retryAfterSeconds: number | undefined, subscription: string) =>
    fail(
      429,
      'SubscriptionRequestsThrottled',
      `Number of requests for subscription '${subscription}' and operation exceeded the server's limit. Please try again${retryAfterSeconds === undefined ? ' later' : ` after '${retryAfterSeconds}' seconds`}.`,
      retryAfterSeconds === undefined ? {} : { 'retry-after': `${retryAfterSeconds}` },
    ),
  methodNotAllowed: (method: string) =>
    fail(405, 'MethodNotAllowed', `The HTTP method '${method}' is not supported at this scope.`),
} as const;

/** Resource Graph's error body, which says in `details` what it is about. [azure-cli-extensions#3325, grafana#35225] */
function failGraph(
  status: number,
  code: string,
  { now }: { readonly now: number },
  details: readonly object[],
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const id = uuidFrom(`${now} ${Math.random()}`);
  const message = `Please provide below info when asking for support: timestamp = ${sevenDigits(now)}, correlationId = ${id}.`;
  return { status, headers, body: { error: { code, message, details } } };
}

/** The errors of Resource Graph by case. */
export const GRAPH_ERRORS = {
  badRequest: (call: { readonly now: number }, code: string, message: string) =>
    failGraph(400, 'BadRequest', call, [{ code, message }]),
  /** [grafana#35225, aztfexport#485] */
  invalidQuery: (
    call: { readonly now: number },
    { line, position, token }: { readonly line: number; readonly position: number; readonly token: string },
  ) =>
    failGraph(400, 'BadRequest', call, [
      {
        code: 'InvalidQuery',
        message:
          'Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.',
      },
      { code: 'ParserFailure', message: 'ParserFailure', line, characterPositionInLine: position, token },
    ]),
  /** [azure-sdk-for-java#29924] */
  accessDenied: (call: { readonly now: number }) =>
    failGraph(403, 'AccessDenied', call, [
      {
        code: 'AccessDenied',
        message: 'Access is denied to the requested resource. The user might not have enough permission.',
      },
    ]),
  /** [azqr#712] */
  unexpected: (call: { readonly now: number }) =>
    failGraph(500, 'InternalServerError', call, [
      { code: 'InternalServerError', message: 'An unexpected query execution error occurred.' },
    ]),
  /** [azure-cli-extensions#3325] With Retry-After, as was seen on the wire in 2023. */
  throttled: (call: { readonly now: number }, retryAfterSeconds: number) =>
    failGraph(
      429,
      'RateLimiting',
      call,
      [
        {
          code: 'RateLimiting',
          message:
            'Client application has been throttled and should not attempt to repeat the request until an amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling for help.',
        },
      ],
      { 'retry-after': `${retryAfterSeconds}` },
    ),
  /** Resource Graph knows that the resource is there and nothing more: a permanent error. Code unverified. */
  unprocessable: (call: { readonly now: number }) =>
    failGraph(422, 'UnprocessableEntity', call, [
      { code: 'UnprocessableEntity', message: 'The resource cannot be served by Azure Resource Graph.' },
    ]),
} as const;
