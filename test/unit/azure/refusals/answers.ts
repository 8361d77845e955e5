import type { FailureReason } from '../../../../src/domain/reasons.ts';

/** Whose credentials are used, as answers.test.ts describes them. */
export type SignerName =
  | 'operatorSecret'
  | 'operatorCertificate'
  | 'workloadIdentity'
  | 'managedIdentity'
  | 'systemAssigned'
  | 'secret'
  | 'secretCertificate'
  | 'serviceAccount';

/** The symptoms by which docs/troubleshooting.md groups the answers. */
export type Group = 'sign-in' | 'rights' | 'policy' | 'missing' | 'spec' | 'busy' | 'way';

/** One answer that the operator may get on the way to Azure, worded as it comes, and what the operator makes of it. */
export interface Answer {
  readonly name: string;
  readonly group: Group;
  /** What is behind it, for people. */
  readonly means: string;
  readonly from:
    | 'Azure Resource Manager'
    | 'Microsoft Entra'
    | 'the managed identity endpoint'
    | 'something in between'
    | 'the network';
  /** HTTP status; undefined when no answer came. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or text as it came. */
  readonly body?: unknown;
  /** Code of the error, where no answer came, and the text that Node gives with it. */
  readonly networkCode?: string;
  readonly detail?: string;
  /** Default: the operator with a client secret. */
  readonly signer?: SignerName;
  /** Region of the replica that the call was about. Default: japaneast. */
  readonly region?: string;
  /** Name of that replica. Default: its region. */
  readonly replica?: string;
  /** Default: a call about the replica. */
  readonly call?: 'read';
  /** Where the wording comes from. */
  readonly source: string;
  readonly then: {
    readonly reason: FailureReason;
    /** Whether the object is Stalled by it: a person must act. */
    readonly stalled: boolean;
    readonly pace: 'soon' | 'slow' | 'terminal' | 'throttled';
    /** Often passes within minutes: told as Stalled only when it has lasted. */
    readonly settles?: true;
    /** Becomes Rejected when it has stayed the same for ten minutes. */
    readonly busy?: true;
    /** Azure asked to wait so long. */
    readonly waitsSeconds?: number;
    readonly code: string;
    readonly message: string;
    readonly advice: string;
  };
}

/** Wordings for which no public record was found; they are those that Azure uses for similar cases. */
const unrecorded = 'no public record of the wording';
const proxies = 'a page as proxies and gateways give it';
const node = 'https://nodejs.org/api/errors.html';

export const answers: readonly Answer[] = [
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'The client secret is not accepted',
    means: 'The Secret or the environment holds another text than the value of the secret, often its id.',
    signer: 'secret',
    status: 401,
    body: {
      error: 'invalid_client',
      error_description:
        "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '20000000-0000-4000-8000-000000000002'. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z",
    },
    source: 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'AADSTS7000215',
      message:
        'Microsoft Entra gave no token: The client secret is wrong; for application 20000000-0000-4000-8000-000000000002 it must be the value of the secret, not its id.',
      advice: 'Correct Secret azure-contoso in namespace platform.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'The client secret has expired',
    means: 'Client secrets end after two years at most.',
    signer: 'operatorSecret',
    status: 401,
    body: {
      error: 'invalid_client',
      error_description:
        "AADSTS7000222: The provided client secret keys for app '20000000-0000-4000-8000-000000000002' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z",
    },
    source: 'https://github.com/dotnet/sign/issues/849',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      code: 'AADSTS7000222',
      message:
        'Microsoft Entra gave no token: The client secret of application 20000000-0000-4000-8000-000000000002 has expired.',
      advice:
        "Make a new secret for application 20000000-0000-4000-8000-000000000002 and put it into the operator's credentials (AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_CLIENT_SECRET).",
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'The certificate is not known to the application',
    means: 'Application and cluster have different certificates.',
    signer: 'secretCertificate',
    status: 401,
    body: {
      error: 'invalid_client',
      error_description:
        "AADSTS700027: Client assertion failed signature validation. [Reason - The key was not found., Thumbprint of key used by client: '1FD9E3E40392B30329860D52171EE3695FA507DC', Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '20000000-0000-4000-8000-000000000002'. Review the documentation at https://docs.microsoft.com/en-us/graph/deployments to determine the corresponding service endpoint.] Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z",
    },
    source: 'https://github.com/microsoftgraph/msgraph-sdk-php/issues/1585',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'AADSTS700027',
      message:
        'Microsoft Entra gave no token: The certificate with thumbprint 1FD9E3E40392B30329860D52171EE3695FA507DC is not registered with application 20000000-0000-4000-8000-000000000002.',
      advice:
        'Upload the certificate to application 20000000-0000-4000-8000-000000000002, or put the registered one into Secret azure-contoso in namespace platform.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'The certificate has expired',
    means: 'The certificate is registered, and its time is over, or the clock of the node is wrong.',
    signer: 'operatorCertificate',
    status: 401,
    body: {
      error: 'invalid_client',
      error_description:
        "AADSTS700027: Client assertion contains an invalid signature. [Reason - The key used is expired., Thumbprint of key used by client: 'C49C25705D60569884EDC91986CEF8A01A495783', Found key 'Start=06/29/2024 21:13:15, End=06/29/2026 21:13:15', Please visit the Azure Portal to see configured keys for app Id '20000000-0000-4000-8000-000000000002'.] Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z",
    },
    source: 'https://learn.microsoft.com/entra/identity/hybrid/',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'AADSTS700027',
      message:
        'Microsoft Entra gave no token: The certificate with thumbprint C49C25705D60569884EDC91986CEF8A01A495783 has expired.',
      advice:
        "Renew the certificate at application 20000000-0000-4000-8000-000000000002 and in the operator's credentials (AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_CLIENT_CERTIFICATE_PATH); if it is valid, set the clock of the node right.",
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'The signature does not fit the certificate',
    means: 'The private key belongs to another certificate.',
    signer: 'operatorCertificate',
    status: 401,
    body: {
      error: 'invalid_client',
      error_description:
        "AADSTS700027: Client assertion failed signature validation. [Reason - The provided signature value did not match the expected signature value., Thumbprint of key used by client: '977B10FB9D1C087E3105564B1D31B09D247BEBCD', Found key 'Start=02/07/2021 17:00:39, End=02/06/2026 17:00:39']. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z",
    },
    source: 'https://github.com/Azure/azure-sdk-for-java/issues/25109',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'AADSTS700027',
      message:
        'Microsoft Entra gave no token: The certificate with thumbprint 977B10FB9D1C087E3105564B1D31B09D247BEBCD does not fit the signature: The provided signature value did not match the expected signature value.',
      advice:
        "Upload the certificate to application 20000000-0000-4000-8000-000000000002, or put the registered one into the operator's credentials (AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_CLIENT_CERTIFICATE_PATH).",
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'The assertion of a certificate is out of its time',
    means:
      'The identity library signs an assertion for some minutes; a wrong clock puts it into the past or the future.',
    signer: 'operatorCertificate',
    status: 401,
    body: {
      error: 'invalid_client',
      error_description:
        'AADSTS700024: Client assertion is not within its valid time range. Current time: 2025-08-29T05:47:32.1501147Z, assertion valid from 1970-01-01T00:00:00.0000000Z, expiry time of assertion 2025-08-29T00:30:05.0000000Z. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials . Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z',
    },
    source: 'https://github.com/AzureAD/microsoft-authentication-library-for-java/issues/984',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'AADSTS700024',
      message:
        'Microsoft Entra gave no token: The assertion made with the certificate has expired or is not valid yet.',
      advice: 'Set the clock of the node right; each assertion is made anew and is valid for minutes.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'The token of the service account is out of its time',
    means: 'The token was presented after its end, or the clocks of cluster and Entra differ.',
    signer: 'serviceAccount',
    status: 401,
    body: {
      error: 'invalid_client',
      error_description:
        'AADSTS700024: Client assertion is not within its valid time range. Current time: 2024-05-28T06:01:42.5853621Z, assertion valid from 2024-05-28T02:19:01.0000000Z, expiry time of assertion 2024-05-28T02:29:01.0000000Z. Review the documentation at https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials . Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z',
    },
    source: 'https://github.com/dotnet/docker-tools/pull/1310',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'AADSTS700024',
      message: "Microsoft Entra gave no token: The service account's token has expired or is not valid yet.",
      advice:
        'Tokens are renewed by themselves; if this stays, set the clocks of the nodes and of the API server right.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'No federated credential for this service account',
    means:
      'The application trusts other service accounts of the cluster, not this one; or the credential is a minute old.',
    signer: 'serviceAccount',
    status: 401,
    body: {
      error: 'invalid_client',
      error_description:
        "AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:platform:azure-contoso'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z",
    },
    source: 'https://github.com/Azure/azure-workload-identity/issues/1200',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'AADSTS700213',
      message:
        "Microsoft Entra gave no token: No federated credential of application 20000000-0000-4000-8000-000000000002 matches the service account's token, which presents subject 'system:serviceaccount:platform:azure-contoso'.",
      advice:
        'Create the federated credential at application 20000000-0000-4000-8000-000000000002 or correct it: it must name exactly this issuer, subject and audience. A new one takes some minutes.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'The federated credential differs in upper and lower case',
    means: 'Entra compares issuer, subject and audience letter by letter.',
    signer: 'workloadIdentity',
    status: 401,
    body: {
      error: 'invalid_client',
      error_description:
        "AADSTS7002138: No matching federated identity record found for presented assertion subject 'system:serviceaccount:acr-replication-system:Operator'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z",
    },
    source: 'https://github.com/Azure/login/issues/515',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'AADSTS7002138',
      message:
        "Microsoft Entra gave no token: No federated credential of application 20000000-0000-4000-8000-000000000002 matches the service account's token, which presents subject 'system:serviceaccount:acr-replication-system:Operator'; they differ in upper and lower case only.",
      advice:
        'Create the federated credential at application 20000000-0000-4000-8000-000000000002 or correct it: it must name exactly this issuer, subject and audience. A new one takes some minutes.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'No federated credential for this cluster',
    means: 'The application trusts another cluster: a new cluster has another issuer, and a slash at the end counts.',
    signer: 'workloadIdentity',
    status: 401,
    body: {
      error: 'invalid_client',
      error_description:
        "AADSTS700211: No matching federated identity record found for presented assertion issuer 'https://westeurope.oic.prod-aks.azure.com/10000000-0000-4000-8000-000000000001/6b2f1c1e-5f0b-4f36-9c1a-0d5f3c2b1a90/'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z",
    },
    source: 'https://github.com/Azure/azure-workload-identity/issues/1200',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'AADSTS700211',
      message:
        "Microsoft Entra gave no token: No federated credential of application 20000000-0000-4000-8000-000000000002 matches the service account's token, which presents issuer 'https://westeurope.oic.prod-aks.azure.com/10000000-0000-4000-8000-000000000001/6b2f1c1e-5f0b-4f36-9c1a-0d5f3c2b1a90/'.",
      advice:
        'Create the federated credential at application 20000000-0000-4000-8000-000000000002 or correct it: it must name exactly this issuer, subject and audience. A new one takes some minutes.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'The federated credential wants another audience',
    means: 'Its audience must be api://AzureADTokenExchange.',
    signer: 'serviceAccount',
    status: 401,
    body: {
      error: 'invalid_client',
      error_description:
        "AADSTS700212: No matching federated identity record found for presented assertion audience 'api://AzureADTokenExchange'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z",
    },
    source: 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'AADSTS700212',
      message:
        "Microsoft Entra gave no token: No federated credential of application 20000000-0000-4000-8000-000000000002 matches the service account's token, which presents audience 'api://AzureADTokenExchange'.",
      advice:
        'Create the federated credential at application 20000000-0000-4000-8000-000000000002 or correct it: it must name exactly this issuer, subject and audience. A new one takes some minutes.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'No federated credential at all, in the older wording',
    means: 'Nothing at the application matches what the cluster presents.',
    signer: 'workloadIdentity',
    status: 400,
    body: {
      error: 'invalid_request',
      error_description:
        "AADSTS70021: No matching federated identity record found for presented assertion. Assertion Issuer: 'https://westeurope.oic.prod-aks.azure.com/10000000-0000-4000-8000-000000000001/6b2f1c1e-5f0b-4f36-9c1a-0d5f3c2b1a90/'. Assertion Subject: 'system:serviceaccount:acr-replication-system:acr-replication-operator'. Assertion Audience: 'api://AzureADTokenExchange'. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z",
    },
    source: 'https://github.com/Azure/azure-workload-identity/issues/340',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'AADSTS70021',
      message:
        "Microsoft Entra gave no token: No federated credential of application 20000000-0000-4000-8000-000000000002 matches the service account's token, which presents issuer 'https://westeurope.oic.prod-aks.azure.com/10000000-0000-4000-8000-000000000001/6b2f1c1e-5f0b-4f36-9c1a-0d5f3c2b1a90/', subject 'system:serviceaccount:acr-replication-system:acr-replication-operator', audience 'api://AzureADTokenExchange'.",
      advice:
        'Create the federated credential at application 20000000-0000-4000-8000-000000000002 or correct it: it must name exactly this issuer, subject and audience. A new one takes some minutes.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: "Entra cannot read the cluster's issuer",
    means: 'A cluster of your own publishes its OpenID configuration itself, and Entra gets no answer there.',
    signer: 'workloadIdentity',
    status: 400,
    body: {
      error: 'invalid_request',
      error_description:
        'AADSTS50166: Request to External OIDC endpoint failed. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z',
    },
    source: 'https://github.com/Azure/azure-workload-identity/issues/642',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'AADSTS50166',
      message: "Microsoft Entra gave no token: It cannot read the OpenID configuration of the cluster's issuer.",
      advice: "Let the internet read /.well-known/openid-configuration and the keys at the cluster's issuer.",
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: "The cluster's signing key is not known",
    means: 'The keys of the cluster were rotated, and its issuer still publishes the old ones.',
    signer: 'serviceAccount',
    status: 400,
    body: {
      error: 'invalid_grant',
      error_description:
        "AADSTS50013: Assertion failed signature validation. [Reason - The key was not found., Thumbprint of key used by client: 'xxxx']. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z",
    },
    source: 'https://github.com/AzureAD/microsoft-authentication-library-for-dotnet/issues/2604',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'AADSTS50013',
      message:
        "Microsoft Entra gave no token: It cannot verify the signature of the service account's token: The key was not found.",
      advice: "Publish the cluster's present signing keys at its issuer, where Microsoft Entra reads them.",
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'There is no such application',
    means: 'The client id belongs to another tenant, or is mistyped.',
    signer: 'secret',
    status: 400,
    body: {
      error: 'unauthorized_client',
      error_description:
        "AADSTS700016: Application with identifier '20000000-0000-4000-8000-000000000002' was not found in the directory '10000000-0000-4000-8000-000000000001'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z",
    },
    source: 'https://github.com/Azure/azure-powershell/issues/9156',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'AADSTS700016',
      message:
        'Microsoft Entra gave no token: There is no application 20000000-0000-4000-8000-000000000002 in tenant 10000000-0000-4000-8000-000000000001.',
      advice:
        'Correct client id or tenant id of Secret azure-contoso in namespace platform; a new application takes some minutes.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'The application has no service principal',
    means: 'The portal makes it together with the application; az ad app create does not.',
    signer: 'operatorSecret',
    status: 401,
    body: {
      error: 'invalid_client',
      error_description:
        'AADSTS7000229: The client application 20000000-0000-4000-8000-000000000002 is missing service principal in the tenant 10000000-0000-4000-8000-000000000001. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119 Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z',
    },
    source: 'https://github.com/Azure/Commercial-Marketplace-SaaS-Accelerator/issues/830',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'AADSTS7000229',
      message:
        'Microsoft Entra gave no token: Application 20000000-0000-4000-8000-000000000002 has no service principal in tenant 10000000-0000-4000-8000-000000000001.',
      advice: 'Make one: az ad sp create --id 20000000-0000-4000-8000-000000000002.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'Sign-in is switched off for the application',
    means: 'Somebody disabled it in Microsoft Entra.',
    signer: 'operatorSecret',
    status: 400,
    body: {
      error: 'unauthorized_client',
      error_description:
        "AADSTS7000112: Application '20000000-0000-4000-8000-000000000002'(acr-replication) is disabled. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z",
    },
    source: 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      code: 'AADSTS7000112',
      message:
        'Microsoft Entra gave no token: Sign-in is switched off for application 20000000-0000-4000-8000-000000000002.',
      advice:
        'Enable application 20000000-0000-4000-8000-000000000002 under Enterprise applications in Microsoft Entra.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'There is no such tenant',
    means: 'The tenant id is wrong, or the tenant is in another cloud.',
    signer: 'secret',
    status: 400,
    body: {
      error: 'invalid_request',
      error_description:
        "AADSTS90002: Tenant '10000000-0000-4000-8000-000000000001' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z",
    },
    source: 'https://github.com/Azure/azure-cli/issues/22145',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      code: 'AADSTS90002',
      message:
        'Microsoft Entra gave no token: There is no tenant 10000000-0000-4000-8000-000000000001 in this cloud, or it has no active subscription.',
      advice:
        'Correct the tenant id of Secret azure-contoso in namespace platform; check AZURE_ENVIRONMENT, too: each cloud has tenants of its own.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'The tenant id is no tenant id',
    means: 'It is neither a GUID nor a domain.',
    signer: 'secret',
    status: 400,
    body: {
      error: 'invalid_request',
      error_description:
        "AADSTS900023: Specified tenant identifier 'contoso' is neither a valid DNS name, nor a valid external domain. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z",
    },
    source: 'https://github.com/caddy-dns/azure/issues/3',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      code: 'AADSTS900023',
      message:
        'Microsoft Entra gave no token: Tenant 10000000-0000-4000-8000-000000000001 is neither an id nor a domain name.',
      advice: 'Correct the tenant id of Secret azure-contoso in namespace platform.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'The tenant is in another cloud',
    means: 'Application and authority belong to different clouds.',
    signer: 'operatorSecret',
    status: 400,
    body: {
      error: 'invalid_request',
      error_description:
        'AADSTS900382: Confidential Client is not supported in Cross Cloud request. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z',
    },
    source: 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      code: 'AADSTS900382',
      message: 'Microsoft Entra gave no token: Confidential Client is not supported in Cross Cloud request.',
      advice: 'Check AZURE_ENVIRONMENT: application and tenant are in another cloud than the one that was asked.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'Conditional Access blocks the sign-in',
    means: 'The credentials are right; a policy for workload identities allows other addresses only.',
    signer: 'secret',
    status: 400,
    body: {
      error: 'invalid_grant',
      error_description:
        'AADSTS53003: Access has been blocked by Conditional Access policies. The access policy does not allow token issuance. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z',
    },
    source: 'https://github.com/AzureAD/microsoft-identity-web/issues/2419',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      code: 'AADSTS53003',
      message:
        'Microsoft Entra gave no token: A Conditional Access policy of tenant 10000000-0000-4000-8000-000000000001 blocks application 20000000-0000-4000-8000-000000000002.',
      advice:
        'No credential is wrong: have application 20000000-0000-4000-8000-000000000002 or the addresses of the cluster allowed in that policy; the sign-in log names it.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'sign-in',
    name: 'A code of Entra that has no entry here',
    means: 'The message has the code and the words of Entra.',
    signer: 'operatorSecret',
    status: 400,
    body: {
      error: 'invalid_request',
      error_description:
        'AADSTS1002012: The provided value for scope https://management.azure.com is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI). Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z',
    },
    source: 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      code: 'AADSTS1002012',
      message:
        'Microsoft Entra gave no token: The provided value for scope https://management.azure.com is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI) (AADSTS1002012).',
      advice:
        "Look the code up at https://login.microsoftonline.com/error?code=1002012 and correct the operator's credentials (AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_CLIENT_SECRET).",
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'busy',
    name: 'Entra took many sign-ins for a loop',
    means: 'Entra refuses the same request for some minutes when it comes too often.',
    signer: 'operatorSecret',
    status: 400,
    body: {
      error: 'invalid_grant',
      error_description:
        'AADSTS50196: The server terminated an operation because it encountered a loop while processing a request. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z',
    },
    source: 'https://learn.microsoft.com/entra/identity-platform/reference-breaking-changes',
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'soon',
      code: 'AADSTS50196',
      message: 'Microsoft Entra is busy and gave no token (AADSTS50196).',
      advice: 'The operator tries again by itself.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'busy',
    name: 'Entra has a passing trouble',
    means: 'Entra asks to try again.',
    signer: 'secret',
    status: 400,
    body: {
      error: 'temporarily_unavailable',
      error_description:
        'AADSTS90033: A transient error has occurred. Please try again. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z',
    },
    source: 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes',
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'soon',
      code: 'AADSTS90033',
      message: 'Microsoft Entra is busy and gave no token (AADSTS90033).',
      advice: 'The operator tries again by itself.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'busy',
    name: 'Entra limits the sign-ins',
    means: 'Too many requests for tokens from this tenant.',
    signer: 'operatorSecret',
    status: 429,
    body: {
      error: 'temporarily_unavailable',
      error_description:
        'AADSTS90055: The server is temporarily too busy to handle this request. Please try again. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z',
    },
    headers: { 'retry-after': '60' },
    source: 'https://learn.microsoft.com/entra/msal/dotnet/advanced/exceptions/',
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'soon',
      waitsSeconds: 60,
      code: 'AADSTS90055',
      message: 'Microsoft Entra is busy and gave no token (AADSTS90055).',
      advice: 'The operator tries again by itself.',
    },
  },
  {
    from: 'Microsoft Entra',
    group: 'busy',
    name: 'Entra is down, whatever code it gives',
    means: 'An answer of 500 and more says nothing about credentials.',
    signer: 'serviceAccount',
    status: 503,
    body: {
      error: 'invalid_client',
      error_description:
        'AADSTS700213: No matching federated identity record found for presented assertion subject. Trace ID: 86c81de3-efbd-4c0f-854d-cb8f329e5b00 Correlation ID: a92568a5-cc37-4136-ad4d-1ba82988abc2 Timestamp: 2026-11-22 10:00:00Z',
    },
    source: unrecorded,
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'soon',
      code: 'AADSTS700213',
      message: 'login.microsoftonline.com answered 503 instead of a token.',
      advice: 'The operator tries again by itself.',
    },
  },
  {
    from: 'the managed identity endpoint',
    group: 'sign-in',
    name: 'No identity is assigned to the machine',
    means: 'The node has no managed identity, or another one; a new one takes minutes.',
    signer: 'managedIdentity',
    status: 400,
    body: { error: 'invalid_request', error_description: 'Identity not found' },
    source: 'https://github.com/Azure/AKS/issues/1683',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'ManagedIdentityUnavailable',
      message: "The machine's managed identity gave no token: invalid_request, Identity not found.",
      advice:
        'The identity with client id 20000000-0000-4000-8000-000000000002 must be assigned to the machines of the node pool; that takes some minutes.',
    },
  },
  {
    from: 'the managed identity endpoint',
    group: 'sign-in',
    name: 'Several identities are assigned to the machine',
    means: 'Without AZURE_CLIENT_ID the endpoint cannot choose.',
    signer: 'systemAssigned',
    status: 400,
    body: {
      error: 'invalid_request',
      error_description:
        'Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request',
    },
    source: 'https://github.com/AzureAD/microsoft-authentication-library-for-python',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      code: 'ManagedIdentityUnavailable',
      message:
        "The machine's managed identity gave no token: invalid_request, Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request.",
      advice: 'Set AZURE_CLIENT_ID to the client id of the identity to be used.',
    },
  },
  {
    from: 'the managed identity endpoint',
    group: 'busy',
    name: 'The managed identity endpoint is not ready after a boot',
    means: 'It answers 410 for up to 70 seconds.',
    signer: 'managedIdentity',
    status: 410,
    body: '',
    source: 'https://github.com/Azure/azure-sdk-for-net/issues/28568',
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'soon',
      busy: true,
      code: 'ManagedIdentity410',
      message: "The endpoint of the machine's managed identity is not ready (answer 410).",
      advice: 'The operator tries again by itself; if this stays, check that the machine has a managed identity.',
    },
  },
  {
    from: 'the managed identity endpoint',
    group: 'busy',
    name: 'The managed identity endpoint is being updated',
    means: 'It answers 404 for a while.',
    signer: 'managedIdentity',
    status: 404,
    body: '',
    source: 'https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token',
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'soon',
      busy: true,
      code: 'ManagedIdentity404',
      message: "The endpoint of the machine's managed identity is not ready (answer 404).",
      advice: 'The operator tries again by itself; if this stays, check that the machine has a managed identity.',
    },
  },
  {
    from: 'the managed identity endpoint',
    group: 'busy',
    name: 'The managed identity endpoint limits the requests',
    means: 'It passes by itself.',
    signer: 'managedIdentity',
    status: 429,
    body: { error: 'too_many_requests', error_description: 'Temporarily throttled. Too many requests.' },
    headers: { 'retry-after': '5' },
    source: 'https://github.com/AzureAD/microsoft-authentication-library-for-dotnet/issues/4998',
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'soon',
      waitsSeconds: 5,
      code: 'ManagedIdentity429',
      message: "The endpoint of the machine's managed identity is not ready (answer 429).",
      advice: 'The operator tries again by itself.',
    },
  },
  {
    from: 'the managed identity endpoint',
    group: 'busy',
    name: 'The managed identity endpoint is in trouble',
    means: 'It passes by itself.',
    signer: 'managedIdentity',
    status: 500,
    body: {
      error: 'unknown',
      error_description: 'Failed to retrieve token from the Active directory. For details see logs in C:\\Packages',
    },
    source: 'https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token',
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'soon',
      code: 'ManagedIdentity500',
      message: "The endpoint of the machine's managed identity is not ready (answer 500).",
      advice: 'The operator tries again by itself.',
    },
  },
  {
    from: 'the managed identity endpoint',
    group: 'sign-in',
    name: 'No managed identity endpoint answers',
    means: 'The operator does not run on a machine of Azure, or a network policy keeps it from 169.254.169.254.',
    signer: 'managedIdentity',
    networkCode: 'ECONNREFUSED',
    source: unrecorded,
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'ManagedIdentityUnavailable',
      message: "The machine's managed identity gave no token: its endpoint does not answer.",
      advice: 'Let the operator run where a managed identity is, or configure workload identity.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'sign-in',
    name: 'The subscription is in another tenant',
    means: 'The identity signs in to one tenant, and the subscription belongs to another.',
    status: 401,
    body: {
      error: {
        code: 'InvalidAuthenticationTokenTenant',
        message:
          "The access token is from the wrong issuer 'https://sts.windows.net/10000000-0000-4000-8000-000000000001/'. It must match the tenant 'https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/' associated with this subscription. Please use the authority (URL) 'https://login.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47' to get the token. Note, if the subscription is transferred to another tenant there is no impact to the services, but information about new tenant could take time to propagate (up to an hour). If you just transferred your subscription and see this error message, please try back later.",
      },
    },
    signer: 'secret',
    source: 'https://github.com/Azure/azure-sdk-for-python/issues/38382',
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'InvalidAuthenticationTokenTenant',
      message:
        'Subscription 33333333-3333-4333-8333-333333333333 belongs to tenant 72f988bf-86f1-41af-91ab-2d7cd011db47, and the identity of Secret azure-contoso in namespace platform is signed in to tenant 10000000-0000-4000-8000-000000000001.',
      advice:
        "Correct the tenant id of Secret azure-contoso in namespace platform; after a subscription's transfer Azure needs up to an hour.",
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'sign-in',
    name: 'Azure takes the token for expired',
    means: 'A token that was renewed in time is refused only where clocks differ.',
    status: 401,
    body: {
      error: {
        code: 'ExpiredAuthenticationToken',
        message:
          "The access token expiry UTC time '11/22/2026 9:00:00 AM' is earlier than current UTC time '11/22/2026 10:00:00 AM'.",
      },
    },
    source: unrecorded,
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'ExpiredAuthenticationToken',
      message: "Azure rejects the access token of the operator's identity (ExpiredAuthenticationToken).",
      advice: 'The operator renews tokens by itself; if this stays, set the clock of the node right.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'sign-in',
    name: 'Azure does not accept the token',
    means: 'Token and management address belong to different clouds.',
    status: 401,
    body: {
      error: {
        code: 'InvalidAuthenticationTokenAudience',
        message:
          "The access token has been obtained for wrong audience or resource 'https://management.chinacloudapi.cn'. It should exactly match with one of the allowed audiences 'https://management.core.windows.net/','https://management.azure.com/'.",
      },
    },
    signer: 'secret',
    source: unrecorded,
    then: {
      reason: 'AuthenticationFailed',
      stalled: true,
      pace: 'slow',
      code: 'InvalidAuthenticationTokenAudience',
      message:
        "Azure rejects the access token of the identity of Secret azure-contoso in namespace platform (InvalidAuthenticationTokenAudience): The access token has been obtained for wrong audience or resource 'https://management.chinacloudapi.cn'. It should exactly match with one of the allowed audiences 'https://management.core.windows.net/','https://management.azure.com/'.",
      advice: 'Check AZURE_ENVIRONMENT, and the tenant id of Secret azure-contoso in namespace platform.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'rights',
    name: 'A role is missing',
    means: 'The identity has no role with this action at this place, or the role is minutes old.',
    status: 403,
    body: {
      error: {
        code: 'AuthorizationFailed',
        message:
          "The client '20000000-0000-4000-8000-000000000002' with object id '21000000-0000-4000-8000-000000000021' does not have authorization to perform action 'Microsoft.ContainerRegistry/registries/replications/write' over scope '/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso/replications/japaneast' or the scope is invalid. If access was recently granted, please refresh your credentials.",
      },
    },
    source: 'https://github.com/Azure/azure-cli/issues/27662',
    then: {
      reason: 'Forbidden',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'AuthorizationFailed',
      message:
        "Azure forbids client 20000000-0000-4000-8000-000000000002 (object id 21000000-0000-4000-8000-000000000021), the operator's identity, the action Microsoft.ContainerRegistry/registries/replications/write on /subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso/replications/japaneast, or there is no such scope.",
      advice:
        "Grant the operator's identity this action on the registry; a role that was just granted takes some minutes.",
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'rights',
    name: "A role is missing for the object's own credentials",
    means: 'The same for the identity that the object names.',
    status: 403,
    body: {
      error: {
        code: 'AuthorizationFailed',
        message:
          "The client '20000000-0000-4000-8000-000000000002' with object id '21000000-0000-4000-8000-000000000021' does not have authorization to perform action 'Microsoft.ContainerRegistry/registries/replications/write' over scope '/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso/replications/japaneast' or the scope is invalid. If access was recently granted, please refresh your credentials.",
      },
    },
    signer: 'secret',
    source: 'https://github.com/Azure/azure-cli/issues/27662',
    then: {
      reason: 'Forbidden',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'AuthorizationFailed',
      message:
        'Azure forbids client 20000000-0000-4000-8000-000000000002 (object id 21000000-0000-4000-8000-000000000021), the identity of Secret azure-contoso in namespace platform, the action Microsoft.ContainerRegistry/registries/replications/write on /subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso/replications/japaneast, or there is no such scope.',
      advice:
        'Grant the identity of Secret azure-contoso in namespace platform this action on the registry; a role that was just granted takes some minutes.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'rights',
    name: 'A role is missing on something linked',
    means: 'Registries with private endpoints need this action in the network, too.',
    status: 403,
    body: {
      error: {
        code: 'LinkedAuthorizationFailed',
        message:
          "The client '20000000-0000-4000-8000-000000000002' with object id '21000000-0000-4000-8000-000000000021' has permission to perform action 'Microsoft.ContainerRegistry/registries/replications/write' on scope '/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso/replications/japaneast'; however, it does not have permission to perform action(s) 'Microsoft.Network/privateEndpoints/privateLinkServiceProxies/write' on the linked scope(s) '/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/network/providers/Microsoft.Network/privateEndpoints/registry' (respectively) or the linked scope(s) are invalid.",
      },
    },
    source: 'https://github.com/Azure/ARO-RP/pull/423',
    then: {
      reason: 'Forbidden',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'LinkedAuthorizationFailed',
      message:
        "Azure forbids client 20000000-0000-4000-8000-000000000002 (object id 21000000-0000-4000-8000-000000000021), the operator's identity, the action Microsoft.Network/privateEndpoints/privateLinkServiceProxies/write on /subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/network/providers/Microsoft.Network/privateEndpoints/registry.",
      advice: "Grant the operator's identity this action there; a role that was just granted takes some minutes.",
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'rights',
    name: 'Something linked is in a subscription of another tenant',
    means: 'No role reaches across tenants.',
    status: 403,
    body: {
      error: {
        code: 'LinkedAuthorizationFailed',
        message:
          "The client has permission to perform action 'Microsoft.ContainerRegistry/registries/replications/write' on scope '/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso/replications/japaneast', however the current tenant '10000000-0000-4000-8000-000000000001' is not authorized to access linked subscription '44444444-4444-4444-8444-444444444444'.",
      },
    },
    source: 'https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors',
    then: {
      reason: 'Forbidden',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'LinkedAuthorizationFailed',
      message:
        'Azure forbids it: tenant 10000000-0000-4000-8000-000000000001 has no access to the linked subscription 44444444-4444-4444-8444-444444444444.',
      advice:
        'No role reaches across tenants: what the registry is linked to must be in a subscription of its own tenant.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'rights',
    name: 'A deny assignment forbids it',
    means:
      'A managed application, a deployment stack or the lockdown of a node resource group protects the place, whatever roles say.',
    status: 403,
    body: {
      error: {
        code: 'DenyAssignmentAuthorizationFailed',
        message:
          "The client '20000000-0000-4000-8000-000000000002' with object id '21000000-0000-4000-8000-000000000021' has permission to perform action 'Microsoft.ContainerRegistry/registries/replications/write' on scope '/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso/replications/japaneast'; however, the access is denied because of the deny assignment with name 'Deny assignment created by Deployment Stack '/subscriptions/33333333-3333-4333-8333-333333333333/providers/Microsoft.Resources/deploymentStacks/platform'' and Id '11111f740ce95642acaf15775e7f2b80' at scope '/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/registries'.",
      },
    },
    source: 'https://github.com/Azure/deployment-stacks/issues/224',
    then: {
      reason: 'Forbidden',
      stalled: true,
      pace: 'slow',
      code: 'DenyAssignmentAuthorizationFailed',
      message:
        "The deny assignment \"Deny assignment created by Deployment Stack '/subscriptions/33333333-3333-4333-8333-333333333333/providers/Microsoft.Resources/deploymentStacks/platform'\" on /subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/registries forbids the operator's identity the action Microsoft.ContainerRegistry/registries/replications/write, whatever its roles allow.",
      advice: "No role can help: have the operator's identity excluded from the deny assignment by whoever made it.",
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'rights',
    name: 'A deny assignment forbids it on something linked',
    means: 'The same at another place that the change touches.',
    status: 403,
    body: {
      error: {
        code: 'LinkedAuthorizationFailed',
        message:
          "The client '20000000-0000-4000-8000-000000000002' with object id '21000000-0000-4000-8000-000000000021' has permission to perform action 'Microsoft.ContainerRegistry/registries/replications/write' on scope '/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso/replications/japaneast'; however, it does not have permission to perform action 'Microsoft.Network/virtualNetworks/subnets/join/action' on the '0' linked scope(s) '' or the linked scope(s) are invalid and is blocked by deny assignments on the '1' linked scope(s) '/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/aro/providers/Microsoft.Network/virtualNetworks/aro'.",
      },
    },
    source: 'https://github.com/Azure/ARO-RP/pull/423',
    then: {
      reason: 'Forbidden',
      stalled: true,
      pace: 'slow',
      code: 'LinkedAuthorizationFailed',
      message:
        "A deny assignment on /subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/aro/providers/Microsoft.Network/virtualNetworks/aro forbids it to the operator's identity.",
      advice: "No role can help: have the operator's identity excluded from the deny assignment by whoever made it.",
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'rights',
    name: 'Any other refusal of rights',
    means: 'The message has the words of Azure.',
    status: 403,
    body: { error: { code: 'Forbidden', message: 'Access is not allowed from this network.' } },
    source: unrecorded,
    then: {
      reason: 'Forbidden',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'Forbidden',
      message: 'Azure forbids it: Access is not allowed from this network.',
      advice: "See what Azure says; the operator's identity may lack a role, or calls from a place that is barred.",
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'policy',
    name: 'A policy wants a tag',
    means:
      'The reason is the text that the owner of the policy wrote; often a tag is missing, which spec.tags can set.',
    status: 403,
    body: {
      error: {
        code: 'RequestDisallowedByPolicy',
        message:
          'Resource \'japaneast\' was disallowed by policy. Policy identifiers: \'[{"policyAssignment":{"name":"Require tags","id":"/providers/Microsoft.Management/managementGroups/contoso/providers/Microsoft.Authorization/policyAssignments/require-tags"}}]\'.',
        additionalInfo: [
          {
            type: 'PolicyViolation',
            info: {
              policyAssignmentDisplayName: 'Allowed locations',
              policyAssignmentName: 'allowed-locations',
              evaluationDetails: {
                evaluatedExpressions: [
                  { result: 'True', expressionKind: 'Field', expression: 'type', path: 'type', operator: 'Equals' },
                ],
              },
            },
          },
          {
            type: 'PolicyViolation',
            info: {
              policyAssignmentDisplayName: 'Require tags',
              policyAssignmentName: 'require-tags',
              evaluationDetails: { reason: 'Please add a CostCenter tag.' },
            },
          },
        ],
      },
    },
    source: 'https://github.com/kubernetes-sigs/cluster-api-provider-azure/issues/4156',
    then: {
      reason: 'PolicyDenied',
      stalled: true,
      pace: 'slow',
      code: 'RequestDisallowedByPolicy',
      message: 'The policy assignments "Allowed locations", "Require tags" (Please add a CostCenter tag) deny it.',
      advice: 'Set in spec.tags what the policy asks for, or ask the owner of the policy assignment for an exemption.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'policy',
    name: 'A policy looks at one tag',
    means: 'The policy gives no reason; what it evaluated names the tag.',
    status: 403,
    body: {
      error: {
        code: 'RequestDisallowedByPolicy',
        message: "Resource 'japaneast' was disallowed by policy.",
        additionalInfo: [
          {
            type: 'PolicyViolation',
            info: {
              policyAssignmentDisplayName: 'Enforce Owner Tag',
              evaluationDetails: {
                evaluatedExpressions: [
                  {
                    result: 'True',
                    expressionKind: 'Field',
                    expression: 'tags[Owner]',
                    path: 'tags[Owner]',
                    targetValue: 'false',
                    operator: 'Exists',
                  },
                ],
              },
            },
          },
        ],
      },
    },
    source: 'https://github.com/microsoft/AzureTRE/issues/2890',
    then: {
      reason: 'PolicyDenied',
      stalled: true,
      pace: 'slow',
      code: 'RequestDisallowedByPolicy',
      message: 'The policy assignment "Enforce Owner Tag" denies it.',
      advice: 'Set Owner in spec.tags as the policy asks, or ask the owner of the policy assignment for an exemption.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'policy',
    name: 'A policy gives its reasons in the message',
    means: 'Newer answers of Azure have them there.',
    status: 403,
    body: {
      error: {
        code: 'RequestDisallowedByPolicy',
        message:
          "Resource 'japaneast' was disallowed by policy. Reasons: 'Tag team must be one of platform, shop.'. See error details for policy resource IDs.",
      },
    },
    source: unrecorded,
    then: {
      reason: 'PolicyDenied',
      stalled: true,
      pace: 'slow',
      code: 'RequestDisallowedByPolicy',
      message: 'An Azure policy denies it: Tag team must be one of platform, shop.',
      advice: 'Set in spec.tags what the policy asks for, or ask the owner of the policy assignment for an exemption.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'policy',
    name: 'A policy allows other regions',
    means: 'The set of regions that the policy allows does not hold this one.',
    status: 403,
    body: {
      error: {
        code: 'RequestDisallowedByPolicy',
        message: "Resource 'japaneast' was disallowed by policy.",
        additionalInfo: [
          {
            type: 'PolicyViolation',
            info: {
              policyAssignmentDisplayName: 'EU only',
              evaluationDetails: {
                evaluatedExpressions: [
                  {
                    result: 'False',
                    expressionKind: 'Field',
                    expression: 'location',
                    path: 'location',
                    expressionValue: 'japaneast',
                    targetValue: ['westeurope', 'northeurope'],
                    operator: 'In',
                  },
                ],
              },
            },
          },
        ],
      },
    },
    source: 'https://learn.microsoft.com/azure/governance/policy/samples/built-in-policies',
    then: {
      reason: 'PolicyDenied',
      stalled: true,
      pace: 'slow',
      code: 'RequestDisallowedByPolicy',
      message: 'The policy assignment "EU only" denies it.',
      advice: 'Choose a region that the policy allows, or ask the owner of the policy assignment for an exemption.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'policy',
    name: 'Azure does not open the region to this subscription',
    means: 'Some subscriptions, those of students or trials above all, may use a few regions only.',
    status: 403,
    body: {
      error: {
        code: 'RequestDisallowedByAzure',
        message:
          "Resource 'japaneast' was disallowed by Azure: This policy maintains a set of best available regions where your subscription can deploy resources. The objective of this policy is to ensure that your subscription has full access to Azure services with optimal performance. Should you need additional or different regions, contact support..",
      },
    },
    source: 'https://github.com/microsoft/microsoft-foundry-for-vscode/issues/292',
    then: {
      reason: 'RegionUnavailable',
      stalled: true,
      pace: 'slow',
      code: 'RequestDisallowedByAzure',
      message:
        "Azure does not allow it in subscription 33333333-3333-4333-8333-333333333333. Azure answered RequestDisallowedByAzure: Resource 'japaneast' was disallowed by Azure: This policy maintains a set of best available regions where your subscription can deploy resources. The objective of this policy is to ensure that your subscription has full access to Azure services with optimal performance. Should you need additional or…",
      advice: 'Choose another region, or ask Microsoft support to open this one to the subscription.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'policy',
    name: 'A lock forbids the change',
    means: 'CanNotDelete locks keep replicas from being deleted, ReadOnly locks all changes.',
    status: 409,
    body: {
      error: {
        code: 'ScopeLocked',
        message:
          "The scope '/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso/replications/japaneast' cannot perform delete operation because following scope(s) are locked: '/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/registries'. Please remove the lock and try again.",
      },
    },
    source: 'https://github.com/Azure/azure-cli/issues/20232',
    then: {
      reason: 'Locked',
      stalled: true,
      pace: 'slow',
      code: 'ScopeLocked',
      message:
        'A lock forbids the change, it is on /subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/registries.',
      advice: 'Remove the lock in Azure; the operator tries again by itself.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'policy',
    name: 'A quota is used up',
    means: 'The subscription has as many as it may have.',
    status: 409,
    body: {
      error: {
        code: 'QuotaExceeded',
        message: 'Operation could not be completed as it results in exceeding approved quota.',
      },
    },
    source: unrecorded,
    then: {
      reason: 'QuotaExceeded',
      stalled: true,
      pace: 'slow',
      code: 'QuotaExceeded',
      message:
        'Azure answered QuotaExceeded: Operation could not be completed as it results in exceeding approved quota.',
      advice: 'Ask Azure for a higher quota.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'policy',
    name: 'A resource provider is not registered',
    means: 'It need not be that of registries: private endpoints need Microsoft.Network.',
    status: 409,
    body: {
      error: {
        code: 'MissingSubscriptionRegistration',
        message:
          "The subscription is not registered to use namespace 'Microsoft.Network'. See https://aka.ms/rps-not-found for how to register subscriptions.",
      },
    },
    source: 'https://github.com/nforgeio/neonKUBE/issues/1670',
    then: {
      reason: 'ProviderNotRegistered',
      stalled: true,
      pace: 'slow',
      code: 'MissingSubscriptionRegistration',
      message: 'Microsoft.Network is not registered in subscription 33333333-3333-4333-8333-333333333333.',
      advice:
        'Register it: az provider register --namespace Microsoft.Network --subscription 33333333-3333-4333-8333-333333333333.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'policy',
    name: 'The resource provider does not know the subscription',
    means: 'The registration is missing or was undone.',
    status: 409,
    body: {
      error: {
        code: 'SubscriptionNotRegistered',
        message:
          "Resource provider [N/A] isn't registered with Subscription [N/A]. Please see troubleshooting guide, available here: https://aka.ms/register-resource-provider",
      },
    },
    source: 'https://github.com/Azure/azure-service-operator',
    then: {
      reason: 'ProviderNotRegistered',
      stalled: true,
      pace: 'slow',
      code: 'SubscriptionNotRegistered',
      message: 'Microsoft.ContainerRegistry is not registered in subscription 33333333-3333-4333-8333-333333333333.',
      advice:
        'Register it: az provider register --namespace Microsoft.ContainerRegistry --subscription 33333333-3333-4333-8333-333333333333.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'policy',
    name: 'The subscription is disabled',
    means: 'A trial has ended, or a bill is open.',
    status: 409,
    body: {
      error: {
        code: 'ReadOnlyDisabledSubscription',
        message:
          "The subscription '33333333-3333-4333-8333-333333333333' is disabled and therefore marked as read only. You cannot perform any write actions on this subscription until it is re-enabled.",
      },
    },
    source: 'https://github.com/microsoft/vscode-azureappservice/issues/1646',
    then: {
      reason: 'Rejected',
      stalled: true,
      pace: 'slow',
      code: 'ReadOnlyDisabledSubscription',
      message: 'Subscription 33333333-3333-4333-8333-333333333333 is disabled, nothing in it can be changed.',
      advice: 'Enable the subscription in Azure; the operator tries again by itself.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'missing',
    name: 'The registry is not found',
    means: 'It was deleted, is elsewhere, or is so new that not all of Azure knows it.',
    status: 404,
    body: {
      error: {
        code: 'ResourceNotFound',
        message:
          "The Resource 'Microsoft.ContainerRegistry/registries/contoso' under resource group 'registries' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
      },
    },
    call: 'read',
    source: 'https://github.com/Azure/azure-service-operator/issues/2203',
    then: {
      reason: 'RegistryNotFound',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'ResourceNotFound',
      message: 'There is no registry contoso in resource group registries.',
      advice: 'Check registry name, resource group and subscription in spec.registry, or create the registry.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'missing',
    name: 'The registry is not found, by a write',
    means: 'The same, said of the parent of the replica.',
    status: 404,
    body: {
      error: {
        code: 'ParentResourceNotFound',
        message: "Can not perform requested operation on nested resource. Parent resource 'contoso' not found.",
      },
    },
    source: 'https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-parent-resource',
    then: {
      reason: 'RegistryNotFound',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'ParentResourceNotFound',
      message: 'There is no registry contoso in resource group registries.',
      advice: 'Check registry name, resource group and subscription in spec.registry, or create the registry.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'missing',
    name: 'The resource group is not found',
    means: 'Its name is wrong, or it is in another subscription.',
    status: 404,
    body: { error: { code: 'ResourceGroupNotFound', message: "Resource group 'registries' could not be found." } },
    call: 'read',
    source: unrecorded,
    then: {
      reason: 'RegistryNotFound',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'ResourceGroupNotFound',
      message: 'There is no resource group registries in subscription 33333333-3333-4333-8333-333333333333.',
      advice: 'Check registry name, resource group and subscription in spec.registry, or create the registry.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'missing',
    name: 'The subscription is not found',
    means: 'Azure says the same to whoever has no role in the subscription at all.',
    status: 404,
    body: {
      error: {
        code: 'SubscriptionNotFound',
        message: "The subscription '33333333-3333-4333-8333-333333333333' could not be found.",
      },
    },
    call: 'read',
    source: 'https://github.com/Azure/azure-sdk-for-js/issues/26661',
    then: {
      reason: 'RegistryNotFound',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'SubscriptionNotFound',
      message:
        "There is no subscription 33333333-3333-4333-8333-333333333333, or the operator's identity has no role in it.",
      advice:
        "Check the subscription id, or give the operator's identity a role in the subscription; a new role takes some minutes.",
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'missing',
    name: 'Something else is not found',
    means: 'Azure misses something that the registry refers to, not the registry.',
    status: 404,
    body: {
      error: {
        code: 'ResourceNotFound',
        message: "The Resource 'Microsoft.KeyVault/vaults/keys' under resource group 'security' was not found.",
      },
    },
    source: unrecorded,
    then: {
      reason: 'Rejected',
      stalled: true,
      pace: 'slow',
      settles: true,
      code: 'ResourceNotFound',
      message:
        "Azure answered ResourceNotFound: The Resource 'Microsoft.KeyVault/vaults/keys' under resource group 'security' was not found.",
      advice: 'Azure does not accept this change; correct the spec or the registry.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'spec',
    name: 'There is no such region',
    means: 'The name is mistyped, or the region has no registries.',
    status: 400,
    body: {
      error: {
        code: 'LocationNotAvailableForResourceType',
        message:
          "The provided location 'japanest' is not available for resource type 'Microsoft.ContainerRegistry/registries/replications'. List of available regions for the resource type is 'eastus,japaneast,japanwest,westeurope'.",
      },
    },
    region: 'japanest',
    source: 'https://github.com/Azure/acr/issues/406',
    then: {
      reason: 'RegionUnavailable',
      stalled: true,
      pace: 'terminal',
      code: 'LocationNotAvailableForResourceType',
      message: 'Azure offers no registry replicas in a region japanest; did you mean japaneast?',
      advice: 'Correct the location in spec.regions.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'spec',
    name: 'There is no such region, by the resource provider',
    means: 'The same in other words.',
    status: 400,
    body: {
      error: {
        code: 'NoRegisteredProviderFound',
        message:
          "No registered resource provider found for location 'japanest' and API version '2025-11-01' for type 'registries'. The supported api-versions are '2025-11-01'. The supported locations are 'eastus, japaneast'.",
      },
    },
    region: 'japanest',
    source: 'https://github.com/Azure/acr/issues/70',
    then: {
      reason: 'RegionUnavailable',
      stalled: true,
      pace: 'terminal',
      code: 'NoRegisteredProviderFound',
      message: 'Azure offers no registry replicas in a region japanest; did you mean japaneast?',
      advice: 'Correct the location in spec.regions.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'spec',
    name: 'This cloud does not have the API version',
    means: 'The region is among those supported, so the API version is what is missing.',
    status: 400,
    body: {
      error: {
        code: 'NoRegisteredProviderFound',
        message:
          "No registered resource provider found for location 'japaneast' and API version '2025-11-01' for type 'registries'. The supported api-versions are '2023-07-01'. The supported locations are 'eastus, japaneast'.",
      },
    },
    source: 'https://github.com/Azure/acr/issues/70',
    then: {
      reason: 'Rejected',
      stalled: true,
      pace: 'slow',
      code: 'NoRegisteredProviderFound',
      message:
        "Azure answered NoRegisteredProviderFound: No registered resource provider found for location 'japaneast' and API version '2025-11-01' for type 'registries'. The supported api-versions are '2023-07-01'. The supported locations are 'eastus, japaneast'.",
      advice: "This cloud lacks the operator's version of Azure's API: run a version of the operator that fits it.",
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'spec',
    name: 'The registry is not Premium',
    means: 'Only Premium registries can have replicas.',
    status: 400,
    body: {
      error: {
        code: 'ReplicationNotSupported',
        message:
          'Replications are not supported for the SKU Basic. For more information, please visit https://aka.ms/acr/tiers.',
      },
    },
    source: 'https://github.com/Azure-Samples/dotNET-Frontend-AB-Testing-on-Azure-Container-Apps/issues/5',
    then: {
      reason: 'SkuNotPremium',
      stalled: true,
      pace: 'terminal',
      code: 'ReplicationNotSupported',
      message: 'The SKU of registry contoso does not allow replicas.',
      advice: 'Only Premium registries can be replicated: az acr update --name contoso --sku Premium.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'spec',
    name: 'Soft delete is on',
    means: 'Soft delete and replicas exclude each other.',
    status: 400,
    body: {
      error: {
        code: 'InvalidRequest',
        message: 'The soft delete policy cannot be used together with geo-replication.',
      },
    },
    source: 'https://github.com/Azure/acr/issues/813',
    then: {
      reason: 'Rejected',
      stalled: true,
      pace: 'slow',
      code: 'InvalidRequest',
      message: 'Azure answered InvalidRequest: The soft delete policy cannot be used together with geo-replication.',
      advice: 'Replicas exclude soft delete: az acr config soft-delete update --registry contoso --status disabled.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'spec',
    name: 'The region has no zones',
    means: 'zoneRedundancy is Enabled where Azure has no availability zones.',
    status: 400,
    body: {
      error: {
        code: 'ZoneRedundancyNotSupported',
        message: "Zone redundancy is not supported in location 'japanwest'.",
      },
    },
    region: 'japanwest',
    source: unrecorded,
    then: {
      reason: 'Rejected',
      stalled: true,
      pace: 'slow',
      code: 'ZoneRedundancyNotSupported',
      message: "Azure answered ZoneRedundancyNotSupported: Zone redundancy is not supported in location 'japanwest'.",
      advice: 'Take zoneRedundancy of this region out of spec.regions.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'spec',
    name: 'A tag name has characters that Azure reserves',
    means: 'Names of tags may hold none of < > % & \\ ? /.',
    status: 400,
    body: {
      error: {
        code: 'InvalidTagNameCharacters',
        message: "The tag names 'cost/center' have reserved characters '<,>,%,&,\\,?,/' or control characters.",
      },
    },
    source: 'https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources',
    then: {
      reason: 'InvalidSpec',
      stalled: true,
      pace: 'terminal',
      code: 'InvalidTagNameCharacters',
      message:
        "Azure answered InvalidTagNameCharacters: The tag names 'cost/center' have reserved characters '<,>,%,&,\\,?,/' or control characters.",
      advice: 'Correct spec.tags, or the tags of this region in spec.regions.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'spec',
    name: 'There are too many tags',
    means: 'A replica has 50 tags at most, those of the operator and of policies included.',
    status: 400,
    body: { error: { code: 'InvalidTagCount', message: 'The number of tags 52 exceeds the maximum allowed 50.' } },
    source: unrecorded,
    then: {
      reason: 'InvalidSpec',
      stalled: true,
      pace: 'terminal',
      code: 'InvalidTagCount',
      message: 'Azure answered InvalidTagCount: The number of tags 52 exceeds the maximum allowed 50.',
      advice: 'Correct spec.tags, or the tags of this region in spec.regions.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'spec',
    name: 'The name is taken in another region',
    means: 'A replica of that name is in another region already.',
    status: 409,
    body: {
      error: {
        code: 'InvalidResourceLocation',
        message:
          "The resource 'thename' already exists in location 'japaneast' in resource group 'registries'. A resource with the same name cannot be created in location 'uksouth'. Please select a new resource name.",
      },
    },
    region: 'uksouth',
    replica: 'thename',
    source: 'https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-invalid-resource-location',
    then: {
      reason: 'InvalidSpec',
      stalled: true,
      pace: 'slow',
      code: 'InvalidResourceLocation',
      message: 'The registry has a replica named thename in japaneast already.',
      advice: 'Give this region another name in spec.regions, or delete the other replica.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'spec',
    name: 'The name is reserved',
    means: 'Names with a trademark or a reserved word are refused.',
    status: 400,
    body: {
      error: {
        code: 'ReservedResourceName',
        message: "The resource name 'microsoft' or a part of the name is a trademarked or reserved word.",
      },
    },
    source: 'https://github.com/Azure/azure-dev/issues/7745',
    then: {
      reason: 'InvalidSpec',
      stalled: true,
      pace: 'terminal',
      code: 'ReservedResourceName',
      message:
        "Azure answered ReservedResourceName: The resource name 'microsoft' or a part of the name is a trademarked or reserved word.",
      advice: 'Correct the spec.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'spec',
    name: 'A code that has no entry here',
    means: 'Azure refuses the request as it is; the message has its words.',
    status: 400,
    body: {
      error: {
        code: 'InvalidRequestContent',
        message: "The request content was invalid and could not be deserialized: 'Could not find member on object'.",
      },
    },
    source: unrecorded,
    then: {
      reason: 'Rejected',
      stalled: true,
      pace: 'slow',
      code: 'InvalidRequestContent',
      message:
        "Azure answered InvalidRequestContent: The request content was invalid and could not be deserialized: 'Could not find member on object'.",
      advice: 'Azure does not accept this change; correct the spec or the registry.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'spec',
    name: 'The request cannot be processed',
    means: 'The same with another status.',
    status: 422,
    body: {
      error: {
        code: 'UnprocessableEntity',
        message: 'The replication cannot be created in this state of the registry.',
      },
    },
    source: unrecorded,
    then: {
      reason: 'Rejected',
      stalled: true,
      pace: 'slow',
      code: 'UnprocessableEntity',
      message: 'Azure answered UnprocessableEntity: The replication cannot be created in this state of the registry.',
      advice: 'Azure does not accept this change; correct the spec or the registry.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'busy',
    name: 'Azure limits the requests',
    means: 'All callers with this identity share the limit of the subscription.',
    status: 429,
    body: {
      error: {
        code: 'SubscriptionRequestsThrottled',
        message:
          "Number of 'read' requests for subscription '33333333-3333-4333-8333-333333333333' actor '85e5d083-7fd9-4588-9a28-6c035bea11a3' exceeded. Please try again after '10' seconds.",
      },
    },
    headers: { 'retry-after': '10' },
    source: 'https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling',
    then: {
      reason: 'Throttled',
      stalled: false,
      pace: 'throttled',
      waitsSeconds: 10,
      code: 'SubscriptionRequestsThrottled',
      message:
        'Azure limits the requests to subscription 33333333-3333-4333-8333-333333333333 (SubscriptionRequestsThrottled).',
      advice: 'The operator waits as long as Azure asks; nothing to do.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'busy',
    name: 'Another change of the registry is under way',
    means: 'Azure makes one change after the other; what stays so for ten minutes becomes Rejected.',
    status: 409,
    body: {
      error: {
        code: 'Conflict',
        message:
          'Another operation is in progress: /subscriptions/33333333-3333-4333-8333-333333333333/providers/Microsoft.ContainerRegistry/locations/japaneast/operationStatuses/replications-2e51c0de-aaaa-4bbb-8ccc-dddddddddddd?api-version=2025-11-01&t=1&c=2. Please retry later.',
      },
    },
    source: unrecorded,
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'soon',
      busy: true,
      code: 'Conflict',
      message:
        'Azure is busy with another change or refuses this one now. Azure answered Conflict: Another operation is in progress: /subscriptions/33333333-3333-4333-8333-333333333333/providers/Microsoft.ContainerRegistry/locations/japaneast/operationStatuses/… Please retry later.',
      advice: 'The operator tries again by itself.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'busy',
    name: 'The resource group is being deleted',
    means: 'Nothing in it can be changed any more.',
    status: 409,
    body: {
      error: {
        code: 'ResourceGroupBeingDeleted',
        message: "The resource group 'registries' is in deprovisioning state and cannot perform this operation.",
      },
    },
    source: 'https://learn.microsoft.com/azure/azure-resource-manager/management/delete-resource-group',
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'soon',
      busy: true,
      code: 'ResourceGroupBeingDeleted',
      message: 'Resource group registries is being deleted.',
      advice: 'The operator waits for its end; then name a registry that stays, or delete this object.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'busy',
    name: 'The home replica cannot be deleted',
    means: 'The home region that the operator remembered was wrong: somebody made the registry anew elsewhere.',
    status: 400,
    body: { error: { code: 'HomeReplicationCannotBeDeleted', message: 'The home replication cannot be deleted.' } },
    source: 'https://github.com/Azure/acr/issues/294',
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'soon',
      busy: true,
      code: 'HomeReplicationCannotBeDeleted',
      message: "Azure keeps the replica in the registry's home region while there are others.",
      advice: "The operator reads the registry's home region anew and plans from that.",
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'busy',
    name: 'Azure is in trouble',
    means: 'The service or the home region has an outage.',
    status: 503,
    body: {
      error: { code: 'ServiceUnavailable', message: 'The service is unavailable now. Please retry the request later.' },
    },
    headers: { 'retry-after': '30' },
    source: 'https://github.com/Azure/azure-rest-api-specs/issues/11189',
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'soon',
      waitsSeconds: 30,
      code: 'ServiceUnavailable',
      message:
        'Azure is in trouble. Azure answered ServiceUnavailable: The service is unavailable now. Please retry the request later.',
      advice: 'The operator tries again by itself.',
    },
  },
  {
    from: 'Azure Resource Manager',
    group: 'busy',
    name: 'Azure failed inside',
    means: 'It passes, as a rule.',
    status: 500,
    body: {
      error: {
        code: 'InternalServerError',
        message:
          'Encountered internal server error. Diagnostic information: timestamp 20261122T100000Z, subscription id, tracking id 3fa85f64-5717-4562-b3fc-2c963f66afa6, request correlation id 3fa85f64-5717-4562-b3fc-2c963f66afa6.',
      },
    },
    source: unrecorded,
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'soon',
      code: 'InternalServerError',
      message: 'Azure is in trouble. Azure answered InternalServerError: Encountered internal server error.',
      advice: 'The operator tries again by itself.',
    },
  },
  {
    from: 'something in between',
    group: 'way',
    name: 'A proxy blocks the address',
    means: 'The page is not from Azure: a firewall or a proxy gave it.',
    status: 403,
    body: '<html><head><title>Access Denied - Contoso Web Gateway</title></head><body>Blocked category</body></html>',
    source: proxies,
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'slow',
      busy: true,
      code: 'BadAnswer',
      message:
        'The answer 403 does not come from Azure; something in between gave it, "Access Denied - Contoso Web Gateway".',
      advice:
        'Let the operator reach Azure itself: check proxy, firewall and the address; the operator tries again by itself.',
    },
  },
  {
    from: 'something in between',
    group: 'way',
    name: 'A proxy wants a password',
    means: 'HTTPS_PROXY has none, or a wrong one.',
    status: 407,
    body: '<html><head><title>407 Proxy Authentication Required</title></head></html>',
    source: proxies,
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'slow',
      busy: true,
      code: 'BadAnswer',
      message: 'The proxy on the way to Azure asks for a name and a password (407).',
      advice: 'Put them into HTTPS_PROXY, or name the host in NO_PROXY.',
    },
  },
  {
    from: 'something in between',
    group: 'way',
    name: 'A 404 that Azure did not give',
    means: 'Such an answer never counts as a missing registry or replica: nothing is created or deleted for it.',
    status: 404,
    body: '<h1>Not Found</h1>',
    source: proxies,
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'slow',
      busy: true,
      code: 'BadAnswer',
      message: 'The answer 404 does not come from Azure; something in between gave it.',
      advice:
        'Let the operator reach Azure itself: check proxy, firewall and the address; the operator tries again by itself.',
    },
  },
  {
    from: 'something in between',
    group: 'way',
    name: 'An empty 404',
    means: 'Azure gives a code with each refusal; without one the answer proves nothing.',
    status: 404,
    body: '',
    source: proxies,
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'slow',
      busy: true,
      code: 'BadAnswer',
      message: 'The answer 404 does not come from Azure; something in between gave it.',
      advice:
        'Let the operator reach Azure itself: check proxy, firewall and the address; the operator tries again by itself.',
    },
  },
  {
    from: 'something in between',
    group: 'way',
    name: 'A gateway fails',
    means: 'A proxy or the front of Azure could not pass the request on.',
    status: 502,
    body: '<html><head><title>502 Bad Gateway</title></head></html>',
    source: proxies,
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'soon',
      code: '502',
      message: 'Azure is in trouble, or something in front of it: answer 502, "502 Bad Gateway".',
      advice: 'The operator tries again by itself.',
    },
  },
  {
    from: 'the network',
    group: 'way',
    name: 'The host has no address',
    means: 'DNS does not know it: a private zone without records, or no DNS in the cluster.',
    networkCode: 'ENOTFOUND',
    source: node,
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'soon',
      code: 'ENOTFOUND',
      message: 'management.azure.com has no address in DNS (ENOTFOUND).',
      advice: 'The operator tries again by itself; if this stays, check DNS, firewall and proxy.',
    },
  },
  {
    from: 'the network',
    group: 'way',
    name: 'Nothing answers at the address',
    means: 'Over a proxy it is the proxy that refuses.',
    networkCode: 'ECONNREFUSED',
    detail: 'connect ECONNREFUSED 10.0.0.5:3128',
    source: node,
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'soon',
      code: 'ECONNREFUSED',
      message: 'management.azure.com refuses connections (ECONNREFUSED), asked through 10.0.0.5:3128.',
      advice: 'The operator tries again by itself; if this stays, check DNS, firewall and proxy.',
    },
  },
  {
    from: 'the network',
    group: 'way',
    name: 'The answer does not come in time',
    means: 'A firewall that drops packets looks like this.',
    networkCode: 'ETIMEDOUT',
    source: node,
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'soon',
      code: 'ETIMEDOUT',
      message: 'management.azure.com does not answer in time (ETIMEDOUT).',
      advice: 'The operator tries again by itself; if this stays, check DNS, firewall and proxy.',
    },
  },
  {
    from: 'the network',
    group: 'way',
    name: 'The certificate of the host is not trusted',
    means: 'A proxy opens the connection and signs with an authority of its own.',
    networkCode: 'SELF_SIGNED_CERT_IN_CHAIN',
    source: node,
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'slow',
      busy: true,
      code: 'SELF_SIGNED_CERT_IN_CHAIN',
      message: 'The certificate of management.azure.com is not trusted (SELF_SIGNED_CERT_IN_CHAIN).',
      advice: 'Give the operator the authority that signed it in NODE_EXTRA_CA_CERTS, a proxy for example has its own.',
    },
  },
  {
    from: 'the network',
    group: 'way',
    name: 'The certificate of the host has expired',
    means: 'The certificate is old, or the clock of the node is ahead.',
    networkCode: 'CERT_HAS_EXPIRED',
    source: node,
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'slow',
      busy: true,
      code: 'CERT_HAS_EXPIRED',
      message: 'The certificate of management.azure.com has expired (CERT_HAS_EXPIRED).',
      advice: 'Have the certificate renewed, or set the clock of the node right.',
    },
  },
  {
    from: 'the network',
    group: 'way',
    name: 'The address redirects',
    means: 'A sign-in page of a network answers in place of Azure; it is never followed, so nobody gets the token.',
    networkCode: 'Redirected',
    source: node,
    then: {
      reason: 'Retrying',
      stalled: false,
      pace: 'slow',
      busy: true,
      code: 'Redirected',
      message: 'management.azure.com redirects to another address, which is not followed (Redirected).',
      advice:
        'Let the operator reach management.azure.com itself: check proxy, firewall and the address; the operator tries again by itself.',
    },
  },
];
