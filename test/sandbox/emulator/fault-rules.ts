import type { Verb } from './model.ts';
import type { Kind } from './route.ts';

/**
 * Which calls a fault touches; an absent member matches all. Identity endpoints are touched only when `kind` names
 * them.
 */
export interface FaultMatch {
  readonly verb?: Verb;
  readonly kind?: Kind;
  /** Name of the registry. */
  readonly registry?: string;
  /** Region of the replica that the call is about. */
  readonly region?: string;
  /** Region where the registry is at home. */
  readonly homeRegion?: string;
  /** Version of the API that the call names, as if only that one went wrong. */
  readonly apiVersion?: string;
}

/** What goes wrong. Each kind acts only on the calls where it makes sense; see the table in `fault-effects.ts`. */
export type FaultEffect =
  /** Answers with an ARM error in place of the service. */
  | {
      readonly kind: 'respond';
      readonly status: number;
      readonly code: string;
      readonly message?: string;
      readonly retryAfterSeconds?: number;
    }
  /** 429 SubscriptionRequestsThrottled; without seconds there is no Retry-After. */
  | { readonly kind: 'throttle'; readonly retryAfterSeconds?: number }
  /** 403 RequestDisallowedByPolicy, on writes. */
  | { readonly kind: 'policy'; readonly assignment?: string }
  /** 409 ScopeLocked: CanNotDelete stops deletes, ReadOnly all changes. Default CanNotDelete. */
  | { readonly kind: 'lock'; readonly level?: 'CanNotDelete' | 'ReadOnly' }
  /** 403 AuthorizationFailed for one action, or for all. */
  | { readonly kind: 'deny'; readonly action?: string }
  /** 503 on everything of the registry: what an outage of its home region does to management. */
  | { readonly kind: 'outage' }
  | { readonly kind: 'latency'; readonly ms: number }
  /** Closes the connection in place of an answer; `late` first does what was asked. */
  | { readonly kind: 'reset'; readonly late?: boolean }
  /** Spoils the answer's body; braces is `{}`, huge 100 MB of JSON. HTML comes with `status`, default 502. */
  | {
      readonly kind: 'body';
      readonly form: 'truncated' | 'empty' | 'braces' | 'huge' | 'html';
      readonly status?: number;
    }
  /**
   * The operation is accepted and fails at its end. `leaves` is the state of the replica then: Failed (default),
   * Canceled, or what it was before. The values of an update are taken back, unless `keeps` is true.
   */
  | {
      readonly kind: 'operationFails';
      readonly code?: string;
      readonly message?: string;
      readonly leaves?: 'Failed' | 'Canceled' | 'asItWas';
      readonly keeps?: boolean;
    }
  /** A replica that was created, updated or healed serves, and fails by itself after that time: each time, or `times`. */
  | {
      readonly kind: 'failsLater';
      readonly afterMs: number;
      readonly provisioningState?: 'Failed' | 'Canceled';
      readonly message?: string;
    }
  /** The DELETE is accepted, and nothing comes of it: the replica serves on and never shows Deleting. */
  | { readonly kind: 'deleteIgnored' }
  /** Deleting for ever, or until the fault is cleared. */
  | { readonly kind: 'stuckDeleting' }
  /** GET and LIST of a registry and of its replications answer 404: with this code, or with an empty body. */
  | {
      readonly kind: 'notFound';
      readonly form?: 'ResourceNotFound' | 'ResourceGroupNotFound' | 'SubscriptionNotFound' | 'empty';
    }
  /** A policy of effect modify: PUT and PATCH are answered and stored with these tags and this routing. */
  | {
      readonly kind: 'policyModifies';
      readonly tags?: Readonly<Record<string, string>>;
      readonly regionEndpointEnabled?: boolean;
    }
  /** The call waits until the fault is cleared, and is carried out then. */
  | { readonly kind: 'hold' }
  /** The create is accepted and rolled back: the replica is gone after `afterMs`, default the operation's time. */
  | { readonly kind: 'vanish'; readonly afterMs?: number }
  /** The create is accepted, and the replica says this of itself whatever was asked for. */
  | { readonly kind: 'zoneRedundancyIs'; readonly value: 'Enabled' | 'Disabled' }
  /** The replica stays Creating until the fault is cleared. */
  | { readonly kind: 'stuckCreating' }
  /** The replica is Succeeded, and its displayStatus stays Syncing until the fault is cleared. */
  | { readonly kind: 'stuckSyncing' }
  /**
   * LIST answers with what was true `ms` ago. This and the next three touch also what Resource Graph shows of replicas,
   * unless `kind` says which.
   */
  | { readonly kind: 'listStale'; readonly ms: number }
  /** LIST leaves the region out. */
  | { readonly kind: 'listOmits'; readonly region: string }
  /** LIST claims another state for the region, or other tags. */
  | {
      readonly kind: 'listMisreports';
      readonly region: string;
      readonly provisioningState?: string;
      readonly displayStatus?: string;
      readonly tags?: Readonly<Record<string, string>>;
    }
  /** LIST comes in another order each time. */
  | { readonly kind: 'listShuffled'; readonly seed?: number }
  /** `useResourceGraph=true` has no effect: the provider answers, as it does where a call cannot be routed. */
  | { readonly kind: 'graphIgnored' }
  /** 422: Resource Graph will never answer this. */
  | { readonly kind: 'graphUnprocessable' }
  /** 403 on the URL that a delete is polled at. */
  | { readonly kind: 'deletePollForbidden' }
  /** The URL of an operation answers 404 for `ms` after the operation's start. */
  | { readonly kind: 'operationHidden'; readonly ms: number }
  /** 409 on the create of a region that was deleted less than `ms` ago. */
  | { readonly kind: 'createRefused'; readonly ms: number };

export interface FaultRule {
  readonly match?: FaultMatch;
  /** How often the fault strikes. Default: until it is cleared. */
  readonly times?: number;
  /** How many matching calls are let through first. Default 0. */
  readonly after?: number;
  /** It is in force for so long from the moment it was added. Default: until cleared. */
  readonly forMs?: number;
  /** It strikes only so long after the last accepted write to the region it is about, or to any where it names none. */
  readonly afterWriteMs?: number;
  /** Share of the matching calls that the fault strikes, drawn from the emulator's seed. Default 1. */
  readonly probability?: number;
  readonly effect: FaultEffect;
}

/** A rule as the control endpoint lists it. */
export interface ActiveFault extends FaultRule {
  readonly id: string;
  readonly struck: number;
}
