import type { IncomingMessage } from 'node:http';
import { MapRefusal } from './reply.ts';

const longestBody = 64 * 1024;

/** The body as text. Throws a MapRefusal when it is too long; what comes after that is not read. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  if (Number(request.headers['content-length'] ?? 0) > longestBody) throw tooLong();
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).byteLength;
    if (size > longestBody) throw tooLong();
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function tooLong(): MapRefusal {
  return new MapRefusal(413, `The request is longer than ${longestBody} bytes.`);
}

/** The body, which must be called JSON: a form of another page cannot call it so. Throws a MapRefusal. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new MapRefusal(415, 'Only application/json.');
  }
  const text = await readBody(request);
  try {
    return JSON.parse(text);
  } catch {
    throw new MapRefusal(400, 'The request is no JSON.');
  }
}

/**
 * Whether the page that asks is of another origin, as far as the browser tells. What changes something must tell it:
 * browsers send Origin with every POST. The scheme is not compared, for something before us may speak TLS.
 */
export function isForeign({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>): boolean {
  const { origin, host = '', 'sec-fetch-site': site = 'same-origin' } = headers;
  if (site !== 'same-origin' && site !== 'none') return true;
  if (origin === undefined) return method !== 'GET' && method !== 'HEAD';
  return origin !== `http://${host}` && origin !== `https://${host}`;
}
