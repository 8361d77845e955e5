/** The last failed request for a token: the issuer's answer, or else the error. The identity library forgets both. */
export type Heard = { readonly host: string } & (
  | { readonly status: number; readonly body: string }
  | { readonly error: unknown }
);

/** Thrown when no token can be had. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly heard: Heard | undefined;

  constructor(cause: unknown, heard: Heard | undefined) {
    super('no token for Azure', { cause });
    this.heard = heard;
  }
}
