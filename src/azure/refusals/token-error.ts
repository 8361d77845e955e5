/** The last failing answer, or error, that a token issuer's address gave. The identity library forgets it. */
export type Heard = { readonly host: string } & (
  | { readonly status: number; readonly body: string }
  | { readonly error: unknown }
);

/** No token could be had. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly heard: Heard | undefined;

  constructor(cause: unknown, heard: Heard | undefined) {
    super('no token for Azure', { cause });
    this.heard = heard;
  }
}
