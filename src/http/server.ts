import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { abortable } from '../time/abortable.ts';
import type { Certificate } from './certificate.ts';
import type { Check } from './checks.ts';
import { limitCrowd } from './crowd.ts';
import type { Caller, Gate } from './token-gate.ts';

/** Where to listen: without host on all interfaces, IPv6 and IPv4; with port 0 on any free port. */
export interface Address {
  readonly host?: string;
  readonly port: number;
}

interface Reply {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How each path is answered. The signal aborts when answering takes too long. */
export type Routes = Readonly<Record<string, (signal: AbortSignal, caller: Caller) => Promise<Reply>>>;

export interface RunningServer {
  /** The port that the server listens on, also when any free port was asked for. */
  readonly port: number;
  /** Serves another certificate to connections from now on. Does nothing on a server that started without TLS. */
  readonly useCertificate: (certificate: Certificate) => void;
  /** Answers what has been asked, for a second at most, then cuts the connections. */
  close(): Promise<void>;
}

/** How long an answer may take: less than the 5 s that deploy/ gives a probe, so that a slow check is named. */
const answerTimeoutMs = 4_000;
const closeTimeoutMs = 1_000;

/**
 * Limits of one connection. A header may be as long as a token of Entra with many groups. Node looks for connections
 * that are over their time only every 30 s, unless it is told otherwise.
 */
const limits = {
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
} as const;
/** How many connections are open at most. */
const mostConnections = 100;

/**
 * Starts a server that takes GET and HEAD on at most 100 connections, over HTTPS if it gets a certificate. With one more,
 * an idle one is cut. Rejects when it cannot listen.
 */
export async function startServer(
  { host, port }: Address,
  routes: Routes,
  certificate?: Certificate,
): Promise<RunningServer> {
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    response.once('close', crowd.asks(request.socket));
    void respond(request, response, routes);
  };
  const tls =
    certificate === undefined
      ? undefined
      : createTlsServer({ ...limits, ...certificate, minVersion: 'TLSv1.2', handshakeTimeout: 5_000 }, serve);
  const server = tls ?? createServer(limits, serve);
  const crowd = limitCrowd(server, mostConnections);
  server.listen(host === undefined ? { port } : { host, port });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    useCertificate: (next) => tls?.setSecureContext({ ...next, minVersion: 'TLSv1.2' }),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), closeTimeoutMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

async function respond(request: IncomingMessage, response: ServerResponse, routes: Routes): Promise<void> {
  request.resume();
  const {
    status,
    type = 'text/plain; charset=utf-8',
    body,
    headers = {},
  } = await replyTo(request, routes).catch(
    (error: unknown): Reply => ({ status: 500, body: `${error instanceof Error ? error.message : String(error)}\n` }),
  );
  if (status === 405) response.setHeader('Allow', 'GET, HEAD');
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(body);
}

async function replyTo({ method, url = '/', headers, socket }: IncomingMessage, routes: Routes): Promise<Reply> {
  const path = url.split('?', 1)[0] ?? '/';
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return { status: 404, body: `Not here. Try ${Object.keys(routes).join(' or ')}.\n` };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: 'Only GET and HEAD.\n' };
  const caller = { authorization: headers.authorization, address: socket.remoteAddress ?? '' };
  return route(AbortSignal.timeout(answerTimeoutMs), caller);
}

/** The text that a scraper gets; a registry of prom-client is one. */
export interface MetricsText {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** Serves the metrics under /metrics; with a gate only to callers whom it lets in. */
export function metricsRoutes(text: MetricsText, gate?: Gate): Routes {
  return {
    '/metrics': async (signal, caller) => {
      const admission = (await gate?.(caller, signal)) ?? { kind: 'allowed' };
      if (admission.kind === 'refused') return refusalReply(admission.status, admission.why);
      return { status: 200, type: text.contentType, body: await text.metrics() };
    },
  };
}

function refusalReply(status: number, why: string): Reply {
  const headers = status === 401 ? { 'WWW-Authenticate': 'Bearer' } : status === 403 ? {} : { 'Retry-After': '5' };
  return { status, headers, body: `${why}\n` };
}

/** Serves `/healthz`, which fails when only a restart helps, and `/readyz`, which fails while no work can be done. */
export function healthRoutes(checks: { readonly live: readonly Check[]; readonly ready: readonly Check[] }): Routes {
  return {
    '/healthz': (signal) => replyOfChecks(checks.live, signal),
    '/readyz': (signal) => replyOfChecks(checks.ready, signal),
  };
}

async function replyOfChecks(checks: readonly Check[], signal: AbortSignal): Promise<Reply> {
  const problems = await Promise.all(checks.map((check) => problemOfCheck(check, signal)));
  const lines = checks.map((check, i) => {
    const { name } = check;
    if (problems[i] !== undefined) return `not ok ${name}: ${problems[i]}`;
    const noted = check.note?.();
    return noted === undefined ? `ok ${name}` : `ok ${name}: ${noted}`;
  });
  const status = problems.every((problem) => problem === undefined) ? 200 : 503;
  return { status, body: `${lines.length === 0 ? 'ok' : lines.join('\n')}\n` };
}

async function problemOfCheck(check: Check, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await abortable(Promise.resolve(check.problem(signal)), signal);
  } catch (error) {
    if (signal.aborted) return 'no answer yet';
    return error instanceof Error ? error.message : String(error);
  }
}
