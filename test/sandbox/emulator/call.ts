import type { App, Verb } from './model.ts';
import type { Kind, Route } from './route.ts';

/** One request with its body, and what it is about. */
export interface Call {
  readonly verb: Verb;
  readonly kind: Kind;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly names: Route['names'];
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as text; empty when there is none. */
  readonly text: string;
  readonly now: number;
  /** The registry's name and the replica's region, normalised, where the call has any: faults match on them. */
  readonly registry?: string;
  readonly region?: string;
  readonly homeRegion?: string;
}

/** A call whose token was accepted. */
export interface AuthorisedCall extends Call {
  readonly principal: App;
  readonly action: string;
  readonly scope: string;
}
