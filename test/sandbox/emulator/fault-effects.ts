import type { ReplicationBody } from './bodies.ts';
import type { Call } from './call.ts';
import { ERRORS, fail, GRAPH_ERRORS, type Reply } from './errors.ts';
import type { FaultEffect } from './fault-rules.ts';
import { normalise, type Operation, type Registry, type Replica, type Verb } from './model.ts';
import { randomFrom, shuffled } from './random.ts';
import type { ReplicationRequest } from './replication-request.ts';
import type { Kind } from './route.ts';

/** A way to spoil an answer on its way out. */
export type Wire =
  | { readonly form: 'reset' | 'truncated' | 'empty' | 'braces' | 'huge' }
  | { readonly form: 'html'; readonly status: number };

/** What an effect may look at beside the call. */
export interface Scene {
  /** Action and scope of the call, and who asks; undefined until the caller is known. */
  readonly action?: string;
  readonly scope?: string;
  readonly client?: readonly [clientId: string, objectId: string];
  readonly registry?: Registry;
  readonly operation?: Operation;
  /** How often the rule struck before. */
  readonly struck: number;
}

/** An operation about to start. `undo` runs when the fault is cleared. */
export interface Start {
  readonly operation: Operation;
  readonly replica: Replica;
  readonly undo: (action: (now: number) => void) => void;
}

export interface Spec<E> {
  /** Says which calls the effect can touch. Default: all of ARM. */
  readonly verbs?: readonly Verb[];
  readonly kinds?: readonly Kind[];
  readonly reply?: (effect: E, call: Call, scene: Scene) => Reply | undefined;
  readonly delayMs?: (effect: E) => number;
  readonly wire?: (effect: E) => Wire;
  /** Whether the request is carried out before the answer is spoiled. */
  readonly late?: (effect: E) => boolean;
  readonly start?: (effect: E, start: Start) => void;
  /** Told of a replica that serves from a moment on. */
  readonly serves?: (effect: E, replica: Replica, from: number) => void;
  /** What a PUT or PATCH is taken to ask for; `replica` is there already. */
  readonly modify?: (effect: E, request: ReplicationRequest, replica: Replica | undefined) => ReplicationRequest;
  /** The call waits until the rule is cleared. */
  readonly holds?: true;
  /** The provider answers a call that asked for Resource Graph. */
  readonly ignoresGraph?: true;
  readonly list?: (
    effect: E,
    items: readonly ReplicationBody[],
    at: (ago: number) => readonly ReplicationBody[],
    struck: number,
  ) => readonly ReplicationBody[];
}

type Table = { readonly [K in FaultEffect['kind']]: Spec<Extract<FaultEffect, { kind: K }>> };

type Tags = NonNullable<ReplicationRequest['tags']>;

const WRITES = ['PUT', 'PATCH'] as const;
const CHANGES = ['PUT', 'PATCH', 'DELETE'] as const;
const CREATE = { verbs: ['PUT'], kinds: ['replication'] } as const;
const DELETE = { verbs: ['DELETE'], kinds: ['replication'] } as const;
/** What LIST says, and what Resource Graph says that it has from LIST: `match.kind` chooses. */
const LIST = { kinds: ['replications', 'replicationsGraph', 'replicationGraph', 'resourceGraphQuery'] } as const;
const GRAPH = { kinds: ['registryGraph', 'registriesGraph', 'replicationGraph', 'replicationsGraph'] } as const;
const ROLLED_BACK =
  'The private endpoint of the registry needs an IP address in the new region, and its subnet has no free IP address.';

export const EFFECTS: Table = {
  respond: {
    reply: (e) =>
      fail(
        e.status,
        e.code,
        e.message ?? `Injected ${e.code}.`,
        e.retryAfterSeconds === undefined ? {} : { 'retry-after': `${e.retryAfterSeconds}` },
      ),
  },
  throttle: { reply: (e, call) => ERRORS.throttled(e.retryAfterSeconds, call.names.subscription ?? '') },
  policy: {
    verbs: WRITES,
    reply: (e, call) => disallowed(e.assignment ?? 'allowed-locations', call),
  },
  lock: {
    verbs: CHANGES,
    reply: (e, call, { scope = call.path }) => {
      const operation = call.verb === 'DELETE' ? 'delete' : 'write';
      if (operation === 'write' && e.level !== 'ReadOnly') return undefined;
      const parent = scope.replace(/\/replications\/[^/]*$/i, '');
      return fail(
        409,
        'ScopeLocked',
        `The scope '${scope}' cannot perform ${operation} operation because following scope(s) are locked: '${parent}'. Please remove the lock and try again.`,
      );
    },
  },
  deny: {
    reply: (e, _call, { action = '', scope = '', client = ['', ''] }) =>
      e.action === undefined || e.action.toLowerCase() === action.toLowerCase()
        ? ERRORS.forbidden(...client, action, scope)
        : undefined,
  },
  outage: {
    kinds: ['registry', 'replication', 'replications', 'usages', 'operationStatus', 'operationResult'],
    reply: () => fail(503, 'ServiceUnavailable', 'The service is unavailable in the home region of the registry.'),
  },
  latency: { delayMs: (e) => e.ms },
  reset: { wire: () => ({ form: 'reset' }), late: (e) => e.late ?? false },
  body: {
    wire: (e) => (e.form === 'html' ? { form: e.form, status: e.status ?? 502 } : { form: e.form }),
    late: (e) => e.form !== 'html',
  },
  operationFails: {
    verbs: CHANGES,
    kinds: ['replication'],
    start: (e, { operation, replica }) => {
      const { code = 'InternalServerError', message = 'The operation failed with an internal error.' } = e;
      operation.outcome = e.leaves === 'Canceled' ? { kind: 'canceled' } : { kind: 'fails', code, message };
      if (e.leaves === 'asItWas') operation.leaves = replica.settled;
      if (e.keeps === true) operation.keeps = true;
    },
  },
  failsLater: {
    verbs: WRITES,
    kinds: ['replication'],
    serves: ({ afterMs, provisioningState: state = 'Failed', message = 'The replica stopped working.' }, it, from) => {
      it.failing = { at: from + afterMs, state, message };
    },
  },
  deleteIgnored: {
    ...DELETE,
    start: (_e, { operation, replica }) => {
      operation.endsAt = null;
      delete replica.operation;
    },
  },
  stuckDeleting: {
    ...DELETE,
    start: (_e, { operation, undo }) => {
      operation.endsAt = null;
      undo((now) => {
        operation.endsAt ??= now;
      });
    },
  },
  notFound: {
    verbs: ['GET', 'LIST'],
    kinds: ['registry', 'replication', 'replications', 'registryGraph', 'replicationGraph', 'replicationsGraph'],
    reply: ({ form = 'ResourceNotFound' }, { names }) => {
      const type = `Microsoft.ContainerRegistry/registries/${names.registry ?? ''}`;
      const whole = names.replication === undefined ? type : `${type}/replications/${names.replication}`;
      switch (form) {
        case 'ResourceNotFound':
          return ERRORS.notFound(whole, names.group ?? '');
        case 'ResourceGroupNotFound':
          return ERRORS.groupNotFound(names.group ?? '');
        case 'SubscriptionNotFound':
          return ERRORS.subscriptionNotFound(names.subscription ?? '');
        case 'empty':
          return { status: 404 };
      }
    },
  },
  policyModifies: {
    verbs: WRITES,
    kinds: ['replication'],
    modify: ({ tags, regionEndpointEnabled }, request, replica) => ({
      ...request,
      ...(tags === undefined ? {} : { tags: withTags(request.tags ?? replica?.tags ?? {}, tags) }),
      ...(regionEndpointEnabled === undefined ? {} : { regionEndpointEnabled }),
    }),
  },
  hold: { holds: true },
  vanish: {
    ...CREATE,
    start: (e, { operation }) => {
      operation.outcome = { kind: 'vanishes', code: 'SubnetIsFull', message: ROLLED_BACK };
      if (e.afterMs !== undefined) operation.endsAt = operation.startedAt + e.afterMs;
    },
  },
  zoneRedundancyIs: {
    ...CREATE,
    start: (e, { replica }) => {
      replica.zoneRedundancy = e.value;
    },
  },
  stuckCreating: {
    ...CREATE,
    start: (_e, { operation, undo }) => {
      operation.endsAt = null;
      undo((now) => {
        operation.endsAt ??= now;
      });
    },
  },
  stuckSyncing: {
    ...CREATE,
    start: (_e, { replica, undo }) => {
      replica.readyAt = null;
      undo((now) => {
        replica.readyAt ??= now;
      });
    },
  },
  listStale: { ...LIST, list: (e, _items, at) => at(e.ms) },
  listOmits: { ...LIST, list: (e, items) => items.filter((i) => i.location !== normalise(e.region)) },
  listMisreports: {
    ...LIST,
    list: ({ region, provisioningState, displayStatus, tags }, items) =>
      items.map((item) => {
        if (item.location !== normalise(region)) return item;
        const { properties } = item;
        const status = displayStatus === undefined ? properties.status : { ...properties.status, displayStatus };
        const state = provisioningState ?? properties.provisioningState;
        return {
          ...item,
          tags: tags ?? item.tags,
          properties: { ...properties, provisioningState: state as typeof properties.provisioningState, status },
        };
      }),
  },
  listShuffled: { ...LIST, list: (e, items, _at, struck) => shuffled(items, randomFrom((e.seed ?? 1) + struck)) },
  graphIgnored: { ...GRAPH, ignoresGraph: true },
  graphUnprocessable: { ...GRAPH, reply: (_e, call) => GRAPH_ERRORS.unprocessable(call) },
  deletePollForbidden: {
    kinds: ['operationResult'],
    reply: (_e, _call, { action = '', scope = '', client = ['', ''] }) => ERRORS.forbidden(...client, action, scope),
  },
  operationHidden: {
    kinds: ['operationStatus', 'operationResult'],
    reply: (e, call, { operation }) =>
      operation !== undefined && call.now < operation.startedAt + e.ms
        ? ERRORS.operationUnknown(operation.id)
        : undefined,
  },
  createRefused: {
    ...CREATE,
    reply: (e, call, { registry }) =>
      registry?.removed.some(({ replica, at }) => replica.location === call.region && call.now < at + e.ms)
        ? fail(409, 'Conflict', `The replication in '${call.region}' was deleted a moment ago. Try again later.`)
        : undefined,
  },
};

/** Azure ignores the case of a tag's name and keeps the spelling that was asked for. */
function withTags(asked: Tags, over: Tags): Tags {
  const names = new Map(Object.keys(asked).map((name) => [name.toLowerCase(), name]));
  const spelt = Object.entries(over).map(([name, value]) => [names.get(name.toLowerCase()) ?? name, value] as const);
  return { ...asked, ...Object.fromEntries(spelt) };
}

function disallowed(assignment: string, call: Call): Reply {
  const scope = `/subscriptions/${call.names.subscription ?? ''}`;
  const policyAssignmentId = `${scope}/providers/Microsoft.Authorization/policyAssignments/${assignment}`;
  const policyDefinitionId =
    '/providers/Microsoft.Authorization/policyDefinitions/e56962a6-4747-49cd-b67b-bf8b01975c4c';
  const info = {
    policyDefinitionDisplayName: 'Allowed locations',
    policyDefinitionId,
    policyAssignmentName: assignment,
    policyAssignmentId,
  };
  const message = `Resource '${call.names.replication ?? ''}' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"${assignment}","id":"${policyAssignmentId}"},"policyDefinition":{"name":"Allowed locations","id":"${policyDefinitionId}"}}]'.`;
  return {
    status: 403,
    body: {
      error: {
        code: 'RequestDisallowedByPolicy',
        target: call.names.replication ?? '',
        message,
        additionalInfo: [{ type: 'PolicyViolation', info }],
      },
    },
  };
}
