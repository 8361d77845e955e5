import { failed, type Outcome, ok } from '../../domain/failure.ts';
import type { Credentials } from '../../domain/replication.ts';
import type { Clock } from '../../time/clock.ts';
import type { KubeClient } from '../http/client.ts';
import { unreadable } from './refusal.ts';

/** The audience that Entra wants in tokens of other issuers. */
const audience = 'api://AzureADTokenExchange';
const lifeSeconds = 3_600;
/** A token is renewed when less of its life is left. */
const renewBeforeMs = 5 * 60_000;
/** A token is used no more when less of its life is left: it must still be valid when it reaches Entra. */
const unusableBeforeMs = 30_000;

interface Token {
  readonly text: string;
  readonly expiresAtMs: number;
}

/**
 * Gives tokens of one service account for Entra. One POST of a TokenRequest serves all who ask, until shortly before
 * its token expires. While Kubernetes refuses another, the last token serves as long as it is valid; then the refusal
 * is the failure.
 */
export function assertionsOf(
  account: Credentials,
  client: KubeClient,
  clock: Clock,
): (signal: AbortSignal) => Promise<Outcome<string>> {
  let token: Token | undefined;
  let fetching: Promise<Outcome<string>> | undefined;
  const leftMs = (): number => (token?.expiresAtMs ?? 0) - clock.now().getTime();

  async function requestToken(): Promise<Outcome<string>> {
    try {
      const path = `/api/v1/namespaces/${account.namespace}/serviceaccounts/${encodeURIComponent(account.name)}/token`;
      const spec = { audiences: [audience], expirationSeconds: lifeSeconds };
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
      const answer = await client.call({ method: 'POST', path, body }, new AbortController().signal);
      token = tokenOf(answer);
      return ok(token.text);
    } catch (error) {
      if (token !== undefined && leftMs() > unusableBeforeMs) return ok(token.text);
      return failed(unreadable(account, error, 'create on serviceaccounts/token'));
    } finally {
      fetching = undefined;
    }
  }

  return async (signal) => {
    signal.throwIfAborted();
    if (token !== undefined && leftMs() > renewBeforeMs) return ok(token.text);
    fetching ??= requestToken();
    const outcome = await fetching;
    signal.throwIfAborted();
    return outcome;
  };
}

function tokenOf(answer: unknown): Token {
  const { status } = answer as { status?: { token?: unknown; expirationTimestamp?: unknown } };
  const expiresAtMs = Date.parse(String(status?.expirationTimestamp));
  if (typeof status?.token !== 'string' || Number.isNaN(expiresAtMs)) throw new Error('TokenRequest gave no token');
  return { text: status.token, expiresAtMs };
}
