import type { KubeClient } from './http/client.ts';

/** The person or account that a token belongs to, as the API server says. */
export interface Visitor {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Questions to the API server about the tokens of others. Both throw a KubeError when it does not answer. */
export interface Reviews {
  /** Who shows this token; one POST. Undefined: the API server does not accept the token. */
  readonly visitorOf: (token: string, signal: AbortSignal) => Promise<Visitor | undefined>;
  /** Whether a visitor may `get` a path that belongs to no resource; one POST. */
  readonly mayGet: (visitor: Visitor, path: string, signal: AbortSignal) => Promise<boolean>;
}

/**
 * Asks over `client`, which needs create on tokenreviews.authentication.k8s.io and
 * subjectaccessreviews.authorization.k8s.io.
 */
export function createReviews(client: KubeClient): Reviews {
  return {
    async visitorOf(token, signal) {
      const apiVersion = 'authentication.k8s.io/v1';
      const body = { apiVersion, kind: 'TokenReview', spec: { token } };
      const answer = await client.call({ method: 'POST', path: `/apis/${apiVersion}/tokenreviews`, body }, signal);
      const { status } = answer as { status?: { authenticated?: unknown; user?: Partial<Visitor> } };
      const { username, uid, groups, extra } = status?.user ?? {};
      if (status?.authenticated !== true || typeof username !== 'string' || username === '') return undefined;
      return {
        username,
        ...(uid === undefined ? {} : { uid }),
        ...(groups === undefined ? {} : { groups }),
        ...(extra === undefined ? {} : { extra }),
      };
    },
    async mayGet({ username: user, uid, groups, extra }, path, signal) {
      const apiVersion = 'authorization.k8s.io/v1';
      const spec = { user, uid, groups, extra, nonResourceAttributes: { path, verb: 'get' } };
      const body = { apiVersion, kind: 'SubjectAccessReview', spec };
      const request = { method: 'POST', path: `/apis/${apiVersion}/subjectaccessreviews`, body } as const;
      const { status } = (await client.call(request, signal)) as { status?: { allowed?: unknown; denied?: unknown } };
      return status?.allowed === true && status.denied !== true;
    },
  };
}
