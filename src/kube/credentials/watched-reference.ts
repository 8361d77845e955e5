import { isDeepStrictEqual } from 'node:util';
import { failed, type Outcome } from '../../domain/failure.ts';
import type { Credentials } from '../../domain/replication.ts';
import type { ServicePrincipal } from '../../ports/azure.ts';
import type { KubeClient } from '../http/client.ts';
import { KubeError } from '../http/error.ts';
import type { KubeObject } from '../watch/object.ts';
import { Reflector, type ReflectorOptions } from '../watch/reflector.ts';
import { assertionsOf } from './assertion.ts';
import { unreadable } from './refusal.ts';
import { servicePrincipalOf } from './service-principal.ts';

export interface WatchedReferenceOptions
  extends Pick<ReflectorOptions<KubeObject>, 'log' | 'clock' | 'stallMs' | 'backoff'> {
  readonly credentials: Credentials;
  /** Holds one connection for the watch. */
  readonly watches: KubeClient;
  /** For requests of tokens. */
  readonly client: KubeClient;
  /** What was last answered no longer holds. */
  readonly onChange: () => void;
}

/** An API server that has just started refuses everybody until it has read its roles: so long what was seen counts. */
const refusalCountsAfterMs = 10_000;

/** One Secret or ServiceAccount, followed from now until stop(). */
export class WatchedReference {
  readonly #options: WatchedReferenceOptions;
  readonly #assertion: ReturnType<typeof assertionsOf>;
  readonly #stop = new AbortController();
  readonly #known = Promise.withResolvers<void>();
  #synced = false;
  #object: KubeObject | undefined;
  /** Why nothing is seen, or no longer. */
  #error: KubeError | undefined;
  #refusedSince: number | undefined;
  #answer: Outcome<ServicePrincipal> | undefined;

  constructor(options: WatchedReferenceOptions) {
    this.#options = options;
    const { credentials, client, clock } = options;
    this.#assertion = assertionsOf(credentials, client, clock);
    const reflector = new Reflector<KubeObject>({
      ...options,
      client: options.watches,
      path: `/api/v1/namespaces/${credentials.namespace}/${credentials.kind === 'secret' ? 'secrets' : 'serviceaccounts'}`,
      fieldSelector: `metadata.name=${credentials.name}`,
      sink: {
        put: (object) => this.#see(object),
        remove: () => this.#see(undefined),
        forget: () => this.#see(undefined),
      },
      onSynced: () => {
        this.#synced = true;
        this.#hear(undefined);
      },
      onWatching: () => {
        if (this.#synced) this.#hear(undefined);
      },
      onInterrupted: (error) => this.#interrupted(error),
    });
    void reflector.run(this.#stop.signal);
  }

  /** Resolves when there is an answer. */
  get known(): Promise<void> {
    return this.#known.promise;
  }

  /** The same value as long as nothing that counts has changed; undefined until `known`. */
  answer(): Outcome<ServicePrincipal> | undefined {
    return this.#answer;
  }

  stop(): void {
    this.#stop.abort();
  }

  #see(object: KubeObject | undefined): void {
    this.#object = object;
    if (this.#synced) this.#judge();
  }

  #hear(error: KubeError | undefined): void {
    if (error === undefined) this.#refusedSince = undefined;
    this.#error = error;
    this.#judge();
  }

  /** What was seen still counts while the API server is away, not when it takes the right to look. */
  #interrupted(error: unknown): void {
    if (!(error instanceof KubeError)) return;
    if (!this.#synced) this.#hear(error);
    else if (error.status === 403 || error.status === 401) {
      const now = this.#options.clock.now().getTime();
      this.#refusedSince ??= now;
      if (now - this.#refusedSince >= refusalCountsAfterMs) this.#hear(error);
    }
  }

  #judge(): void {
    const { credentials, onChange } = this.#options;
    const answer =
      this.#error === undefined
        ? servicePrincipalOf(credentials, this.#object, this.#assertion)
        : failed(unreadable(credentials, this.#error, 'list and watch on it'));
    if (isDeepStrictEqual(answer, this.#answer)) return;
    const isFirst = this.#answer === undefined;
    this.#answer = answer;
    this.#known.resolve();
    if (!isFirst) onChange();
  }
}
