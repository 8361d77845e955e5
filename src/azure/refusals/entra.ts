import type { Signer } from './signer.ts';
import { steadyPhrase } from './wording.ts';

/** What one of Entra's codes means. `said` is Entra's own description. */
export interface EntraRule {
  /** The sentence after "Microsoft Entra gave no token:". */
  readonly text: (said: string, signer: Signer) => string;
  readonly advice: (said: string, signer: Signer) => string;
  /** True where the cause often is that a change has not spread yet. */
  readonly settles?: true;
}

const application = ({ clientId }: Signer): string =>
  clientId === undefined ? 'the application' : `application ${clientId}`;
const tenant = ({ tenantId }: Signer): string => (tenantId === undefined ? 'the tenant' : `tenant ${tenantId}`);
const correct: EntraRule['advice'] = (_, { credentials }) => `Correct ${credentials}.`;
const cloudAdvice = 'check AZURE_ENVIRONMENT, too: each cloud has tenants of its own';

/** A federated credential of the application must equal issuer, subject and audience of the presented token. */
const federated: EntraRule = {
  settles: true,
  text: (said, signer) => {
    const presented = presentedIn(said);
    const caseOnly = /case-insensitive comparison, but not/i.test(said)
      ? '; they differ in upper and lower case only'
      : '';
    return `No federated credential of ${application(signer)} matches the service account's token${presented === '' ? '' : `, which presents ${presented}`}${caseOnly}.`;
  },
  advice: (_, signer) =>
    `Create the federated credential at ${application(signer)} or correct it: it must name exactly this issuer, subject and audience. A new one takes some minutes.`,
};

const signature: EntraRule = {
  settles: true,
  text: (said, signer) => {
    const thumbprint = /Thumbprint of key used by client: '([0-9A-F]{8,})'/i.exec(said)?.[1];
    const reason = keyReason(said);
    if (signer.proof === 'service account token') {
      return `It cannot verify the signature of the service account's token${reason === '' ? '' : `: ${reason}`}.`;
    }
    const certificate = `The certificate${thumbprint === undefined ? '' : ` with thumbprint ${thumbprint}`}`;
    if (/expired/i.test(reason)) return `${certificate} has expired.`;
    if (reason === '' || /not found/i.test(reason))
      return `${certificate} is not registered with ${application(signer)}.`;
    return `${certificate} does not fit the signature: ${reason}.`;
  },
  advice: (said, signer) => {
    if (signer.proof === 'service account token') {
      return "Publish the cluster's present signing keys at its issuer, where Microsoft Entra reads them.";
    }
    return /expired/i.test(keyReason(said))
      ? `Renew the certificate at ${application(signer)} and in ${signer.credentials}; if it is valid, set the clock of the node right.`
      : `Upload the certificate to ${application(signer)}, or put the registered one into ${signer.credentials}.`;
  },
};

const outOfTime: EntraRule = {
  settles: true,
  text: (_, { proof }) => {
    if (proof === 'service account token') return "The service account's token has expired or is not valid yet.";
    return `The assertion made with the ${proof} has expired or is not valid yet.`;
  },
  advice: (_, { proof }) =>
    proof === 'service account token'
      ? 'Tokens are renewed by themselves; if this stays, set the clocks of the nodes and of the API server right.'
      : 'Set the clock of the node right; each assertion is made anew and is valid for minutes.',
};

const conditionalAccess: EntraRule = {
  text: (_, signer) => `A Conditional Access policy of ${tenant(signer)} blocks ${application(signer)}.`,
  advice: (_, signer) =>
    `No credential is wrong: have ${application(signer)} or the addresses of the cluster allowed in that policy; the sign-in log names it.`,
};

const noApplication: EntraRule = {
  settles: true,
  text: (_, signer) => `There is no ${application(signer)} in ${tenant(signer)}.`,
  advice: (_, { credentials }) =>
    `Correct client id or tenant id of ${credentials}; a new application takes some minutes.`,
};

const issuerUnread: EntraRule = {
  settles: true,
  text: () => "It cannot read the OpenID configuration of the cluster's issuer.",
  advice: () => "Let the internet read /.well-known/openid-configuration and the keys at the cluster's issuer.",
};

const otherCloud: EntraRule = {
  text: (said) => `${steadyPhrase(said)}.`,
  advice: () => 'Check AZURE_ENVIRONMENT: application and tenant are in another cloud than the one that was asked.',
};

/**
 * What Entra's commonest refusals mean. Source:
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const rules: Readonly<Record<string, EntraRule>> = {
  AADSTS50012: outOfTime,
  AADSTS50013: signature,
  AADSTS50166: issuerUnread,
  AADSTS90061: issuerUnread,
  AADSTS501661: issuerUnread,
  AADSTS500133: outOfTime,
  AADSTS700016: noApplication,
  AADSTS700024: outOfTime,
  AADSTS700027: signature,
  AADSTS900382: otherCloud,
  AADSTS900432: otherCloud,
  AADSTS900439: otherCloud,
  AADSTS500011: {
    text: (said) => `${steadyPhrase(said)}.`,
    advice: (_, signer) => `Check that ${tenant(signer)} has subscriptions, and ${cloudAdvice}.`,
  },
  AADSTS90002: {
    text: (_, signer) => `There is no ${tenant(signer)} in this cloud, or it has no active subscription.`,
    advice: (_, { credentials }) => `Correct the tenant id of ${credentials}; ${cloudAdvice}.`,
  },
  AADSTS900023: {
    text: (_, signer) => `${tenant(signer)} is neither an id nor a domain name.`.replace(/^t/, 'T'),
    advice: (_, { credentials }) => `Correct the tenant id of ${credentials}.`,
  },
  AADSTS7000112: {
    text: (_, signer) => `Sign-in is switched off for ${application(signer)}.`,
    advice: (_, signer) => `Enable ${application(signer)} under Enterprise applications in Microsoft Entra.`,
  },
  AADSTS7000215: {
    settles: true, // a new secret takes some minutes to be known everywhere
    text: (_, signer) =>
      `The client secret is wrong; for ${application(signer)} it must be the value of the secret, not its id.`,
    advice: correct,
  },
  AADSTS7000222: {
    text: (_, signer) => `The client secret of ${application(signer)} has expired.`,
    advice: (_, signer) => `Make a new secret for ${application(signer)} and put it into ${signer.credentials}.`,
  },
  AADSTS7000229: {
    settles: true,
    text: (_, signer) => `${application(signer)} has no service principal in ${tenant(signer)}.`.replace(/^a/, 'A'),
    advice: (_, { clientId = '' }) => `Make one: az ad sp create --id ${clientId}.`,
  },
};

/** The rule for a code of Entra's; for an unknown code its own words and where to read more. */
export function entraRule(code: string): EntraRule {
  const rule = Object.hasOwn(rules, code) ? rules[code] : undefined;
  if (rule !== undefined) return rule;
  if (/^AADSTS70021\d*$/.test(code)) return federated;
  if (/^AADSTS530\d+$/.test(code)) return conditionalAccess;
  return {
    text: (said) => `${steadyPhrase(said)} (${code}).`,
    advice: (_, { credentials }) =>
      `Look the code up at https://login.microsoftonline.com/error?code=${code.slice(6)} and correct ${credentials}.`,
  };
}

/** Whether something better than Entra's own words is known about the code. */
export function isKnownCode(code: string): boolean {
  return Object.hasOwn(rules, code) || /^AADSTS(70021|530)\d*$/.test(code);
}

/** Issuer, subject and audience of the token, as far as Entra's message names them. */
function presentedIn(said: string): string {
  return ['issuer', 'subject', 'audience']
    .map((claim) => [claim, new RegExp(`\\b${claim}:? '([^']+)'`, 'i').exec(said)?.[1]] as const)
    .filter(([, value]) => value !== undefined)
    .map(([claim, value]) => `${claim} '${steadyPhrase(value ?? '')}'`)
    .join(', ');
}

/** Which of several causes the code has: `[Reason - The key was not found., Thumbprint …]`. */
function keyReason(said: string): string {
  return steadyPhrase(/\[Reason - (.+?)(?:\.?,|\.?\])/s.exec(said)?.[1] ?? '');
}
