/** Whoever signs in to Azure, as messages and next steps name them. */
export interface Signer {
  /** The identity to which Azure refuses something, for example `the operator's identity`. */
  readonly identity: string;
  /** The place of the credentials that a person can correct, for example `Secret azure-contoso in namespace shop`. */
  readonly credentials: string;
  readonly proof: 'managed identity' | 'service account token' | 'client secret' | 'certificate';
  /** Undefined for the machine's own (system-assigned) identity. */
  readonly clientId: string | undefined;
  /** Undefined for a managed identity, whose tenant is not configured. */
  readonly tenantId: string | undefined;
}
