import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Check } from './checks.ts';

/** Where to listen. Without host: on all interfaces, IPv6 and IPv4. Port 0: a free one. */
export interface Address {
  readonly host?: string;
  readonly port: number;
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

/** What is served under each path. The signal aborts when answering takes too long. */
export type Routes = Readonly<Record<string, (signal: AbortSignal) => Promise<Answer>>>;

export interface RunningServer {
  /** The port it listens on, also when any free one was asked for. */
  readonly port: number;
  /** Answers what has been asked, for a second at most, then cuts. */
  close(): Promise<void>;
}

/** Below the 5 s that deploy/ gives a probe, so that a slow check is named instead of cut off. */
const answerTimeoutMs = 4_000;
const closeTimeoutMs = 1_000;

/** GET and HEAD only, no bodies, few connections. Rejects when it cannot listen there. */
export async function startServer({ host, port }: Address, routes: Routes): Promise<RunningServer> {
  const server = createServer(
    { headersTimeout: 5_000, requestTimeout: 5_000, keepAliveTimeout: 5_000, maxHeaderSize: 8_192 },
    (request, response) => void answer(request, response, routes),
  );
  server.maxConnections = 100;
  server.listen(host === undefined ? { port } : { host, port });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
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

async function answer(request: IncomingMessage, response: ServerResponse, routes: Routes): Promise<void> {
  request.resume();
  const {
    status,
    type = 'text/plain; charset=utf-8',
    body,
  } = await answerTo(request, routes).catch(
    (error: unknown): Answer => ({ status: 500, body: `${error instanceof Error ? error.message : String(error)}\n` }),
  );
  if (status === 405) response.setHeader('Allow', 'GET, HEAD');
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(body);
}

async function answerTo({ method, url = '/' }: IncomingMessage, routes: Routes): Promise<Answer> {
  const path = url.split('?', 1)[0] ?? '/';
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return { status: 404, body: `Not here. Try ${Object.keys(routes).join(' or ')}.\n` };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: 'Only GET and HEAD.\n' };
  return route(AbortSignal.timeout(answerTimeoutMs));
}

export function metricsRoutes(registry: Registry): Routes {
  return {
    '/metrics': async () => ({ status: 200, type: registry.contentType, body: await registry.metrics() }),
  };
}

/** `/healthz` fails when only a restart helps, `/readyz` when the operator cannot do its work now; 503 says why. */
export function healthRoutes(checks: { readonly live: readonly Check[]; readonly ready: readonly Check[] }): Routes {
  return {
    '/healthz': (signal) => report(checks.live, signal),
    '/readyz': (signal) => report(checks.ready, signal),
  };
}

async function report(checks: readonly Check[], signal: AbortSignal): Promise<Answer> {
  const problems = await Promise.all(checks.map((check) => problemOf(check, signal)));
  const lines = checks.map(({ name }, i) =>
    problems[i] === undefined ? `ok ${name}` : `not ok ${name}: ${problems[i]}`,
  );
  const status = problems.every((problem) => problem === undefined) ? 200 : 503;
  return { status, body: `${lines.length === 0 ? 'ok' : lines.join('\n')}\n` };
}

async function problemOf(check: Check, signal: AbortSignal): Promise<string | undefined> {
  const late = new Promise<string>((resolve) => {
    signal.addEventListener('abort', () => resolve('no answer yet'), { once: true });
  });
  try {
    return await Promise.race([check.problem(signal), late]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
