import type { Failure } from '../../domain/failure.ts';
import { type Credentials, credentialsName } from '../../domain/replication.ts';
import { isNotFound, KubeError } from '../http/error.ts';

/** The failure to tell when Kubernetes did not give the credentials. `needed` is the right that reading them takes. */
export function unreadable(credentials: Credentials, error: unknown, needed: string): Failure {
  const what = credentialsName(credentials);
  const status = error instanceof KubeError ? error.status : 0;
  if (status === 403) {
    return {
      kind: 'retryable',
      pace: 'slow',
      reason: 'Forbidden',
      code: 'KubernetesForbidden',
      message: `Kubernetes does not let the operator use ${what}: it lacks ${needed}.`,
      advice: `Grant it with a Role in namespace ${credentials.namespace}, as the examples in deploy/credentials do.`,
    };
  }
  if (isNotFound(error)) {
    return {
      kind: 'retryable',
      pace: 'slow',
      reason: 'AuthenticationFailed',
      code: 'CredentialsMissing',
      message: `There is no ${what}.`,
      advice: 'Create it, or correct spec.credentialsRef.',
    };
  }
  const reason = error instanceof KubeError ? error.reason : 'no answer';
  const message = `Kubernetes did not give ${what} (${reason}).`;
  return { kind: 'retryable', pace: 'soon', reason: 'Retrying', code: 'KubernetesUnavailable', message };
}
