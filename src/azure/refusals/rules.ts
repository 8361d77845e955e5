import type { FailureReason } from '../../domain/reasons.ts';
import type { Region } from '../../domain/region.ts';
import type { RegistryRef } from '../../domain/replication.ts';
import { type ArmRefusal, forbiddenText, lockText, policyText, quoted, regionText } from './refusal-text.ts';

/** What the refused call was about; the message names it. */
export interface Subject {
  readonly ref: RegistryRef;
  /** Region of the replica that was to be created. */
  readonly region?: Region;
  /** Name of the replica, where the call was about one. */
  readonly name?: string;
}

/** What one kind of refusal means. */
export type Rule = {
  readonly reason: FailureReason;
  /** The pace is terminal only where nothing but an edit of the spec can help. */
  readonly pace: 'soon' | 'slow' | 'terminal';
  readonly text: (answer: ArmRefusal, subject: Subject) => string;
  /** The next step for people, where it is another than the reason's. */
  readonly advice?: string;
};

const nothingThere = (text: (ref: RegistryRef) => string): Rule => ({
  reason: 'RegistryNotFound',
  pace: 'slow',
  text: (_, { ref }) => text(ref),
});
const noRegistry = nothingThere((ref) => `There is no registry ${ref.name} in resource group ${ref.resourceGroup}.`);
const noRights: Rule = { reason: 'Forbidden', pace: 'slow', text: forbiddenText };
const noRegion: Rule = { reason: 'RegionUnavailable', pace: 'terminal', text: regionText };
const policy: Rule = { reason: 'PolicyDenied', pace: 'slow', text: policyText };
const quota: Rule = { reason: 'QuotaExceeded', pace: 'slow', text: quoted };
const spec: Rule = { reason: 'InvalidSpec', pace: 'terminal', text: quoted };
const unregistered: Rule = {
  reason: 'ProviderNotRegistered',
  pace: 'slow',
  text: (_, { ref }) => `Microsoft.ContainerRegistry is not registered in subscription ${ref.subscriptionId}.`,
};
const notPremium: Rule = {
  reason: 'SkuNotPremium',
  pace: 'terminal',
  text: (_, { ref }) => `The SKU of registry ${ref.name} does not allow replicas.`,
};

/** The rules by Azure's code. */
const rules: Readonly<Record<string, Rule>> = {
  SubscriptionNotFound: nothingThere(
    (ref) => `There is no subscription ${ref.subscriptionId}, or the operator's identity cannot see it.`,
  ),
  ResourceGroupNotFound: nothingThere(
    (ref) => `There is no resource group ${ref.resourceGroup} in subscription ${ref.subscriptionId}.`,
  ),
  ResourceNotFound: noRegistry,
  ParentResourceNotFound: noRegistry,
  NotFound: noRegistry,
  RegistryNotFound: noRegistry,
  LocationNotAvailableForResourceType: noRegion,
  LocationNotAvailable: noRegion,
  InvalidLocation: noRegion,
  AuthorizationFailed: noRights,
  LinkedAuthorizationFailed: noRights,
  DenyAssignmentAuthorizationFailed: noRights,
  RequestDisallowedByPolicy: policy,
  RequestDisallowedByAzure: policy,
  ScopeLocked: { reason: 'Locked', pace: 'slow', text: lockText },
  QuotaExceeded: quota,
  ResourceQuotaExceeded: quota,
  SubscriptionQuotaExceeded: quota,
  MissingSubscriptionRegistration: unregistered,
  MissingRegistrationForLocation: unregistered,
  InvalidResourceName: spec,
  ReservedResourceName: spec,
  InvalidSubscriptionId: spec,
  InvalidResourceLocation: {
    reason: 'InvalidSpec',
    pace: 'slow', // it passes when the other replica goes
    text: (_, { name }) => `The registry has a replica named ${name ?? 'so'} in another region already.`,
    advice: 'Give this region another name in spec.regions, or delete the other replica.',
  },
  HomeReplicationCannotBeDeleted: {
    reason: 'Rejected',
    pace: 'slow',
    text: () => "Azure keeps the replica in the registry's home region while there are others.",
  },
  ReadOnlyDisabledSubscription: {
    reason: 'Rejected',
    pace: 'slow',
    text: (_, { ref }) => `Subscription ${ref.subscriptionId} is disabled, nothing in it can be changed.`,
    advice: 'Enable the subscription in Azure; the operator tries again by itself.',
  },
  InvalidAuthenticationTokenTenant: {
    reason: 'AuthenticationFailed',
    pace: 'slow',
    text: (_, { ref }) => `Subscription ${ref.subscriptionId} belongs to another tenant than the operator's identity.`,
  },
};

/** The rules by status, for unknown codes. What has no rule here either is retried slowly, in Azure's words. */
const rulesByStatus: Readonly<Record<number, Rule>> = {
  401: {
    reason: 'AuthenticationFailed',
    pace: 'slow',
    text: ({ code }) => `Azure rejects the operator's access token (${code ?? 401}).`,
  },
  403: noRights,
  408: { reason: 'Retrying', pace: 'soon', text: quoted },
  409: {
    reason: 'Retrying',
    pace: 'soon',
    text: (answer) => `Azure is busy with another change or refuses this one now. ${quoted(answer)}`,
  },
};

const unknown: Rule = { reason: 'Retrying', pace: 'slow', text: quoted };
/**
 * Messages that refuse replicas for the registry's SKU. Azure documents neither message nor code; that of a sibling
 * feature says "not supported for the SKU Basic".
 */
const skuText = /not supported (for|in|by|with) the SKU|only (supported|available) (for|in|on) .*premium/i;

/** The rule for an error that Azure answered with. */
export function ruleFor(answer: ArmRefusal, { region }: Subject): Rule {
  const { code = '', message, status } = answer;
  if (code === 'NoRegisteredProviderFound') {
    // Azure says this of an API version that a cloud does not have, too: then the region is among the supported ones.
    const quotedRegion =
      region !== undefined && new RegExp(`supported locations are .*\\b${region}\\b`, 'i').test(message);
    return quotedRegion ? unknown : noRegion;
  }
  if (skuText.test(message)) return notPremium;
  const byCode = Object.hasOwn(rules, code) ? rules[code] : undefined;
  if (byCode !== undefined && !(byCode === noRegistry && status !== 404)) return byCode;
  return rulesByStatus[status] ?? unknown;
}
