import type { KubeClient } from '../http/client.ts';
import { isNotFound, KubeError } from '../http/error.ts';
import { parseObject } from '../watch/object.ts';
import type { Lease, LeaseSpec } from './lease.ts';

/** Where a Lease is found. */
export interface LeaseName {
  readonly namespace: string;
  readonly name: string;
}

/** The Lease of one election at the API server. A call that fails throws a KubeError. */
export interface StoredLease {
  /** Reads the Lease with one GET. Undefined: there is none. */
  fetchLease(signal: AbortSignal): Promise<Lease | undefined>;
  /**
   * Writes `spec` with one PUT, or with one POST when `known` is undefined. Refused (409, 404) when `known` is no
   * longer what is stored. Resolves to the Lease as stored.
   */
  storeLease(known: Lease | undefined, spec: LeaseSpec, signal: AbortSignal): Promise<Lease>;
}

/** Path of all Leases in a namespace. */
export function leasesPath({ namespace }: LeaseName): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
}

export function createStoredLease(client: KubeClient, { namespace, name }: LeaseName): StoredLease {
  const collection = leasesPath({ namespace, name });
  const path = `${collection}/${encodeURIComponent(name)}`;
  return {
    async fetchLease(signal) {
      try {
        return leaseIn(await client.call({ path }, signal), `GET ${name}`);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async storeLease(known, spec, signal) {
      const made = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name }, spec };
      const answer =
        known === undefined
          ? await client.call({ method: 'POST', path: collection, body: made }, signal)
          : await client.call({ method: 'PUT', path, body: { ...known, spec } }, signal);
      return leaseIn(answer, `PUT ${name}`);
    },
  };
}

function leaseIn(answer: unknown, request: string): Lease {
  const lease = parseObject(answer);
  if (lease !== undefined) return lease;
  throw new KubeError({ request, status: 0, reason: 'InvalidResponse', message: 'the answer is not the Lease' });
}
