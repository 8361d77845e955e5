import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { RegistryReplication } from '../api/registryreplication.ts';
import type { Key } from '../domain/key.ts';
import type { Certificate } from '../http/certificate.ts';
import { limitCrowd } from '../http/crowd.ts';
import type { Address, RunningServer } from '../http/server.ts';
import { KubernetesFailure } from '../ports/store.ts';
import type { Clock } from '../time/clock.ts';
import { type Story, storyOf } from '../view/story.ts';
import { createAudience, type Scenery } from './audience.ts';
import { createFollowers } from './followers.ts';
import { type PageFile, pageFiles } from './page-files.ts';
import { fileReply, jsonReply, MapRefusal, type Reply, refusalReply, safetyHeaders, textReply } from './reply.ts';
import { isForeign, readBody, readJson } from './request.ts';
import type { Hello } from './wire.ts';

/** A request, what a gate may know of it. */
export interface Visit {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** Network address of the other end. */
  readonly address: string;
  /** The body, at most 64 kB; throws a MapRefusal when it is longer. */
  readonly body: () => Promise<string>;
}

/** Lets a request pass (undefined), or answers in place of the map. */
export type MapGate = (visit: Visit, signal: AbortSignal) => Promise<Reply | undefined>;

/** Does what a POST of JSON asks for; its result is the answer. Throws a MapRefusal. */
export type Post = (body: unknown, signal: AbortSignal) => Promise<unknown>;

export interface MapOptions extends Scenery {
  readonly address: Address;
  readonly certificate?: Certificate | undefined;
  readonly hello: () => Hello;
  /** The Events of an object; a text says why they cannot be read. */
  readonly happened: (object: RegistryReplication, signal: AbortSignal) => Promise<Story['events']>;
  /** Whether the Host header is one of ours: against pages that let their own name lead here (DNS rebinding). */
  readonly isOurHost: (host: string) => boolean;
  readonly gate: MapGate;
  /** Whether the gate has a form, which sends to this server. */
  readonly hasForm?: boolean;
  /** What may be posted, by path. Nothing: the map is for reading only. */
  readonly posts?: Readonly<Record<string, Post>>;
  /** The files of the page by their path; default: those of the build. */
  readonly files?: ReadonlyMap<string, PageFile>;
  /** Told of an error that is nobody's answer; the page is only told that there was one. */
  readonly onError: (error: unknown) => void;
  /** Default 600. */
  readonly mostPages?: number;
  readonly clock: Clock;
}

export interface RunningMap extends RunningServer {
  /** How many pages follow. */
  readonly pages: () => number;
}

/** How long an answer that is no stream may take: a draft reads Azure. */
const answerTimeoutMs = 60_000;
const closeTimeoutMs = 1_000;
/** Connections beside those of pages that follow: for files and questions. */
const otherConnections = 100;

/** Limits of one connection, as in src/http/server.ts. A stream that has begun has none. */
const limits = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
} as const;

/** Serves the page, its stream and its stories. Rejects when it cannot listen. */
export async function serveMap(options: MapOptions): Promise<RunningMap> {
  const { address, certificate, mostPages = 600, hasForm = false, files = pageFiles() } = options;
  const audience = createAudience(options);
  const followers = createFollowers(options.gate);
  const safety = safetyHeaders(hasForm);

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(answerTimeoutMs)]);
    const visit = visitOf(request);
    const reply = await replyTo(request, visit, signal).catch((error: unknown) => {
      const refusal = refusalOf(error);
      if (refusal.status === 500 && !signal.aborted) options.onError(error);
      return refusalReply(refusal);
    });
    if (response.destroyed) return;
    if (reply === 'stream') {
      response.writeHead(200, { ...safety, 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      audience.join(response);
      followers.add(response, visit);
      return;
    }
    const { status, headers = {}, body } = reply;
    const length = status === 304 ? {} : { 'Content-Length': Buffer.byteLength(body) };
    response.writeHead(status, { ...safety, 'Cache-Control': 'no-store', ...length, ...headers });
    response.end(body);
  }

  async function replyTo(request: IncomingMessage, visit: Visit, signal: AbortSignal): Promise<Reply | 'stream'> {
    const { path, query, headers } = visit;
    if (!options.isOurHost(headers.host ?? '')) return textReply(403, 'The map is not served by this name.');
    const isApi = path.startsWith('/api/');
    if (isApi && isForeign(request)) {
      return refusalReply(new MapRefusal(403, 'Pages of another origin are told nothing.'));
    }
    const stopped = await options.gate(visit, signal);
    if (stopped !== undefined) return stopped;
    return isApi ? apiReply(request, path, query, signal) : pageReply(request, path);
  }

  function pageReply(request: IncomingMessage, path: string): Reply {
    const file = files.get(path);
    if (file === undefined) return textReply(404, 'Not here.');
    return isReading(request) ? fileReply(file, request) : notAllowed('GET, HEAD');
  }

  async function apiReply(
    request: IncomingMessage,
    path: string,
    query: URLSearchParams,
    signal: AbortSignal,
  ): Promise<Reply | 'stream'> {
    const { posts = {} } = options;
    const post = Object.hasOwn(posts, path) ? posts[path] : undefined;
    if (post !== undefined) {
      if (request.method !== 'POST') return notAllowed('POST');
      return jsonReply(200, await post(await readJson(request), signal));
    }
    if (path === '/api/stream') {
      if (request.method !== 'GET') return notAllowed('GET');
      if (audience.size() < mostPages) return 'stream';
      const full = new MapRefusal(503, `${mostPages} pages follow already.`, 'Close some, or try again later.');
      return refusalReply(full, { 'Retry-After': '10' });
    }
    if (path !== '/api/story') return refusalReply(new MapRefusal(404, 'Not here.'));
    return isReading(request) ? jsonReply(200, await story(query, signal)) : notAllowed('GET, HEAD');
  }

  async function story(query: URLSearchParams, signal: AbortSignal): Promise<Story> {
    const key = `${query.get('namespace') ?? ''}/${query.get('name') ?? ''}` as Key;
    const object = options.objects.get(key);
    if (object === undefined) throw new MapRefusal(404, `There is no RegistryReplication ${key}.`);
    return storyOf(object, await options.happened(object, signal), options.clock.now());
  }

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    response.once('close', crowd.asks(request.socket));
    void respond(request, response);
  };
  const tls =
    certificate === undefined
      ? undefined
      : createTlsServer({ ...limits, ...certificate, minVersion: 'TLSv1.2', handshakeTimeout: 5_000 }, serve);
  const server = tls ?? createServer(limits, serve);
  const crowd = limitCrowd(server, mostPages + otherConnections);
  const { host, port } = address;
  server.listen(host === undefined ? { port } : { host, port });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    pages: audience.size,
    useCertificate: (next) => tls?.setSecureContext({ ...next, minVersion: 'TLSv1.2' }),
    async close() {
      const closed = once(server, 'close');
      server.close();
      followers.close();
      audience.close();
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), closeTimeoutMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

function visitOf(request: IncomingMessage): Visit {
  const { method = '', url = '/', headers, socket } = request;
  const [path = '/'] = url.split('?', 1);
  const query = new URLSearchParams(url.slice(path.length));
  return { method, path, query, headers, address: socket.remoteAddress ?? '', body: () => readBody(request) };
}

function isReading({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

function notAllowed(methods: string): Reply {
  return textReply(405, `Only ${methods}.`, { Allow: methods });
}

/** What the page is told of an error; one that is no answer of anybody shows nothing of itself. */
function refusalOf(error: unknown): MapRefusal {
  if (error instanceof MapRefusal) return error;
  if (error instanceof KubernetesFailure)
    return new MapRefusal(error.status >= 400 ? error.status : 502, error.message);
  return new MapRefusal(500, 'The map failed at this.');
}
