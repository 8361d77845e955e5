import { describe, expect, test } from 'vitest';
import type { RegistryReplication, Spec } from '../../src/api/registryreplication.ts';
import type { Reason } from '../../src/domain/reasons.ts';
import { stamp } from '../../src/domain/stamp.ts';
import type { FaultEffect } from '../sandbox/emulator/fault-rules.ts';
import { DEFAULTS, type SeedRegistry } from '../sandbox/emulator/settings.ts';
import { grant } from '../support/object-credentials.ts';
import { resourceGroup, type Scene, said, scene, sharedWorld, unreadForMinutes } from '../support/registry-scene.ts';

/** Azure counts requests by subscription: who is throttled has one of its own. */
const busySubscription = '33333333-0000-0000-0000-000000000000';
const world = sharedWorld({
  updateMs: 3_000,
  subscriptions: [{ id: DEFAULTS.subscriptionId }, { id: busySubscription }],
});

/** What `phase` and the statuses of the conditions are, by what the reason asks of people. */
const shapes = {
  ready: { phase: 'Ready', conditions: { Ready: 'True' } },
  reconciling: { phase: 'Syncing', conditions: { Ready: 'False', Reconciling: 'True' } },
  deleting: { phase: 'Deleting', conditions: { Ready: 'False', Reconciling: 'True' } },
  stalled: { phase: 'Failed', conditions: { Ready: 'False', Stalled: 'True' } },
  planned: { phase: 'Pending', conditions: { Ready: 'False' } },
  suspended: { phase: 'Suspended', conditions: { Ready: 'Unknown' } },
} as const;

interface Row {
  readonly shape: keyof typeof shapes;
  /** The whole message: the region or the thing, the cause, and the next step where somebody must take one. */
  readonly says: RegExp;
  readonly seed?: Partial<SeedRegistry>;
  /** Makes it happen; what it returns takes the cause away, as Azure's people or the object's would. */
  readonly cause: (it: Scene) => Promise<Cure>;
}
type Cure = () => Promise<unknown>;

const japaneast = { location: 'japaneast' };
const uksouth = { location: 'uksouth' };
const spec = { regions: [japaneast] };
const wasThere = { name: 'japaneast', since: '2026-09-10T06:44:50Z' };
const waiting: Cure = () => Promise.resolve();

/** Azure refuses the replica until it does not. Those that wait for minutes are asked to look, as docs/registryreplication.md says. */
function refused(effect: FaultEffect, then: 'by itself' | 'when asked' = 'when asked'): Row['cause'] {
  return async (it) => {
    const end = await it.fault(effect, { verb: 'PUT', region: 'japaneast' });
    await it.apply(spec);
    return async () => {
      await end();
      if (then === 'when asked') await it.lookNow();
    };
  };
}

function asksFor(wrong: Omit<Spec, 'registry'>, right: Omit<Spec, 'registry'> = spec): Row['cause'] {
  return async (it) => {
    await it.apply(wrong);
    return () => it.apply(right);
  };
}

/** A reason that is not here does not compile. */
const rows: Readonly<Record<Reason, Row>> = {
  Creating: {
    shape: 'reconciling',
    says: /^japaneast: being created\.$/,
    cause: refused({ kind: 'stuckCreating' }, 'by itself'),
  },
  Syncing: {
    shape: 'reconciling',
    says: /^japaneast: provisioned; Azure reports Syncing\.$/,
    cause: refused({ kind: 'stuckSyncing' }, 'by itself'),
  },
  Updating: {
    shape: 'reconciling',
    says: /^japaneast: being updated\.$/,
    seed: { replicas: [{ ...japaneast, regionEndpointEnabled: false }] },
    cause: async (it) => {
      await it.apply({ regions: [{ ...japaneast, routing: 'Enabled' }] });
      return waiting;
    },
  },
  Deleting: {
    shape: 'reconciling',
    says: /^uksouth: being deleted\.$/,
    seed: { replicas: [japaneast, uksouth] },
    cause: async (it) => {
      await it.apply({ regions: [japaneast, uksouth] });
      await it.untilReady();
      await it.apply(spec);
      return waiting;
    },
  },
  Repairing: {
    shape: 'reconciling',
    says: /^japaneast: failed and is being made again\./,
    cause: async (it) => {
      await it.fault({ kind: 'operationFails' }, { verb: 'PUT' }, 1);
      await it.apply(spec);
      return waiting;
    },
  },
  Retrying: {
    shape: 'reconciling',
    says: /^japaneast: Azure is in trouble\. Azure answered ServiceUnavailable: Come back later\. The operator tries again by itself\.$/,
    cause: refused(
      { kind: 'respond', status: 503, code: 'ServiceUnavailable', message: 'Come back later.' },
      'by itself',
    ),
  },
  Throttled: {
    shape: 'reconciling',
    says: /^japaneast: Azure limits the requests to subscription 33333333-\S+ \(SubscriptionRequestsThrottled\)\. .*nothing to do\.$/,
    seed: { subscriptionId: busySubscription },
    cause: refused({ kind: 'throttle', retryAfterSeconds: 3 }, 'by itself'),
  },
  InSync: {
    shape: 'ready',
    says: /^The region is ready\.$/,
    cause: async (it) => {
      await it.apply(spec);
      return waiting;
    },
  },
  PlanPending: {
    shape: 'planned',
    says: /^Mode is Observe\. With Apply these would be changed: \+japaneast\.$/,
    cause: asksFor({ ...spec, mode: 'Observe' }, { ...spec, mode: 'Apply' }),
  },
  Suspended: {
    shape: 'suspended',
    says: /^Suspended: Azure is neither read nor changed until spec\.suspend is false\./,
    cause: asksFor({ ...spec, suspend: true }, { ...spec, suspend: false }),
  },
  RegistryClaimed: {
    shape: 'stalled',
    says: /^e2e\S*\/aholder manages this registry already\. Delete one of the two objects;/,
    cause: async (it) => {
      const registry = { name: it.name, resourceGroup };
      await world().apply('aholder', { registry, ...spec, deletionPolicy: 'Retain' });
      await it.apply(spec);
      return () => world().cluster.kube.delete(world().path('aholder'));
    },
  },
  InvalidSpec: {
    shape: 'stalled',
    says: /^japaneast: The registry has a replica named japaneast in uksouth already\. Give this region another name in spec\.regions, or delete/,
    // A replica that LIST shows is no obstacle: another name is taken.
    cause: refused({
      kind: 'respond',
      status: 409,
      code: 'InvalidResourceLocation',
      message: "The resource 'japaneast' already exists in location 'uksouth' in resource group 'registries'.",
    }),
  },
  RegistryNotFound: {
    shape: 'stalled',
    says: /^There is no registry registrynotfound in resource group registries\. Check registry name, .*, or create the registry\.$/,
    cause: async (it) => {
      await world().azure.control.deleteRegistry(it.name);
      await it.apply(spec);
      await unreadForMinutes(world(), it.name);
      return () => replaceRegistry(it);
    },
  },
  SkuNotPremium: {
    shape: 'stalled',
    says: /^Registry skunotpremium has SKU Basic\. .* az acr update --name skunotpremium --sku Premium\.$/,
    seed: { sku: 'Basic' },
    cause: async (it) => {
      await it.apply(spec);
      return () => replaceRegistry(it);
    },
  },
  RegionUnavailable: {
    shape: 'stalled',
    says: /^japanest: Azure offers no registry replicas in a region japanest; did you mean japaneast\? Correct the location in spec\.regions\.$/,
    cause: asksFor({ regions: [{ location: 'japanest' }] }),
  },
  AuthenticationFailed: {
    shape: 'stalled',
    says: /^Microsoft Entra gave no token: The client secret is wrong; .* Correct Secret azure-contoso in namespace e2e\S*\.$/,
    cause: async (it) => {
      await grant(world().cluster.kube, 'secret', { platform: world().namespace });
      await putSecret('wrong-secret');
      await it.apply({ ...spec, credentialsRef: { name: 'azure-contoso' } });
      await unreadForMinutes(world(), it.name);
      return () => putSecret(DEFAULTS.clientSecret);
    },
  },
  Forbidden: {
    shape: 'stalled',
    says: /^japaneast: Azure forbids client \S+ .* the action Microsoft\.ContainerRegistry\/registries\/replications\/write on \S+, or there is no such scope\. Grant the operator's identity this action/,
    cause: async (it) => {
      const end = await it.fault({ kind: 'deny', action: 'Microsoft.ContainerRegistry/registries/replications/write' });
      await forbidden(it);
      return async () => {
        await end();
        await it.lookNow();
      };
    },
  },
  PolicyDenied: {
    shape: 'stalled',
    says: /^japaneast: The policy assignment "eu-only" denies it\. Ask the owner of the policy assignment for an exemption\.$/,
    cause: refused({ kind: 'policy', assignment: 'eu-only' }),
  },
  Locked: {
    shape: 'stalled',
    says: /^japaneast: A lock forbids the change, it is on \S+\/registries\/locked\. Remove the lock in Azure;/,
    cause: refused({ kind: 'lock', level: 'ReadOnly' }),
  },
  QuotaExceeded: {
    shape: 'stalled',
    says: /^japaneast: Azure answered QuotaExceeded: No more replicas\. Ask Azure for a higher quota\.$/,
    cause: refused({ kind: 'respond', status: 403, code: 'QuotaExceeded', message: 'No more replicas.' }),
  },
  ProviderNotRegistered: {
    shape: 'stalled',
    says: /^japaneast: Microsoft\.ContainerRegistry is not registered in subscription \S+\. Register it: az provider register --namespace /,
    cause: refused({ kind: 'respond', status: 409, code: 'MissingSubscriptionRegistration' }),
  },
  Rejected: {
    shape: 'stalled',
    says: /^japaneast: Subscription \S+ is disabled, nothing in it can be changed\. Enable the subscription in Azure; the operator tries again by itself\.$/,
    cause: refused({ kind: 'respond', status: 409, code: 'ReadOnlyDisabledSubscription' }),
  },
  Conflict: {
    shape: 'stalled',
    says: /^uksouth: belongs to elsewhere\/platform\/contoso, so it is not deleted\. Let it go there, or keep it here: list it, or set prune: Owned or None\.$/,
    seed: { replicas: [japaneast, { ...uksouth, tags: tagsOf('elsewhere/platform/contoso') }] },
    cause: async (it) => {
      await it.apply(spec);
      return async () => {
        await world().azure.control.deleteReplica({ registry: it.name, region: 'uksouth' });
        await it.lookNow();
      };
    },
  },
  Overridden: {
    shape: 'stalled',
    says: /^japaneast: is changed back each time: wanted routing Enabled, found Disabled\. Find who changes it back/,
    seed: { replicas: [japaneast] },
    cause: async (it) => {
      await override(it);
      return async () => {
        await world().azure.control.alterReplica({
          registry: it.name,
          region: 'japaneast',
          regionEndpointEnabled: true,
        });
        await it.lookNow();
      };
    },
  },
  RepairExhausted: {
    shape: 'stalled',
    says: /^japaneast: is failed and could not be repaired\. .*private endpoint.* Look at the replica in the Azure portal\. To try again, edit the spec or set the annotation/,
    seed: { replicas: [japaneast] },
    cause: async (it) => {
      await exhaust(it);
      return async () => {
        await world().azure.control.deleteReplica({ registry: it.name, region: 'japaneast' });
        await it.lookNow();
      };
    },
  },
};

describe('every reason is reached, says what it is about and what to do, and goes away with its cause', () => {
  for (const [reason, { shape, says, seed, cause }] of Object.entries(rows)) {
    test(reason, async () => {
      const it = await scene(world(), reason.toLowerCase(), seed);
      const cure = await cause(it);
      const object = await it.untilReason(reason);
      expect(outlineOf(object)).toEqual(expected(reason, shape));
      for (const { type } of object.status?.conditions ?? []) expect(said(object, type)).toMatch(says);
      await cure();
      expect(outlineOf(await it.untilReady())).toEqual(expected('InSync', 'ready'));
    });
  }

  test('Deleting, of an object that is going itself', async () => {
    const it = await scene(world(), 'goingaway', { replicas: [japaneast] });
    await it.apply(spec);
    await it.untilReady();
    await world().cluster.kube.delete(world().path(it.name));
    const object = await it.untilReason('Deleting');
    expect(outlineOf(object)).toEqual(expected('Deleting', 'deleting'));
    for (const { message } of object.status?.conditions ?? []) expect(message).toMatch(/^japaneast: being deleted\.$/);
    await it.untilGone();
  });
});

/** All that programs look at: no condition more and none less, and the same reason in each. */
function outlineOf({ status }: RegistryReplication) {
  const conditions = status?.conditions?.map((c) => [c.type, `${c.status} ${c.reason}`]) ?? [];
  return { phase: status?.phase, conditions: Object.fromEntries(conditions) };
}

function expected(reason: string, shape: keyof typeof shapes) {
  const { phase, conditions } = shapes[shape];
  const all = Object.entries(conditions).map(([type, status]) => [type, `${status} ${reason}`]);
  return { phase, conditions: Object.fromEntries(all) };
}

function tagsOf(owner: string) {
  return { 'managed-by': 'acr-replication-operator', 'acr-replication-owner': owner };
}

/** Premium, at home in eastus, without replicas; and has the operator look. */
async function replaceRegistry(it: Scene): Promise<void> {
  await world().azure.control.putRegistry({ name: it.name, resourceGroup, location: 'eastus' });
  await it.lookNow();
}

/** What names the operator's own application. */
async function putSecret(clientSecret: string): Promise<void> {
  await world().cluster.kube.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'azure-contoso', namespace: world().namespace },
    stringData: {
      AZURE_TENANT_ID: DEFAULTS.tenantId,
      AZURE_CLIENT_ID: DEFAULTS.clientId,
      AZURE_CLIENT_SECRET: clientSecret,
    },
  });
}

/**
 * As if minutes had passed that nobody waits for here: the status says this of japaneast, of the generation that the
 * object will have when it is not suspended any more, and it no longer is.
 */
async function afterMinutes(it: Scene, wanted: Omit<Spec, 'registry'>, entry: object): Promise<void> {
  await it.apply({ ...wanted, suspend: true });
  const { metadata, status } = await it.until('Suspended', (o) => o.status?.phase === 'Suspended');
  const observedGeneration = metadata.generation + 1;
  const conditions = status?.conditions?.map((c) => ({ ...c, observedGeneration }));
  await world().cluster.kube.patch(`${world().path(it.name)}/status`, {
    status: { observedGeneration, conditions, replicas: [{ ...japaneast, ...entry }] },
  });
  await it.apply({ ...wanted, suspend: false });
}

/** Azure has forbidden the replica for six minutes: for the first five a role may still be spreading. */
async function forbidden(it: Scene): Promise<void> {
  const since = stamp(new Date(Date.now() - 6 * 60_000));
  const error = { code: 'AuthorizationFailed', reason: 'Retrying', message: 'Azure forbids it.', since };
  await afterMinutes(it, spec, { error });
}

/** Three changes of the routing did not last. */
async function override(it: Scene): Promise<void> {
  const notBefore = stamp(new Date(Date.now() + 15 * 60_000));
  await world().azure.control.alterReplica({ registry: it.name, region: 'japaneast', regionEndpointEnabled: false });
  await afterMinutes(
    it,
    { ...spec, regions: [{ location: 'japaneast', routing: 'Enabled' }] },
    { ...wasThere, managed: 'Adopted', provisioningState: 'Succeeded', attempts: 3, notBefore },
  );
}

/** Three repairs did not help. */
async function exhaust(it: Scene): Promise<void> {
  await world().azure.control.alterReplica({ registry: it.name, region: 'japaneast', provisioningState: 'Failed' });
  await afterMinutes(it, spec, { ...wasThere, managed: 'Created', provisioningState: 'Failed', attempts: 3 });
}
