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
  /** The operation is accepted and fails at its end; the replica shows Failed. */
  | { readonly kind: 'operationFails'; readonly code?: string; readonly message?: string }
  /** The create is accepted and rolled back: the replica is gone after `afterMs`, default the operation's time. */
  | { readonly kind: 'vanish'; readonly afterMs?: number }
  /** The create is accepted, and the replica says this of itself whatever was asked for. */
  | { readonly kind: 'zoneRedundancyIs'; readonly value: 'Enabled' | 'Disabled' }
  /** The replica stays Creating until the fault is cleared. */
  | { readonly kind: 'stuckCreating' }
  /** The replica is Succeeded, and its displayStatus stays Syncing until the fault is cleared. */
  | { readonly kind: 'stuckSyncing' }
  /** LIST answers with what was true `ms` ago. */
  | { readonly kind: 'listStale'; readonly ms: number }
  /** LIST leaves the region out. */
  | { readonly kind: 'listOmits'; readonly region: string }
  /** LIST claims another state for the region. */
  | {
      readonly kind: 'listMisreports';
      readonly region: string;
      readonly provisioningState?: string;
      readonly displayStatus?: string;
    }
  /** LIST comes in another order each time. */
  | { readonly kind: 'listShuffled'; readonly seed?: number }
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
  /** Share of the matching calls that the fault strikes, drawn from the emulator's seed. Default 1. */
  readonly probability?: number;
  readonly effect: FaultEffect;
}

/** A rule as the control endpoint lists it. */
export interface ActiveFault extends FaultRule {
  readonly id: string;
  readonly struck: number;
}
