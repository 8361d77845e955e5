import type { Failure } from '../../domain/failure.ts';

/**
 * What went wrong last on the way to a token: the issuer's answer, an error on the way there, or why Kubernetes gave no
 * assertion. The identity library forgets all three.
 */
export type Heard =
  | {
      readonly host: string;
      readonly status: number;
      readonly body: string;
      /** The header Retry-After. */
      readonly retryAfter: string | undefined;
    }
  | { readonly host: string; readonly error: unknown }
  | { readonly failure: Failure };

/** Thrown when no token can be had. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly heard: Heard | undefined;

  constructor(cause: unknown, heard: Heard | undefined) {
    super('no token for Azure', { cause });
    this.heard = heard;
  }
}
