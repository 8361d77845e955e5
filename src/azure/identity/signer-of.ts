import { type Credentials, credentialsName } from '../../domain/replication.ts';
import type { ServicePrincipal } from '../../ports/azure.ts';
import type { Signer } from '../refusals/signer.ts';
import type { CredentialChoice } from './credential.ts';

/** Names the operator as the one who signs in, with the environment variables that say how. */
export function operatorSigner(choice: CredentialChoice): Signer {
  const identity = "the operator's identity";
  const { clientId } = choice;
  switch (choice.kind) {
    case 'managed-identity':
      return {
        identity,
        credentials: "the operator's managed identity (AZURE_CLIENT_ID)",
        proof: 'managed identity',
        clientId,
        tenantId: undefined,
      };
    case 'workload-identity':
      return {
        identity,
        credentials: "the operator's workload identity (AZURE_CLIENT_ID, AZURE_TENANT_ID)",
        proof: 'service account token',
        clientId,
        tenantId: choice.tenantId,
      };
    case 'client-secret':
      return {
        identity,
        credentials: "the operator's credentials (AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_CLIENT_SECRET)",
        proof: 'client secret',
        clientId,
        tenantId: choice.tenantId,
      };
    case 'client-certificate':
      return {
        identity,
        credentials: "the operator's credentials (AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_CLIENT_CERTIFICATE_PATH)",
        proof: 'certificate',
        clientId,
        tenantId: choice.tenantId,
      };
  }
}

/** Names the Secret or ServiceAccount with which an object signs in. */
export function objectSigner(credentials: Credentials, { kind, clientId, tenantId }: ServicePrincipal): Signer {
  const name = credentialsName(credentials);
  return { identity: `the identity of ${name}`, credentials: name, proof: proofs[kind], clientId, tenantId };
}

const proofs = {
  'client-secret': 'client secret',
  certificate: 'certificate',
  federated: 'service account token',
} as const satisfies Record<ServicePrincipal['kind'], Signer['proof']>;
