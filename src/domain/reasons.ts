/**
 * Every reason that the Ready condition can have, and what it makes of the object:
 *
 * - `ready`: the set is as the spec wants it
 * - `planned`: something differs and mode Observe leaves it so
 * - `suspended`: Azure is neither read nor changed
 * - `progress`: work goes on by itself; of several at once the first in this table is told
 * - `stalled`: a person must act
 *
 * A reason with `advice`, the next step for people, can be that of a failure. The set is bounded, so it is safe as a
 * metric label.
 */
export const reasons = {
  InSync: { means: 'ready' },
  PlanPending: { means: 'planned' },
  Suspended: { means: 'suspended' },
  Throttled: { means: 'progress', advice: 'The operator waits as long as Azure asks; nothing to do.' },
  Retrying: { means: 'progress', advice: 'The operator tries again by itself.' },
  Repairing: { means: 'progress' },
  Creating: { means: 'progress' },
  Updating: { means: 'progress' },
  Deleting: { means: 'progress' },
  Syncing: { means: 'progress' },
  RegistryClaimed: { means: 'stalled' },
  InvalidSpec: { means: 'stalled', advice: 'Correct the spec.' },
  RegistryNotFound: {
    means: 'stalled',
    advice: 'Check registry name, resource group and subscription in spec.registry, or create the registry.',
  },
  SkuNotPremium: {
    means: 'stalled',
    advice: 'Only Premium registries can be replicated: change the SKU of the registry to Premium.',
  },
  RegionUnavailable: { means: 'stalled', advice: 'Correct the location in spec.regions.' },
  AuthenticationFailed: {
    means: 'stalled',
    advice: 'Correct the credentials (client id, tenant id, secret, certificate or federated credential).',
  },
  Forbidden: { means: 'stalled', advice: 'Grant this action on the registry to the identity that is refused.' },
  PolicyDenied: { means: 'stalled', advice: 'Ask the owner of the policy assignment for an exemption.' },
  Locked: { means: 'stalled', advice: 'Remove the lock in Azure; the operator tries again by itself.' },
  QuotaExceeded: { means: 'stalled', advice: 'Ask Azure for a higher quota.' },
  ProviderNotRegistered: {
    means: 'stalled',
    advice: 'Register it in the subscription: az provider register --namespace Microsoft.ContainerRegistry.',
  },
  Rejected: { means: 'stalled', advice: 'Azure does not accept this change; correct the spec or the registry.' },
  Conflict: { means: 'stalled', advice: 'Remove the region from one of the two objects.' },
  Overridden: {
    means: 'stalled',
    advice:
      'Find who changes it back (an Azure policy, another tool) and end that, or state in the spec what is found; the operator goes on trying now and then.',
  },
  RepairExhausted: {
    means: 'stalled',
    advice:
      'Look at the replica in the Azure portal. To try again, edit the spec or set the annotation acr-replication.dev/requested-at; to have it deleted and made anew, images and all, set the annotation acr-replication.dev/recreate to the name of its region.',
  },
} as const satisfies Record<string, Meaning>;

interface Meaning {
  readonly means: 'ready' | 'planned' | 'suspended' | 'progress' | 'stalled';
  readonly advice?: string;
}

type Table = typeof reasons;
export type Reason = keyof Table;
/** The reasons of work that goes on by itself. */
export type ProgressReason = { [R in Reason]: Table[R]['means'] extends 'progress' ? R : never }[Reason];
/** The reasons that a failure can have. */
export type FailureReason = { [R in Reason]: Table[R] extends { readonly advice: string } ? R : never }[Reason];

const all = Object.keys(reasons) as readonly Reason[];

/** The most telling first. */
export const progressReasons = all.filter((reason) => reasons[reason].means === 'progress') as ProgressReason[];
export const failureReasons = all.filter((reason) => 'advice' in reasons[reason]) as FailureReason[];
export const stalledReasons = all.filter(needsPerson);

/** Whether nothing but a person can mend it. */
export function needsPerson(reason: Reason): boolean {
  return reasons[reason].means === 'stalled';
}
