import type { FailureReason } from '../../domain/reasons.ts';
import type { Region } from '../../domain/region.ts';
import type { RegistryRef } from '../../domain/replication.ts';
import { policyAdvice, policyText } from './policy.ts';
import {
  type ArmRefusal,
  denyAssignmentText,
  forbiddenAdvice,
  forbiddenText,
  lockText,
  namespaceIn,
  offeredIn,
  otherTenantText,
  quoted,
  regionIn,
  regionText,
  takenNameText,
} from './refusal-text.ts';
import type { Signer } from './signer.ts';
import { steadyText } from './wording.ts';

/** What the refused call was about, and who made it; the message names both. */
export interface Subject {
  readonly ref: RegistryRef;
  readonly signer: Signer;
  /** Region of the replica that was to be created. */
  readonly region?: Region;
  /** Name of the replica, where the call was about one. */
  readonly name?: string;
}

/** What one kind of refusal means. */
export interface Rule {
  readonly reason: FailureReason;
  /** The pace is terminal only where nothing but an edit of the spec can help. */
  readonly pace: 'soon' | 'slow' | 'terminal';
  readonly text: (answer: ArmRefusal, subject: Subject) => string;
  /** The next step for people, where it is another than the reason's. */
  readonly advice?: (answer: ArmRefusal, subject: Subject) => string | undefined;
  /** True: the failure has the mark of the same name. */
  readonly settles?: true;
  /** True: the failure has the mark of the same name. */
  readonly busy?: true;
}

const nothingThere = (text: (ref: RegistryRef, signer: Signer) => string): Rule => ({
  reason: 'RegistryNotFound',
  pace: 'slow',
  settles: true,
  text: (_, { ref, signer }) => text(ref, signer),
});
const noRegistry = nothingThere((ref) => `There is no registry ${ref.name} in resource group ${ref.resourceGroup}.`);
const noSubscription: Rule = {
  ...nothingThere(
    (ref, { identity }) => `There is no subscription ${ref.subscriptionId}, or ${identity} has no role in it.`,
  ),
  advice: (_, { signer }) =>
    `Check the subscription id, or give ${signer.identity} a role in the subscription; a new role takes some minutes.`,
};
const noRights: Rule = {
  reason: 'Forbidden',
  pace: 'slow',
  settles: true,
  text: (answer, { signer }) => forbiddenText(answer, signer),
  advice: (answer, { signer }) => forbiddenAdvice(answer, signer),
};
const denied: Rule = {
  reason: 'Forbidden',
  pace: 'slow',
  text: (answer, { signer }) => denyAssignmentText(answer, signer),
  advice: (_, { signer }) =>
    `No role can help: have ${signer.identity} excluded from the deny assignment by whoever made it.`,
};
const noRegion: Rule = { reason: 'RegionUnavailable', pace: 'terminal', text: regionText };
const closedRegion: Rule = {
  reason: 'RegionUnavailable',
  pace: 'slow',
  text: (answer, { ref }) => `Azure does not allow it in subscription ${ref.subscriptionId}. ${quoted(answer)}`,
  advice: () => 'Choose another region, or ask Microsoft support to open this one to the subscription.',
};
const quota: Rule = { reason: 'QuotaExceeded', pace: 'slow', text: quoted };
const spec: Rule = { reason: 'InvalidSpec', pace: 'terminal', text: quoted };
const tags: Rule = { ...spec, advice: () => 'Correct spec.tags, or the tags of this region in spec.regions.' };
const unregistered: Rule = {
  reason: 'ProviderNotRegistered',
  pace: 'slow',
  text: (answer, { ref }) => `${namespaceIn(answer)} is not registered in subscription ${ref.subscriptionId}.`,
  advice: (answer, { ref }) =>
    `Register it: az provider register --namespace ${namespaceIn(answer)} --subscription ${ref.subscriptionId}.`,
};
const notPremium: Rule = {
  reason: 'SkuNotPremium',
  pace: 'terminal',
  text: (_, { ref }) => `The SKU of registry ${ref.name} does not allow replicas.`,
  advice: (_, { ref }) => premiumAdvice(ref),
};
const disabled: Rule = {
  reason: 'Rejected',
  pace: 'slow',
  text: (_, { ref }) => `Subscription ${ref.subscriptionId} is disabled, nothing in it can be changed.`,
  advice: () => 'Enable the subscription in Azure; the operator tries again by itself.',
};
const badToken: Rule = {
  reason: 'AuthenticationFailed',
  pace: 'slow',
  text: ({ code, message }, { signer }) => {
    const said = steadyText(message);
    return `${rejectedToken(code, signer)}${said === '' ? '.' : `: ${said}`}`;
  },
  advice: (_, { signer }) => `Check AZURE_ENVIRONMENT, and the tenant id of ${signer.credentials}.`,
};
const rejectedToken = (code: string | undefined, { identity }: Signer): string =>
  `Azure rejects the access token of ${identity} (${code ?? 401})`;
const expiredToken: Rule = {
  ...badToken,
  settles: true,
  text: ({ code }, { signer }) => `${rejectedToken(code, signer)}.`,
  advice: () => 'The operator renews tokens by itself; if this stays, set the clock of the node right.',
};
const otherTenant: Rule = {
  reason: 'AuthenticationFailed',
  pace: 'slow',
  settles: true,
  text: (answer, { ref, signer }) => otherTenantText(answer, ref.subscriptionId, signer),
  advice: (_, { signer }) =>
    `Correct the tenant id of ${signer.credentials}; after a subscription's transfer Azure needs up to an hour.`,
};
const rejected: Rule = { reason: 'Rejected', pace: 'slow', text: quoted };
const noApiVersion: Rule = {
  ...rejected,
  advice: () => "This cloud lacks the operator's version of Azure's API: run a version of the operator that fits it.",
};
const softDelete: Rule = {
  ...rejected,
  advice: (_, { ref }) =>
    `Replicas exclude soft delete: az acr config soft-delete update --registry ${ref.name} --status disabled.`,
};
const noZones: Rule = { ...rejected, advice: () => 'Take zoneRedundancy of this region out of spec.regions.' };
const busy: Rule = {
  reason: 'Retrying',
  pace: 'soon',
  busy: true,
  text: (answer) => `Azure is busy with another change or refuses this one now. ${quoted(answer)}`,
};
const passing: Rule = { reason: 'Retrying', pace: 'soon', text: quoted };

/** The next step for a registry whose SKU allows no replicas. */
export function premiumAdvice({ name }: RegistryRef): string {
  return `Only Premium registries can be replicated: az acr update --name ${name} --sku Premium.`;
}

/** The rules by Azure's code. */
const rules: Readonly<Record<string, Rule>> = {
  SubscriptionNotFound: noSubscription,
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
  DenyAssignmentAuthorizationFailed: denied,
  RequestDisallowedByPolicy: { reason: 'PolicyDenied', pace: 'slow', text: policyText, advice: policyAdvice },
  RequestDisallowedByAzure: closedRegion,
  ScopeLocked: { reason: 'Locked', pace: 'slow', text: lockText },
  QuotaExceeded: quota,
  ResourceQuotaExceeded: quota,
  SubscriptionQuotaExceeded: quota,
  MissingSubscriptionRegistration: unregistered,
  MissingRegistrationForLocation: unregistered,
  SubscriptionNotRegistered: unregistered,
  InvalidResourceName: spec,
  ReservedResourceName: spec,
  InvalidSubscriptionId: spec,
  InvalidResourceLocation: {
    reason: 'InvalidSpec',
    pace: 'slow', // it passes when the other replica goes
    text: takenNameText,
    advice: () => 'Give this region another name in spec.regions, or delete the other replica.',
  },
  HomeReplicationCannotBeDeleted: {
    reason: 'Retrying',
    pace: 'soon',
    busy: true,
    text: () => "Azure keeps the replica in the registry's home region while there are others.",
    advice: () => "The operator reads the registry's home region anew and plans from that.",
  },
  ResourceGroupBeingDeleted: {
    ...busy,
    text: (_, { ref }) => `Resource group ${ref.resourceGroup} is being deleted.`,
    advice: () => 'The operator waits for its end; then name a registry that stays, or delete this object.',
  },
  ReadOnlyDisabledSubscription: disabled,
  DisabledSubscription: disabled,
  SubscriptionDisabled: disabled,
  ExpiredAuthenticationToken: expiredToken,
  InvalidAuthenticationTokenTenant: otherTenant,
};

/** The rules by status, for codes that have none. */
const rulesByStatus: Readonly<Record<number, Rule>> = {
  401: badToken,
  403: noRights,
  404: { ...rejected, settles: true }, // Azure says it of things that exist, too, when they are new
  408: passing,
  409: busy,
  412: busy,
  424: passing,
  425: passing,
};

/** For an operation that was accepted and failed later, with a code that has no rule. */
const failedLater: Rule = { reason: 'Retrying', pace: 'slow', text: quoted };

/**
 * Messages that tell more than their codes, which Azure documents for none of these features. Of the SKU a sibling
 * feature says "not supported for the SKU Basic".
 */
const rulesByText: readonly (readonly [RegExp, Rule])[] = [
  [/not supported (for|in|by|with) the SKU|only (supported|available) (for|in|on) .*premium/i, notPremium],
  [/soft.?delet/i, softDelete],
  [/availability zone|zone.?redundan/i, noZones],
];

/** The rule for an error that Azure answered with. */
export function ruleFor(answer: ArmRefusal, { ref, region }: Subject): Rule {
  const { code = '', message, status } = answer;
  if (code === 'NoRegisteredProviderFound') {
    // Azure says this of an API version that a cloud does not have, too: then the region is among the supported ones.
    return offeredIn(message).includes(region ?? regionIn(message)) ? noApiVersion : noRegion;
  }
  if (/because of the deny assignment|blocked by deny assignments/i.test(message)) return denied;
  const byCode = Object.hasOwn(rules, code) ? rules[code] : undefined;
  const isElsewhere = byCode === noRegistry && (status !== 404 || namesOther(message, ref));
  if (byCode !== undefined && !isElsewhere) return byCode;
  const byText = status === 401 || status === 404 ? undefined : ruleByText(message);
  if (byText !== undefined) return byText;
  if (status === 400 && /(?<!E)Tag/.test(code)) return tags; // neither an ETag nor a stage
  return rulesByStatus[status] ?? (status < 400 ? failedLater : rejected);
}

function ruleByText(message: string): Rule | undefined {
  return rulesByText.find(([text]) => text.test(message))?.[1];
}

/** Whether a message about a missing resource names another one than this registry or something in it. */
function namesOther(message: string, { name }: RegistryRef): boolean {
  const resource = /resource '([^']+)'/i.exec(message)?.[1]?.toLowerCase();
  if (resource === undefined) return false;
  const own = name.toLowerCase();
  return resource.includes('/') ? !`${resource}/`.includes(`/registries/${own}/`) : resource !== own;
}
