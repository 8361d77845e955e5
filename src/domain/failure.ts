/**
 * Why Azure said no, in the words of the Ready condition's reason. A bounded set: safe as a metric label.
 * `stalled` reasons need a person; the others pass by themselves. `advice` is the next step, for people.
 */
export const reasons = {
  InvalidSpec: { stalled: true, advice: 'Correct the spec.' },
  RegistryNotFound: {
    stalled: true,
    advice: 'Check registry name, resource group and subscription in spec.registry, or create the registry.',
  },
  SkuNotPremium: {
    stalled: true,
    advice: 'Only Premium registries can be replicated: az acr update --name <registry> --sku Premium.',
  },
  RegionUnavailable: { stalled: true, advice: 'Correct the location in spec.regions.' },
  AuthenticationFailed: {
    stalled: true,
    advice: "Check the operator's Azure credentials (client id, tenant, secret or federated credential).",
  },
  Forbidden: { stalled: true, advice: "Grant the operator's identity this action on the registry." },
  PolicyDenied: { stalled: true, advice: 'Ask the owner of the policy assignment for an exemption.' },
  Locked: { stalled: true, advice: 'Remove the lock in Azure; the operator tries again by itself.' },
  QuotaExceeded: { stalled: true, advice: 'Ask Azure for a higher quota.' },
  ProviderNotRegistered: {
    stalled: true,
    advice: 'Register it: az provider register --namespace Microsoft.ContainerRegistry.',
  },
  Rejected: { stalled: true, advice: 'Azure does not accept this change; correct the spec or the registry.' },
  Conflict: { stalled: true, advice: 'Remove the region from one of the two objects.' },
  RepairExhausted: {
    stalled: true,
    advice:
      'Look at the replica in the Azure portal; to try again, delete it there, edit the spec or set the annotation acr-replication.dev/requested-at.',
  },
  Throttled: { stalled: false, advice: 'Azure limits the request rate; nothing to do.' },
  Retrying: { stalled: false, advice: 'The operator tries again by itself.' },
} as const satisfies Record<string, { readonly stalled: boolean; readonly advice: string }>;

export type FailureReason = keyof typeof reasons;

/** Why Azure (or the way to it) said no, as a value. */
export type Failure = {
  readonly reason: FailureReason;
  /** Azure's own code, or ours where there is none, such as ETIMEDOUT. */
  readonly code: string;
  /** Cause in plain words, ending without the next step; no secrets, no times, no counters, no request ids. */
  readonly message: string;
  /** The next step, where it is another than the reason's. */
  readonly advice?: string;
} & (
  | { readonly kind: 'throttled'; readonly until: Date | undefined }
  /** soon: it passes in seconds (5xx, network, running operation). slow: a lock, a role, a policy, a quota. */
  | { readonly kind: 'retryable'; readonly pace: 'soon' | 'slow' }
  /** This spec cannot succeed; still looked at again at the interval. */
  | { readonly kind: 'terminal' }
);

/** Code of a call that was not made, because others of this operator come first within Azure's request limits. */
const localThrottleCode = 'LocalThrottle';

/** It is nobody's fault and nothing is wrong: the call's turn comes at `until`. */
export function localThrottle(message: string, until: Date): Failure {
  return { kind: 'throttled', until, reason: 'Throttled', code: localThrottleCode, message };
}

export function waitsItsTurn({ code }: Failure): boolean {
  return code === localThrottleCode;
}

/** What happened and the next step, for people. */
export function explain({ message, reason, advice = reasons[reason].advice }: Failure): string {
  return `${message} ${advice}`;
}

/** What Azure said: a value or a Failure. Bugs and aborts are thrown. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

export function ok<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function failed(failure: Failure): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure };
}
