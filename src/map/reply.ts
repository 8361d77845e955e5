import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { PageFile } from './page-files.ts';
import type { Refusal } from './wire.ts';

/** An answer that is no stream. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** Thrown where a request is refused: what the page is told. */
export class MapRefusal extends Error {
  readonly status: number;
  /** The command or the step that helps. */
  readonly cure: string | undefined;

  constructor(status: number, message: string, cure?: string) {
    super(message);
    this.name = 'MapRefusal';
    this.status = status;
    this.cure = cure;
  }
}

/** What each answer says to the browser: everything comes from here, nothing is framed, nobody is told where we are. */
export function safetyHeaders(hasForm: boolean): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    ...['script', 'style', 'connect', 'img'].map((what) => `${what}-src 'self'`),
    "base-uri 'none'",
    `form-action ${hasForm ? "'self'" : "'none'"}`,
    "frame-ancestors 'none'",
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
}

export function textReply(status: number, text: string, headers: Reply['headers'] = {}): Reply {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, body: `${text}\n` };
}

export function jsonReply(status: number, value: unknown, headers: Reply['headers'] = {}): Reply {
  return { status, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

export function refusalReply({ status, message, cure }: MapRefusal, headers: Reply['headers'] = {}): Reply {
  const refusal: Refusal = { error: message, ...(cure === undefined ? {} : { cure }) };
  return jsonReply(status, refusal, headers);
}

const tags = new WeakMap<PageFile, string>();

/** Changes with the bytes of the file. */
function tagOf(file: PageFile): string {
  const tag = tags.get(file) ?? `"${createHash('sha256').update(file.gzip).digest('base64url').slice(0, 22)}"`;
  tags.set(file, tag);
  return tag;
}

/** A file of the page, which the browser keeps and asks about each time. */
export function fileReply(file: PageFile, { headers }: Pick<IncomingMessage, 'headers'>): Reply {
  const tag = tagOf(file);
  const own = { 'Cache-Control': 'no-cache', ETag: tag, Vary: 'Accept-Encoding' };
  const known = (headers['if-none-match'] ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''));
  if (known.includes(tag) || known.includes('*')) return { status: 304, headers: own, body: '' };
  const isPacked = /(^|,)\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*(,|$))[^,]*)?(,|$)/i.test(headers['accept-encoding'] ?? '');
  return {
    status: 200,
    headers: { ...own, 'Content-Type': file.type, ...(isPacked ? { 'Content-Encoding': 'gzip' } : {}) },
    body: isPacked ? file.gzip : file.plain(),
  };
}
