import type { KubeError } from './error.ts';

/** The API server that was asked, and where its address and the credentials come from. */
export interface Asked {
  readonly server: string;
  readonly source: string;
  /** HTTP proxy on the way, if there is one. */
  readonly proxy?: string | undefined;
  /** The next step of who lacks rights, in words that follow a semicolon; undefined: the message names none. */
  readonly missingRights: string | undefined;
}

/** The next step by the code of an error below HTTP. */
const steps: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: correct the address, or start the API server',
  ENOTFOUND: 'the name has no address in DNS: correct the address',
  EAI_AGAIN: 'DNS does not answer',
  ETIMEDOUT: 'correct the address, or let the network through',
  Timeout: 'correct the address, or let the network through',
  EHOSTUNREACH: 'correct the address, or let the network through',
  ENETUNREACH: 'correct the address, or let the network through',
  CERT_HAS_EXPIRED: "its certificate has expired: renew it, or set this machine's clock",
  CERT_NOT_YET_VALID: "its certificate is not valid yet: set this machine's clock",
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for other names: correct the address, or set tls-server-name',
  EPROTO: 'it does not speak TLS as it should: correct the address or its port',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS: correct the address or its port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS: correct the address or its port',
  ECONNRESET: 'something on the way ended the connection; it is made again by itself',
  ERR_PROXY_TUNNEL: 'the proxy lets nothing through to it: correct proxy-url, or allow the address there',
  ERR_INVALID_CHAR: 'the token has a character that no token can have: renew it',
  UnreadableFile: 'put it there and let this process read it, or correct its path',
  ExecPlugin: 'run it by hand to see what it lacks, or correct exec of this user',
  HPE_INVALID_CONSTANT: 'what listens there does not speak HTTP: correct the address or its port',
};

/** Codes of errors about an authority that did not sign the certificate of the API server. */
const unsigned = /SELF_SIGNED|UNABLE_TO|CERT_SIGNATURE|CERT_UNTRUSTED|INVALID_CA/;

/** Codes of a certificate or key that cannot be used. */
const unusable = /^ERR_OSSL|^ERR_CRYPTO/;

/** The next step for an answer that is not Kubernetes', by its HTTP status. */
function stepAfterStranger(status: number): string {
  if (status === 401)
    return 'something in front of the API server wants other credentials: renew them, or reach it directly';
  if (status === 407) return 'the proxy on the way asks for a name and a password: put them into proxy-url';
  if (status === 429 || status >= 500) return 'the API server, or something in front of it, is in trouble: look there';
  if (status >= 300 && status < 400) return 'the API server redirects nobody: correct the address';
  return 'no API server answers so, but something in its place: correct the address, or let requests through to it';
}

/** Codes of a host that was not reached; with a proxy on the way that host is the proxy. */
const unreached = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

/** What a person can do about it, in words that follow a semicolon; undefined: it is the API server's own matter. */
function nextStep(
  { status, reason, details, answered }: KubeError,
  { proxy, missingRights }: Asked,
): string | undefined {
  if (answered !== undefined) return stepAfterStranger(answered);
  if (status === 401) return 'the credentials have expired, were revoked or are for another cluster: renew them';
  if (status === 403) return missingRights;
  if (status === 404 && details === undefined) return 'install the CRD in crds/, or correct the address';
  if (status !== 0) return undefined;
  if (proxy !== undefined && unreached.test(reason)) return 'the proxy is not reached: correct proxy-url, or start it';
  if (unsigned.test(reason)) return 'its certificate is of another authority: correct certificate-authority';
  if (unusable.test(reason)) return 'correct certificate-authority, client-certificate or client-key';
  return steps[reason];
}

/**
 * The same error, with the address of the API server, the source of that address and of the credentials, and the next
 * step, when it may be one that a person has to mend: no answer at all, or one about who asks, or for what.
 */
export function placed(error: KubeError, asked: Asked): KubeError {
  const { server, source, proxy } = asked;
  const step = nextStep(error, asked);
  if (step === undefined && error.status !== 0) return error;
  const way = proxy === undefined ? '' : ` through proxy ${new URL(proxy).host}`;
  return error.saying({ step, where: `API server ${server}${way}, from ${source}` });
}
