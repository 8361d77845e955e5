import type { EmulatorControl } from './control.ts';
import type { FaultEffect } from './fault-rules.ts';
import { KINDS } from './route.ts';
import { HABITS } from './settings.ts';
import { listOf, object, oneOf, oneOrMore, orNull, problemWith, type Shape, shown } from './shapes.ts';

const switched = oneOf('Enabled', 'Disabled');
const state = oneOf('Succeeded', 'Failed', 'Canceled');
const verb = oneOf('GET', 'LIST', 'PUT', 'PATCH', 'DELETE', 'POST', 'OTHER');
const kind = oneOf(...KINDS);
const replica = {
  name: 'text',
  tags: 'tags',
  regionEndpointEnabled: 'boolean',
  zoneRedundancy: switched,
  owner: 'text',
} as const;
const replicas = listOf(object({ location: 'region' }, replica));
const features = object(
  {},
  {
    softDelete: 'boolean',
    contentTrust: 'boolean',
    dataEndpoints: 'boolean',
    regionalEndpoints: 'boolean',
    privateEndpoints: listOf(
      object(
        { name: 'text', network: 'text', subnet: 'text' },
        { resourceGroup: 'text', status: oneOf('Approved', 'Pending', 'Rejected', 'Disconnected') },
      ),
    ),
  },
);
const networks = listOf(
  object(
    {
      name: 'text',
      resourceGroup: 'text',
      subnets: listOf(object({ name: 'text', prefixLength: 'count', taken: 'count' })),
    },
    { subscriptionId: 'text' },
  ),
);
const registry = object(
  { name: 'text', resourceGroup: 'text', location: 'region' },
  {
    subscriptionId: 'text',
    sku: oneOf('Basic', 'Standard', 'Premium'),
    tags: 'tags',
    zoneRedundancy: switched,
    replicas,
    features,
  },
);
const federation = object(
  { issuer: 'text', subject: 'text', jwks: object({ keys: listOf('anything') }) },
  { audience: 'text' },
);
const app = object(
  { clientId: 'text' },
  {
    objectId: 'text',
    tenantId: 'text',
    displayName: 'text',
    secret: 'text',
    certificate: 'text',
    federation: oneOrMore(federation),
    managedIdentity: 'boolean',
  },
);
const cloud = oneOf('AzurePublic', 'AzureChinaCloud', 'AzureUSGovernment');
const roles = listOf(object({ clientId: 'text', scope: 'text', actions: listOf('text') }));

/** What --world takes. */
export const WORLD: Shape = object(
  {},
  {
    cloud,
    tenantId: 'text',
    subscriptions: listOf(
      object({ id: 'text' }, { displayName: 'text', tenantId: 'text', resourceGroups: listOf('text') }),
    ),
    registries: listOf(registry),
    apps: listOf(app),
    roles,
    networks,
  },
);

const values = { tags: 'tags', regionEndpointEnabled: 'boolean' } as const;
const operation = object(
  {
    id: 'text',
    kind: oneOf('create', 'update', 'delete'),
    subscriptionId: 'text',
    registry: 'text',
    replica: 'text',
    location: 'text',
    startedAt: 'number',
    endsAt: orNull('number'),
    outcome: object({ kind: oneOf('succeeds', 'fails', 'vanishes', 'canceled') }, { code: 'text', message: 'text' }),
  },
  { before: object(values), leaves: state, keeps: 'boolean', applied: 'boolean' },
);
const by = oneOf('User', 'Application');
const replicaHeld = object(
  {
    ...values,
    name: 'text',
    location: 'region',
    zoneRedundancy: switched,
    createdBy: 'text',
    createdByType: by,
    createdAt: 'number',
    modifiedBy: 'text',
    modifiedByType: by,
    modifiedAt: 'number',
    settled: state,
    statusAt: 'number',
    readyAt: orNull('number'),
  },
  {
    displayStatus: 'text',
    message: 'text',
    operation,
    failing: object({ at: 'number', state: oneOf('Failed', 'Canceled'), message: 'text' }),
  },
);
const registryHeld = object(
  {
    name: 'text',
    resourceGroup: 'text',
    subscriptionId: 'text',
    location: 'region',
    sku: oneOf('Basic', 'Standard', 'Premium'),
    tags: 'tags',
    zoneRedundancy: switched,
    createdAt: 'number',
    replicas: listOf(replicaHeld),
    removed: listOf(object({ replica: replicaHeld, at: 'number' })),
  },
  { homeDueAt: 'number', features },
);

/** What setState takes and state gives: all that Azure holds. A state file has the same. */
export const STATE: Shape = object(
  {
    cloud,
    subscriptions: listOf(
      object({ id: 'text', displayName: 'text', tenantId: 'text', resourceGroups: listOf('text') }),
    ),
    apps: listOf(app),
    roles,
    registries: listOf(registryHeld),
    operations: listOf(operation),
  },
  { networks },
);

/** What each effect is made of, beside its kind. */
const EFFECTS = {
  respond: object({ status: 'status', code: 'text' }, { message: 'text', retryAfterSeconds: 'count' }),
  throttle: object({}, { retryAfterSeconds: 'count' }),
  policy: object({}, { assignment: 'text' }),
  lock: object({}, { level: oneOf('CanNotDelete', 'ReadOnly') }),
  deny: object({}, { action: 'text' }),
  outage: object({}),
  latency: object({ ms: 'number' }),
  reset: object({}, { late: 'boolean' }),
  body: object({ form: oneOf('truncated', 'empty', 'braces', 'huge', 'html') }, { status: 'status' }),
  operationFails: object(
    {},
    { code: 'text', message: 'text', leaves: oneOf('Failed', 'Canceled', 'asItWas'), keeps: 'boolean' },
  ),
  failsLater: object({ afterMs: 'number' }, { provisioningState: oneOf('Failed', 'Canceled'), message: 'text' }),
  vanish: object({}, { afterMs: 'number' }),
  zoneRedundancyIs: object({ value: switched }),
  stuckCreating: object({}),
  stuckSyncing: object({}),
  stuckDeleting: object({}),
  deleteIgnored: object({}),
  notFound: object({}, { form: oneOf('ResourceNotFound', 'ResourceGroupNotFound', 'SubscriptionNotFound', 'empty') }),
  policyModifies: object({}, { tags: 'tags', regionEndpointEnabled: 'boolean' }),
  hold: object({}),
  listStale: object({ ms: 'number' }),
  listOmits: object({ region: 'region' }),
  listMisreports: object({ region: 'region' }, { provisioningState: 'text', displayStatus: 'text', tags: 'tags' }),
  listShuffled: object({}, { seed: 'count' }),
  graphIgnored: object({}),
  graphUnprocessable: object({}),
  deletePollForbidden: object({}),
  operationHidden: object({ ms: 'number' }),
  createRefused: object({ ms: 'number' }),
} as const satisfies { readonly [K in FaultEffect['kind']]: Shape };

/** The kinds of effect, in the order of the help. */
export const EFFECT_KINDS: readonly string[] = Object.keys(EFFECTS);

const rule = object(
  { effect: 'anything' },
  {
    match: object({}, { verb, kind, registry: 'text', region: 'region', homeRegion: 'region', apiVersion: 'text' }),
    times: 'count',
    after: 'count',
    forMs: 'number',
    afterWriteMs: 'number',
    probability: 'share',
  },
);

/** The argument of each control function; undefined where there is none. */
const ARGUMENTS: { readonly [K in keyof EmulatorControl]: Shape | undefined } = {
  state: undefined,
  setState: STATE,
  counters: undefined,
  resetCounters: undefined,
  journal: object({}, { verb, kind, registry: 'text', region: 'region' }),
  clearJournal: undefined,
  addFault: rule,
  faults: undefined,
  clearFaults: 'text',
  replicas: 'text',
  createReplica: object({ registry: 'text', location: 'region' }, replica),
  deleteReplica: object({ registry: 'text', region: 'region' }),
  alterReplica: object(
    { registry: 'text', region: 'region' },
    {
      tags: 'tags',
      regionEndpointEnabled: 'boolean',
      provisioningState: state,
      displayStatus: 'text',
      message: 'text',
      failsAfterMs: 'number',
    },
  ),
  putRegistry: registry,
  alterRegistry: object({ registry: 'text' }, { sku: oneOf('Basic', 'Standard', 'Premium'), tags: 'tags', features }),
  recreateRegistry: object({ registry: 'text', location: 'region' }, { zoneRedundancy: switched, replicas }),
  deleteRegistry: 'text',
  deleteResourceGroup: object({ subscriptionId: 'text', name: 'text' }),
  deleteSubscription: 'text',
  revokeTokens: oneOf('challenge', 'ExpiredAuthenticationToken', 'InvalidAuthenticationToken'),
  putApp: app,
  setRoles: roles,
  setTimes: object(
    {},
    {
      operationMs: 'number',
      syncMs: 'number',
      deleteMs: 'number',
      updateMs: 'number',
      homeDelayMs: 'number',
      latencyMs: 'number',
      jitter: 'share',
    },
  ),
  setResourceGraph: object(
    {},
    {
      registry: 'text',
      ageMs: 'number',
      ageUpToMs: 'number',
      frozen: 'boolean',
      readsPerMinute: 'count',
      queriesPer5Seconds: 'count',
    },
  ),
  setHabits: object(
    {},
    {
      tagPatch: oneOf(...HABITS.tagPatch),
      patchOfFailed: oneOf(...HABITS.patchOfFailed),
      putOfFailed: oneOf(...HABITS.putOfFailed),
    },
  ),
};
const OPTIONAL: ReadonlySet<keyof EmulatorControl> = new Set(['journal', 'clearFaults', 'revokeTokens']);

/** What is wrong with the argument of a control function, in words that say what it takes. */
export function argumentProblem(name: keyof EmulatorControl, argument: unknown): string | undefined {
  const shape = ARGUMENTS[name];
  if (shape === undefined) return argument === undefined ? undefined : `${name} takes no argument`;
  if (argument === undefined) return OPTIONAL.has(name) ? undefined : `${name} needs an argument: ${shown(shape)}`;
  const problem = problemWith(argument, shape, name);
  return (
    problem ?? (name === 'addFault' ? effectProblem((argument as { readonly effect: unknown }).effect) : undefined)
  );
}

/** What a control function takes, in words. */
export function argumentOf(name: keyof EmulatorControl): string {
  const shape = ARGUMENTS[name];
  return shape === undefined ? `${name} takes no argument` : `${name} takes ${shown(shape)}`;
}

function effectProblem(effect: unknown): string | undefined {
  const kinds = EFFECT_KINDS.join(', ');
  if (typeof effect !== 'object' || effect === null || Array.isArray(effect))
    return `addFault.effect must be an object with a kind: there is ${kinds}`;
  const { kind: given, ...members } = effect as Readonly<Record<string, unknown>>;
  if (given === undefined) return `effect lacks kind: there is ${kinds}`;
  if (typeof given !== 'string' || !Object.hasOwn(EFFECTS, given))
    return `unknown effect ${JSON.stringify(given)}: there is ${kinds}`;
  return problemWith(members, EFFECTS[given as FaultEffect['kind']], `effect ${given}`);
}
