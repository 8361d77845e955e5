import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { MapRefusal, type Reply, refusalReply, textReply } from '../../map/reply.ts';
import type { MapGate, Visit } from '../../map/server.ts';

/** Who may come in: the browser to which this process gave a link. */
export interface Door {
  readonly gate: MapGate;
  readonly isOurHost: (host: string) => boolean;
  /** The link for people; it is good as long as the process lives. */
  readonly link: () => string;
  /**
   * A link that is good once. A browser is started with it, and others on the machine can read what programs are started
   * with.
   */
  readonly linkForOnce: () => string;
}

/** `port`: where the map is served, known before the first request. */
export function createDoor(port: () => number): Door {
  const token = secret();
  const session = secret();
  /** Links for once that nobody has used yet, and those that were used. */
  const fresh = new Set<string>();
  const spent = new Set<string>();
  const cookie = () => `acr-map-${port()}`;
  const linkWith = (text: string) => `http://127.0.0.1:${port()}/?token=${text}`;

  /** How a link's token is taken. */
  function judged(given: string): 'good' | 'spent' | 'unknown' {
    if (isSame(given, token)) return 'good';
    for (const one of fresh) {
      if (!isSame(given, one)) continue;
      fresh.delete(one);
      spent.add(one);
      return 'good';
    }
    return [...spent].some((one) => isSame(given, one)) ? 'spent' : 'unknown';
  }

  function come(given: string, hasCookie: boolean): Reply {
    const state = judged(given);
    if (state === 'good') {
      const value = `${cookie()}=${session}; HttpOnly; SameSite=Strict; Path=/`;
      return { status: 303, headers: { Location: '/', 'Set-Cookie': value }, body: '' };
    }
    if (hasCookie) return { status: 303, headers: { Location: '/' }, body: '' };
    return state === 'spent'
      ? page(401, 'This link was good once.', 'Open the link that the terminal shows.')
      : page(401, 'This link is of another run of the program.', howToCome);
  }

  return {
    isOurHost: (host) => host === `127.0.0.1:${port()}` || host === `localhost:${port()}`,
    link: () => linkWith(token),
    linkForOnce() {
      const one = secret();
      fresh.add(one);
      return linkWith(one);
    },
    async gate(visit) {
      const { path, query, method } = visit;
      const hasCookie = cookiesOf(visit, cookie()).some((value) => isSame(value, session));
      const given = query.get('token');
      if (path === '/' && method === 'GET' && given !== null) return come(given, hasCookie);
      if (hasCookie) return undefined;
      if (path.startsWith('/api/')) return refusalReply(new MapRefusal(401, 'This browser was not let in.', howToCome));
      if (path !== '/') return textReply(401, howToCome);
      // After the redirect of a link in another site's page a browser keeps back a strict cookie: it is asked once more.
      if (visit.headers['sec-fetch-site'] === 'cross-site')
        return page(401, 'One moment.', '', { Refresh: '0; url=/' });
      return page(401, 'This browser was not let in.', howToCome);
    },
  };
}

const howToCome =
  'Open the link that kubectl acr-replication map shows in the terminal. If it has ended, start it again.';

/** 256 bits. */
function secret(): string {
  return randomBytes(32).toString('base64url');
}

/** Compares in constant time, whatever the lengths. */
function isSame(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}

/** Every cookie of the name: other servers on this machine may have set one, too. */
function cookiesOf({ headers }: Visit, name: string): readonly string[] {
  return (headers.cookie ?? '').split(';').flatMap((pair) => {
    const [key = '', value = ''] = pair.trim().split('=', 2);
    return key === name ? [value] : [];
  });
}

function page(status: number, title: string, text: string, headers: Reply['headers'] = {}): Reply {
  const body = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body><h1>${title}</h1><p>${text}</p></body>
</html>
`;
  return { status, headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers }, body };
}
