import { credentialsOf } from '../../domain/desired.ts';
import { failed } from '../../domain/failure.ts';
import type { Key } from '../../domain/key.ts';
import { type Credentials, credentialsName } from '../../domain/replication.ts';
import type { CredentialSource } from '../../ports/azure.ts';
import type { Store } from '../../ports/store.ts';
import { abortable } from '../../time/abortable.ts';
import { deadline } from '../../time/deadline.ts';
import { KubeError } from '../http/error.ts';
import { unreadable } from './refusal.ts';
import { WatchedReference, type WatchedReferenceOptions } from './watched-reference.ts';

export interface WatchedCredentialSourceOptions extends Omit<WatchedReferenceOptions, 'credentials' | 'onChange'> {
  readonly store: Pick<Store, 'onChange'>;
}

/**
 * The Secrets and ServiceAccounts that objects refer to. Each is watched by its name, which a Role on that one name
 * allows, from the first read until no object refers to it any more.
 */
export interface WatchedCredentialSource extends CredentialSource {
  /** `listener` is called for each object whose credentials have changed since they were read. */
  onChange(listener: (key: Key) => void): void;
  /** Ends all watches. */
  stop(): void;
}

/** How long a read waits until the watch has shown the credentials for the first time. */
const patienceMs = 15_000;

/** Watches nothing before the first read. */
export function createCredentialSource(options: WatchedCredentialSourceOptions): WatchedCredentialSource {
  const watched = new Map<string, WatchedReference>();
  const referrers = new Map<string, Set<Key>>();
  const listeners: ((key: Key) => void)[] = [];

  options.store.onChange((key, { previous, current }) => {
    const [before, after] = [previous, current].map((object) => {
      const credentials = object && credentialsOf(object.spec, object.metadata.namespace);
      return credentials && credentialsName(credentials);
    });
    if (before === after) return;
    if (after !== undefined) referrers.set(after, (referrers.get(after) ?? new Set()).add(key));
    if (before === undefined) return;
    referrers.get(before)?.delete(key);
    stopUnused(before);
  });

  /** Ends the watch of credentials that no object refers to. */
  function stopUnused(name: string): void {
    if ((referrers.get(name)?.size ?? 0) > 0) return;
    referrers.delete(name);
    watched.get(name)?.stop();
    watched.delete(name);
  }

  /** The watch of these credentials, which begins if there is none yet. */
  function referenceTo(credentials: Credentials): WatchedReference {
    const name = credentialsName(credentials);
    const onChange = (): void => {
      for (const key of referrers.get(name) ?? []) for (const listener of listeners) listener(key);
    };
    const reference = watched.get(name) ?? new WatchedReference({ ...options, credentials, onChange });
    watched.set(name, reference);
    return reference;
  }

  return {
    async read(credentials, signal) {
      signal.throwIfAborted();
      const reference = referenceTo(credentials);
      const late = new KubeError({ request: credentialsName(credentials), status: 0, reason: 'Timeout' });
      using limit = deadline(signal, patienceMs, () => late);
      await abortable(reference.known, limit.signal).catch(() => {}); // when it is late, there is no answer below
      signal.throwIfAborted();
      stopUnused(credentialsName(credentials));
      return reference.answer() ?? failed(unreadable(credentials, late, ''));
    },
    onChange: (listener) => void listeners.push(listener),
    stop() {
      for (const reference of watched.values()) reference.stop();
    },
  };
}
