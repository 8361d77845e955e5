import type { Outcome } from '../../domain/failure.ts';
import type { RegistryRef } from '../../domain/replication.ts';
import type { ReplicationApi } from '../../ports/azure.ts';
import { attempt } from '../refusals/classify.ts';
import type { Signer } from '../refusals/signer.ts';

export interface SignInOptions {
  /** Gets a token, as a rule from a cache. */
  readonly getToken: (signal: AbortSignal) => Promise<unknown>;
  readonly signer: Signer;
  readonly now: () => Date;
}

/**
 * The same Azure, each of whose calls begins by getting a token. Whoever cannot sign in as the client that a Secret names
 * thus never draws on the quota of that client.
 */
export function signInFirst(api: ReplicationApi, { getToken, signer, now }: SignInOptions): ReplicationApi {
  async function signedIn<T>(
    ref: RegistryRef,
    signal: AbortSignal,
    call: () => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> {
    const token = await attempt(() => getToken(signal), { ref, signer }, now, signal);
    return token.ok ? await call() : token;
  }
  const { glance, readEndpoints } = api;
  return {
    ...(glance === undefined
      ? {}
      : {
          // Whoever cannot sign in is told so by the provider's read.
          glance: async (ref, known, maxAgeMs, signal) => {
            const token = await attempt(() => getToken(signal), { ref, signer }, now, signal);
            return token.ok ? await glance(ref, known, maxAgeMs, signal) : { kind: 'unseen' };
          },
        }),
    ...(readEndpoints === undefined
      ? {}
      : { readEndpoints: (ref, signal) => signedIn(ref, signal, () => readEndpoints(ref, signal)) }),
    observe: (ref, known, signal, how) => signedIn(ref, signal, () => api.observe(ref, known, signal, how)),
    readRegistry: (ref, signal, how) => signedIn(ref, signal, () => api.readRegistry(ref, signal, how)),
    get: (ref, name, signal) => signedIn(ref, signal, () => api.get(ref, name, signal)),
    create: (ref, replica, signal) => signedIn(ref, signal, () => api.create(ref, replica, signal)),
    update: (ref, name, change, signal) => signedIn(ref, signal, () => api.update(ref, name, change, signal)),
    remove: (ref, name, signal) => signedIn(ref, signal, () => api.remove(ref, name, signal)),
  };
}
