import type { Failure } from '../../domain/failure.ts';
import { oauthError, passesByItself } from './oauth-error.ts';
import type { Signer } from './signer.ts';
import type { Heard } from './token-error.ts';

/** The last answer or error of the machine's endpoint; undefined when it was not asked. */
type HeardAtEndpoint = Exclude<Heard, { readonly failure: Failure }> | undefined;

/**
 * Explains why the machine's endpoint gave no token. It answers 404, 410 (for 70 s after a boot), 429 and 5xx while it
 * is being updated or is busy:
 * https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#retry-guidance
 */
export function managedIdentityFailure(heard: HeardAtEndpoint, { clientId }: Signer): Failure {
  if (heard === undefined || 'error' in heard) {
    const text = heard === undefined ? 'its endpoint was not asked' : 'its endpoint does not answer';
    return {
      ...lasting,
      settles: true,
      message: `The machine's managed identity gave no token: ${text}.`,
      advice: 'Let the operator run where a managed identity is, or configure workload identity.',
    };
  }
  const { status, body } = heard;
  const oauth = oauthError(body);
  if (status === 404 || status === 410 || passesByItself(status, oauth?.error)) {
    const message = `The endpoint of the machine's managed identity is not ready (answer ${status}).`;
    const why = {
      kind: 'retryable',
      pace: 'soon',
      reason: 'Retrying',
      code: `ManagedIdentity${status}`,
      message,
    } as const;
    return status === 404 || status === 410 ? { ...why, busy: true, advice: notReadyAdvice } : why;
  }
  const said = oauth?.text ?? (status < 400 ? 'its answer holds no token' : `answer ${status}`);
  const failure: Failure = { ...lasting, message: `The machine's managed identity gave no token: ${said}.` };
  if (/multiple user assigned/i.test(said)) {
    return { ...failure, advice: 'Set AZURE_CLIENT_ID to the client id of the identity to be used.' };
  }
  if (!/identity not found/i.test(said)) return { ...failure, advice: otherAdvice };
  const which = clientId === undefined ? 'A system-assigned identity' : `The identity with client id ${clientId}`;
  return {
    ...failure,
    settles: true,
    advice: `${which} must be assigned to the machines of the node pool; that takes some minutes.`,
  };
}

const lasting = {
  kind: 'retryable',
  pace: 'slow',
  reason: 'AuthenticationFailed',
  code: 'ManagedIdentityUnavailable',
} as const;
const notReadyAdvice =
  'The operator tries again by itself; if this stays, check that the machine has a managed identity.';
const otherAdvice = 'Check the managed identity of the node pool and AZURE_CLIENT_ID.';
