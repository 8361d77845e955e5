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
  /** Makes the watch, and requests tokens of a ServiceAccount. */
  readonly client: KubeClient;
  /** Called when the last answer no longer holds. */
  readonly onChange: () => void;
}

/** A refusal counts when it has lasted this long: an API server that has just started refuses everybody at first. */
const refusalCountsAfterMs = 10_000;

/** One Secret or ServiceAccount, which is watched from the start until stop(). */
export class WatchedReference {
  readonly #options: WatchedReferenceOptions;
  readonly #assertion: ReturnType<typeof assertionsOf>;
  readonly #stop = new AbortController();
  readonly #known = Promise.withResolvers<void>();
  #synced = false;
  /** The object as last seen. Undefined: it is not there. */
  #object: KubeObject | undefined;
  /** Why the object cannot be seen. Undefined: it can. */
  #error: KubeError | undefined;
  /** When the API server began to refuse the watch, in milliseconds since 1970. */
  #refusedSince: number | undefined;
  #answer: Outcome<ServicePrincipal> | undefined;

  constructor(options: WatchedReferenceOptions) {
    this.#options = options;
    const { credentials, client, clock } = options;
    this.#assertion = assertionsOf(credentials, client, clock);
    const reflector = new Reflector<KubeObject>({
      ...options,
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

  /** Resolves when there is a first answer. */
  get known(): Promise<void> {
    return this.#known.promise;
  }

  /** The credentials, or why they are of no use: the same value until that changes. Undefined until `known`. */
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

  /** What was seen still counts while the API server does not answer, but not when it takes the right to watch away. */
  #interrupted(error: unknown): void {
    if (!(error instanceof KubeError)) return;
    if (!this.#synced) this.#hear(error);
    else if (error.status === 403 || error.status === 401) {
      const now = this.#options.clock.now().getTime();
      this.#refusedSince ??= now;
      if (now - this.#refusedSince >= refusalCountsAfterMs) this.#hear(error);
    }
  }

  /** Makes the answer anew, and tells when it differs from the last. */
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
