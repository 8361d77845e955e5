import type { KubeConfig } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { createConnection } from './connection.ts';
import { deadline } from './deadline.ts';
import { describe, fromStatus, fromThrown, KubeError } from './error.ts';
import { lines } from './lines.ts';

export interface KubeRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/apis/…` or `/api/v1/…`, without query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Default application/json; a PATCH must say which kind of patch it is. */
  readonly contentType?: string;
}

/** The API server, over one pool of connections. Failures are KubeErrors; an abort throws the signal's reason. */
export interface KubeClient {
  /** One request, answered in 30 s by at most 64 MB of JSON; nothing is tried again. */
  call(request: KubeRequest, signal: AbortSignal): Promise<unknown>;
  /** One request whose answer is a stream of lines without end; only its headers must come in 30 s. */
  watch(request: KubeRequest, signal: AbortSignal): Promise<AsyncIterable<string>>;
  /** Ends every connection, running requests included. */
  close(): Promise<void>;
}

export interface KubeClientOptions {
  readonly kubeConfig: KubeConfig;
  /** At most so many at once; calls beyond it wait. Watches hold one each. Default 16. */
  readonly connections?: number;
  /** Default 30 000. */
  readonly timeoutMs?: number;
  readonly userAgent?: string;
}

/** A page of 500 objects at etcd's limit of 1.5 MB would be larger; ours stay far below. */
const maxBodyBytes = 64 * 1024 * 1024;
/** The largest object etcd takes is 1.5 MB. */
const maxLineBytes = 16 * 1024 * 1024;

export function createKubeClient(options: KubeClientOptions): KubeClient {
  const { kubeConfig, connections = 16, timeoutMs = 30_000, userAgent = 'acr-replication-operator' } = options;
  const cluster = kubeConfig.getCurrentCluster();
  if (cluster === null) throw new Error('the kubeconfig names no cluster');
  if (cluster.proxyUrl) throw new Error('proxy-url in a kubeconfig is not supported');
  const server = cluster.server.replace(/\/+$/, '');
  const connection = createConnection(kubeConfig, connections);

  async function send(request: KubeRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { method = 'GET', path, query, body, contentType = 'application/json' } = request;
    signal.throwIfAborted();
    const { agent, headers } = await connection.current();
    signal.throwIfAborted();
    const url = new URL(`${server}${path}?${new URLSearchParams(query).toString()}`);
    const answering = agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: {
        ...headers,
        accept: 'application/json',
        'user-agent': userAgent,
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headersTimeout: timeoutMs,
      signal,
    });
    return await orAbort(answering, signal);
  }

  async function refusal(what: string, { statusCode, headers, body }: Dispatcher.ResponseData): Promise<KubeError> {
    const { 'retry-after': retryAfter } = headers;
    return fromStatus(what, statusCode, tryParse(await read(what, body)), [retryAfter].flat()[0]);
  }

  return {
    async call(request, signal) {
      const what = describe(request.method ?? 'GET', request.path);
      using limit = deadline(signal, timeoutMs, () => timeout(what, timeoutMs));
      try {
        const response = await send(request, limit.signal);
        if (response.statusCode >= 300) throw await refusal(what, response);
        const parsed = tryParse(await read(what, response.body));
        if (typeof parsed === 'object') return parsed;
        throw new KubeError({ request: what, status: response.statusCode, reason: 'InvalidResponse' });
      } catch (error) {
        throw thrownBy(what, error, limit.signal);
      }
    },
    async watch(request, signal) {
      const what = describe('WATCH', request.path);
      try {
        const response = await send(request, signal);
        if (response.statusCode >= 300) throw await refusal(what, response);
        return events(what, response.body, signal);
      } catch (error) {
        throw thrownBy(what, error, signal);
      }
    },
    close: () => connection.close(),
  };
}

async function* events(what: string, body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<string> {
  try {
    yield* lines(body, maxLineBytes);
  } catch (error) {
    throw thrownBy(what, error, signal);
  }
}

/** undici heeds an abort only once it is connected. It sends nothing then; but that may be 10 s later. */
async function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  work.catch(() => {}); // nobody else hears of it after an abort
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function read(what: string, body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) throw new KubeError({ request: what, status: 0, reason: 'ResponseTooLarge' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function timeout(what: string, afterMs: number): KubeError {
  return new KubeError({
    request: what,
    status: 0,
    reason: 'Timeout',
    message: `no answer within ${afterMs / 1000} s`,
  });
}

/** An abort stays the abort its owner asked for; everything else is a KubeError. */
function thrownBy(what: string, error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : fromThrown(what, error);
}
