import type { Drain } from '../view/drains.ts';

/**
 * What the server of the map tells the page, and what the page may ask. The page follows `GET /api/stream`, server-sent
 * events whose data is one line of JSON: first `hello`, then `objects` with all there are, in as many events as it
 * takes, and `synced`; afterwards `objects` and `gone` as they change, and `trouble`. A page that was cut off starts anew.
 * The stream is refused with 503 and a `Refusal` when too many pages follow, and with 401 when this browser is not let
 * in: an EventSource does not come again by itself after that.
 */

/** Event `hello`: who serves the page. */
export interface Hello {
  readonly version: string;
  /** `plugin`: with the rights of who started it. `operator`: for reading only. */
  readonly host: 'plugin' | 'operator';
  /** `AzurePublic`, `AzureChinaCloud`, `AzureUSGovernment`; whose regions are shown. */
  readonly cloud: string;
  /** The cluster, as the kubeconfig's context or CLUSTER_NAME calls it. */
  readonly cluster: string;
  /** How many of the cluster's nodes are in each region; undefined: nobody may tell. */
  readonly nodes?: Readonly<Record<string, number>>;
}

/** How a replica stands on the map. Each has a shape and a word of its own; the worst is told first. */
export const states = [
  'failed',
  'missing',
  'held',
  'deleting',
  'creating',
  'updating',
  'syncing',
  'unknown',
  'unlisted',
  'drained',
  'routingOff',
  'ready',
] as const;
export type State = (typeof states)[number];

/** A region of one object. */
export interface MapReplica {
  /** The region's name: `japaneast`. */
  readonly region: string;
  /** Resource name of the replica. */
  readonly name: string;
  readonly state: State;
  /** The registry itself is here. */
  readonly home: boolean;
  /** The spec asks for it. */
  readonly wanted: boolean;
  /** The global endpoint sends nobody here, whatever the state. */
  readonly routingOff: boolean;
  /** A drain of the region: one that the spec states, or one whose routing is still to be put back. */
  readonly drain?: Drain;
  /** The host that serves the registry from this region only, where it has one. */
  readonly endpoint?: string;
  /** Azure's own words: provisioningState and displayStatus. */
  readonly provisioningState: string;
  readonly status: string;
  /** When it last changed its state, RFC 3339. */
  readonly since?: string;
  readonly managed: string;
  /** The beginning of what is said about it, but for what `drain` tells. */
  readonly message?: string;
}

/** One RegistryReplication. */
export interface MapObject {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly registry: string;
  /** What `kubectl get` shows as STATUS, and why. */
  readonly phase: string;
  readonly reason: string;
  /** Regions ready / regions wanted. */
  readonly summary: string;
  /** Its worst state. */
  readonly worst: State;
  readonly suspended: boolean;
  readonly observing: boolean;
  readonly deleting: boolean;
  readonly home?: string;
  readonly loginServer?: string;
  /** Changes with each write of the object or its status. */
  readonly version: string;
  readonly replicas: readonly MapReplica[];
}

/** Event `objects`: these are so now. */
export type Objects = readonly MapObject[];
/** Event `gone`: keys of objects that are no more. */
export type Gone = readonly string[];
/** Event `trouble`: why nothing is heard of the API server at the moment; null: it is heard. */
export type Trouble = { readonly why: string | null };

/**
 * `GET /api/story?namespace=N&name=N` answers with `Story` of src/view/story.ts. All below is served by the plugin only,
 * to `POST` with a body of JSON; a refusal has a status of 4xx or 5xx and a `Refusal`.
 */
export interface Refusal {
  readonly error: string;
  /** The command or the step that helps. */
  readonly cure?: string;
}

/** `POST /api/draft`: what would become of an object whose regions are these. Answered with `Draft`; changes nothing. */
export interface DraftRequest {
  readonly namespace: string;
  readonly name: string;
  /** Names of the regions that are wanted; those that the spec has already keep their settings. */
  readonly regions: readonly string[];
}

export interface Draft {
  /** The manifest for Git, YAML. */
  readonly manifest: string;
  /** How it differs from the object as it is. */
  readonly diff: readonly { readonly sign: ' ' | '+' | '-'; readonly text: string }[];
  readonly plan: DraftPlan;
  /** What there is to fear, a sentence each; empty: nothing. */
  readonly fears: readonly string[];
  /** Why it cannot be applied from here: another tool keeps the object. The manifest still serves. */
  readonly blocked?: Refusal;
  /** The spec it was made of: what `apply` takes. It is not the `version` of a MapObject: a status does not change it. */
  readonly version: string;
}

export interface DraftPlan {
  /** Where it is told from: `As Azure has it now.` */
  readonly seen: string;
  readonly lines: readonly {
    readonly sign: '+' | '-' | '~' | '=' | '?';
    readonly kind: 'create' | 'delete' | 'update' | 'keep' | 'held';
    readonly region: string;
    readonly text: string;
  }[];
  readonly summary: string;
  /** What it makes of the bill, in sentences; empty: nothing is told of money. */
  readonly money: readonly string[];
  readonly notes: readonly string[];
}

/** `POST /api/apply`: as the draft says, if the object is still the one that the draft was made of. Answered with `Applied`. */
export interface ApplyRequest extends DraftRequest {
  readonly version: string;
}

/**
 * `POST /api/undo`: back to the regions before the last apply of this page's server, whose regions these were: what
 * another page applied since is not taken back. Answered with `Applied`.
 */
export type UndoRequest = DraftRequest;

/** `POST /api/drain`: takes a region out of routing for a while, or gives its drain another end. Answered with `Drained`. */
export interface DrainRequest extends UndrainRequest {
  /** For how long: `2h`, `1h30m`, `3d`. */
  readonly for: string;
  readonly reason: string;
}

/** `POST /api/undrain`: ends the drain of a region. Answered with `Drained`. */
export interface UndrainRequest {
  readonly namespace: string;
  readonly name: string;
  readonly region: string;
}

export interface Drained {
  /** What was done, and what keeps it from having an effect now: a sentence each. */
  readonly said: readonly string[];
}

export interface Applied {
  /** What was done, and what stays: a sentence each. */
  readonly said: readonly string[];
  /** Whether it can be taken back. */
  readonly undo: boolean;
}
