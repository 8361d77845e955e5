import type { EmulatorControl } from './control.ts';
import type { FaultEffect } from './fault-rules.ts';
import { KINDS } from './route.ts';
import { HABITS } from './settings.ts';
import { listOf, object, oneOf, problemWith, type Shape } from './shapes.ts';

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
const replicas = listOf(object({ location: 'text' }, replica));
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
      subnets: listOf(object({ name: 'text', prefixLength: 'number', taken: 'number' })),
    },
    { subscriptionId: 'text' },
  ),
);
const registry = object(
  { name: 'text', resourceGroup: 'text', location: 'text' },
  {
    subscriptionId: 'text',
    sku: oneOf('Basic', 'Standard', 'Premium'),
    tags: 'tags',
    zoneRedundancy: switched,
    replicas,
    features,
  },
);
const app = object(
  { clientId: 'text' },
  {
    objectId: 'text',
    tenantId: 'text',
    displayName: 'text',
    secret: 'text',
    certificate: 'text',
    federation: 'anything',
    managedIdentity: 'boolean',
  },
);
const roles = listOf(object({ clientId: 'text', scope: 'text', actions: listOf('text') }));

/** What --world takes. */
export const WORLD: Shape = object(
  {},
  {
    cloud: oneOf('AzurePublic', 'AzureChinaCloud', 'AzureUSGovernment'),
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

/** What each effect is made of, beside its kind. */
const EFFECTS = {
  respond: object({ status: 'number', code: 'text' }, { message: 'text', retryAfterSeconds: 'number' }),
  throttle: object({}, { retryAfterSeconds: 'number' }),
  policy: object({}, { assignment: 'text' }),
  lock: object({}, { level: oneOf('CanNotDelete', 'ReadOnly') }),
  deny: object({}, { action: 'text' }),
  outage: object({}),
  latency: object({ ms: 'number' }),
  reset: object({}, { late: 'boolean' }),
  body: object({ form: oneOf('truncated', 'empty', 'braces', 'huge', 'html') }, { status: 'number' }),
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
  listOmits: object({ region: 'text' }),
  listMisreports: object({ region: 'text' }, { provisioningState: 'text', displayStatus: 'text', tags: 'tags' }),
  listShuffled: object({}, { seed: 'number' }),
  deletePollForbidden: object({}),
  operationHidden: object({ ms: 'number' }),
  createRefused: object({ ms: 'number' }),
} as const satisfies { readonly [K in FaultEffect['kind']]: Shape };

/** The kinds of effect, in the order of the help. */
export const EFFECT_KINDS: readonly string[] = Object.keys(EFFECTS);

const rule = object(
  { effect: 'anything' },
  {
    match: object({}, { verb, kind, registry: 'text', region: 'text', homeRegion: 'text' }),
    times: 'number',
    after: 'number',
    forMs: 'number',
    afterWriteMs: 'number',
    probability: 'number',
  },
);

/** The argument of each control function; undefined where there is none. */
const ARGUMENTS: { readonly [K in keyof EmulatorControl]: Shape | undefined } = {
  state: undefined,
  setState: 'anything',
  counters: undefined,
  resetCounters: undefined,
  journal: object({}, { verb, kind, registry: 'text', region: 'text' }),
  clearJournal: undefined,
  addFault: rule,
  faults: undefined,
  clearFaults: 'text',
  replicas: 'text',
  createReplica: object({ registry: 'text', location: 'text' }, replica),
  deleteReplica: object({ registry: 'text', region: 'text' }),
  alterReplica: object(
    { registry: 'text', region: 'text' },
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
  recreateRegistry: object({ registry: 'text', location: 'text' }, { zoneRedundancy: switched, replicas }),
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
      jitter: 'number',
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
  if (shape === undefined || (argument === undefined && OPTIONAL.has(name))) return undefined;
  const problem = problemWith(argument, shape, name);
  return (
    problem ?? (name === 'addFault' ? effectProblem((argument as { readonly effect: unknown }).effect) : undefined)
  );
}

function effectProblem(effect: unknown): string | undefined {
  const { kind: given, ...members } = (typeof effect === 'object' && effect !== null ? effect : {}) as Readonly<
    Record<string, unknown>
  >;
  if (typeof given !== 'string' || !Object.hasOwn(EFFECTS, given))
    return given === undefined
      ? `effect lacks kind: there is ${EFFECT_KINDS.join(', ')}`
      : `unknown effect ${JSON.stringify(given)}: there is ${EFFECT_KINDS.join(', ')}`;
  return problemWith(members, EFFECTS[given as FaultEffect['kind']], `effect ${given}`);
}
