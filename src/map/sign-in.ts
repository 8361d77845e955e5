import type { IncomingHttpHeaders } from 'node:http';
import type { Admittance, Gate } from '../http/token-gate.ts';
import { MapRefusal, type Reply, refusalReply, textReply } from './reply.ts';
import { isForeign } from './request.ts';
import type { MapGate, Visit } from './server.ts';

/** The path to which the page with the form sends what was put into it. */
const path = '/sign-in';
const stylePath = '/sign-in.css';
const cookieName = 'acr-map-token';
/** Browsers keep a cookie of 4,096 bytes with its name and its attributes. https://www.rfc-editor.org/rfc/rfc6265#section-6.1 */
const longestToken = 3_900;
/** What a token of Kubernetes consists of. https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
const tokenPattern = /^[\w.~+/-]+=*$/;

export interface SignInOptions {
  /** Asks Kubernetes about a token. */
  readonly gate: Gate;
  /** Whether this server itself speaks TLS. */
  readonly isTls: boolean;
}

/**
 * Lets in whose token may see the map. A proxy sends the token as `Authorization: Bearer`; a person puts it once into a
 * small page, and the browser keeps it until it ends, in a cookie that no script can read and no other site's page can have
 * sent. Nothing is kept here, so that it is all the same which of several operators answers.
 */
export function createSignIn({ gate, isTls }: SignInOptions): MapGate {
  const isSecure = ({ headers }: Visit): boolean => isTls || headers['x-forwarded-proto'] === 'https';

  /** Takes the token of the form. */
  async function signIn(visit: Visit, signal: AbortSignal): Promise<Reply> {
    if (visit.method !== 'POST') return { status: 303, headers: { Location: '/' }, body: '' };
    if (isForeign(visit)) return textReply(403, 'Only the page of this map may send a token.');
    const token = (new URLSearchParams(await visit.body()).get('token') ?? '').trim();
    if (token === '') return page(visit, 400, 'Put a token in.');
    if (!tokenPattern.test(token)) return page(visit, 400, 'This is no token: it has characters that no token has.');
    if (token.length > longestToken)
      return page(visit, 400, 'This token is too long for a cookie. One of a service account is shorter.');
    const admission = await gate({ authorization: `Bearer ${token}`, address: visit.address }, signal);
    if (admission.kind === 'refused') return page(visit, admission.status, admission.why);
    return { status: 303, headers: { Location: '/', 'Set-Cookie': cookie(token, isSecure(visit)) }, body: '' };
  }

  function page(visit: Visit, status: number, why?: string): Reply {
    const isRisky = !isSecure(visit) && !/^(localhost|127\.|\[::1\])/i.test(visit.headers.host ?? '');
    return htmlReply(status, signInPage(why, isRisky));
  }

  function refusal(visit: Visit, { status, why }: Admittance & { readonly kind: 'refused' }): Reply {
    const again = status === 401 ? { 'Set-Cookie': cookie('', isSecure(visit)) } : {};
    if (visit.path.startsWith('/api/')) return refusalReply(new MapRefusal(status, why, cures[status]), again);
    const { headers, ...reply } = page(visit, status, why);
    return { ...reply, headers: { ...headers, ...again } };
  }

  return async (visit, signal) => {
    if (visit.path === stylePath) return styleReply;
    if (visit.path === '/icon.svg') return undefined; // it is on the page with the form, too
    if (visit.path === path) return signIn(visit, signal);
    const authorization = authorizationOf(visit.headers);
    if (authorization !== undefined) {
      const admission = await gate({ authorization, address: visit.address }, signal);
      return admission.kind === 'allowed' ? undefined : refusal(visit, admission);
    }
    if (visit.path.startsWith('/api/')) {
      return refusalReply(new MapRefusal(401, 'A Kubernetes token is needed.', cures[401]), {
        'WWW-Authenticate': 'Bearer',
      });
    }
    // The browser does not send the cookie where a link of another site leads here. It does when this page leads on.
    if (visit.headers['sec-fetch-site'] === 'cross-site') return htmlReply(200, onwards);
    return page(visit, 401);
  };
}

const cures: Readonly<Record<number, string>> = {
  401: 'Load the page again, and sign in.',
  403: 'Have the ClusterRole that ends in -map-reader bound to this account.',
  429: 'Try again in a few seconds.',
  503: 'Try again in a few seconds.',
};

/** What the gate is asked with: the header, or the cookie. Another kind of header is of a proxy, and not for us. */
function authorizationOf({ authorization, cookie: cookies = '' }: IncomingHttpHeaders): string | undefined {
  if (/^Bearer +\S/i.test(authorization ?? '')) return authorization;
  const pairs = cookies.split(';').map((pair) => pair.trim().split('='));
  const [, ...value] = pairs.find(([name]) => name === cookieName) ?? [];
  const token = value.join('=');
  return tokenPattern.test(token) ? `Bearer ${token}` : undefined;
}

/** Of an empty token: the cookie goes. */
function cookie(token: string, isSecure: boolean): string {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Strict', isSecure && 'Secure', token === '' && 'Max-Age=0'];
  return [`${cookieName}=${token}`, ...attributes.filter((attribute) => attribute !== false)].join('; ');
}

function htmlReply(status: number, body: string): Reply {
  const authenticate = status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {};
  return {
    status,
    // With the map's own no-referrer a form would be sent with the origin null. https://fetch.spec.whatwg.org/#origin-header
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Referrer-Policy': 'same-origin', ...authenticate },
    body,
  };
}

const head = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/icon.svg">
<title>Registry replications</title>`;

const onwards = `${head}
<meta http-equiv="refresh" content="0; url=/">
<p><a href="/">To the map</a></p>
`;

function signInPage(why: string | undefined, isRisky: boolean): string {
  const alert = why === undefined ? '' : `<p role="alert">${why}</p>\n`;
  const risk = isRisky
    ? '<p role="note">This connection is not encrypted: others on the network can read the token.</p>\n'
    : '';
  return `${head}
<link rel="stylesheet" href="${stylePath}">
<main>
<h1>Registry replications</h1>
<form method="post" action="${path}">
<label for="token">A Kubernetes token that may see the map</label>
<input id="token" name="token" type="password" autocomplete="off" spellcheck="false" required autofocus>
<button>Show the map</button>
${alert}${risk}</form>
<p>For a service account to which the ClusterRole that ends in <code>-map-reader</code> is bound:</p>
<pre>kubectl create token NAME -n NAMESPACE</pre>
<p>The browser keeps the token until it is closed, and sends it to this server only.</p>
</main>
`;
}

const styleReply: Reply = {
  status: 200,
  headers: { 'Content-Type': 'text/css; charset=utf-8' },
  body: `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; display: grid; min-height: 100vh; place-items: center; }
main { box-sizing: border-box; width: min(34rem, 100vw); padding: 1.5rem; }
h1 { font-size: 1.4rem; }
form { display: grid; gap: 0.75rem; margin-block: 1.5rem; }
input, button { font: inherit; padding: 0.6rem; min-height: 2.75rem; box-sizing: border-box; }
button { cursor: pointer; }
p { margin: 0.5rem 0; }
[role='alert'] { font-weight: 600; }
[role='alert']::before { content: '\\26A0\\FE0E  '; }
pre { overflow-x: auto; padding: 0.75rem; border: 1px solid; border-radius: 0.3rem; }
`,
};
