import { deadline } from '../../time/deadline.ts';
import { type Asked, placed } from './advice.ts';
import { fromStatus, fromThrown, KubeError, requestTitle } from './error.ts';
import type { KubeConfig } from './kubeconfig.ts';
import { lines } from './lines.ts';
import type { Answer } from './outgoing.ts';
import { createTransport } from './transport.ts';

export interface KubeRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path without query: `/apis/…` or `/api/v1/…`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Type of the body. Default application/json, which is wrong for a PATCH: it must say which kind of patch it is. */
  readonly contentType?: string;
  /** Called when the connection is ready, just before anything is sent. When it throws, nothing is sent. */
  readonly fence?: () => void;
}

/** Calls the API server over one pool of connections. A failure throws a KubeError, an abort the signal's reason. */
export interface KubeClient {
  /** Sends one request, which must be answered within 30 s by at most 64 MB of JSON, and which is not tried again. */
  call(request: KubeRequest, signal: AbortSignal): Promise<unknown>;
  /** Sends one request that is answered by lines without end. The headers of the answer must come within 30 s. */
  watch(request: KubeRequest, signal: AbortSignal): Promise<AsyncIterable<string>>;
  /** Ends all connections; running requests fail. */
  close(): Promise<void>;
}

export interface KubeClientOptions {
  readonly kubeConfig: KubeConfig;
  /** How many connections calls have at most; further calls wait for one. Watches have others. Default 16. */
  readonly connections?: number;
  /** How long a call, or the beginning of a watch, may take. Default 30 000. */
  readonly timeoutMs?: number;
  readonly userAgent?: string;
  /** Called for each request with the HTTP status of its answer. Undefined: no answer came. */
  readonly onAnswer?: ((host: string, method: string, status: number | undefined) => void) | undefined;
}

/** The same client, which calls `fence` last of all before it sends anything but a GET. */
export function fenced(client: KubeClient, fence: () => void): KubeClient {
  return {
    ...client,
    call(request, signal) {
      const { method = 'GET' } = request;
      return client.call(method === 'GET' ? request : { ...request, fence }, signal);
    },
  };
}

/** Limit of one answer. A page of 500 objects of etcd's limit of 1.5 MB would exceed it; ours are far smaller. */
const maxBodyBytes = 64 * 1024 * 1024;
/** Limit of one line of a watch. The largest object that etcd takes has 1.5 MB. */
const maxLineBytes = 16 * 1024 * 1024;

/** Nothing is sent before the first call. */
export function createKubeClient(options: KubeClientOptions): KubeClient {
  const { kubeConfig, connections = 16, timeoutMs = 30_000, userAgent = 'acr-replication-operator' } = options;
  const { server } = kubeConfig;
  const transport = createTransport(kubeConfig, connections);

  /** Sends a request and resolves when the headers of its answer have come. */
  async function responseTo(request: KubeRequest, signal: AbortSignal, isLong = false): Promise<Answer> {
    const { method = 'GET', path, query, body, contentType = 'application/json', fence } = request;
    const headers = {
      accept: 'application/json',
      'user-agent': userAgent,
      ...(body === undefined ? {} : { 'content-type': contentType }),
    };
    const url = new URL(`${server}${path}?${new URLSearchParams(query).toString()}`);
    const text = body === undefined ? undefined : JSON.stringify(body);
    try {
      const outgoing = { url, method, headers, body: text, fence };
      const response = await (isLong ? transport.sendLong(outgoing, signal) : transport.send(outgoing, signal));
      options.onAnswer?.(url.host, method, response.statusCode);
      return response;
    } catch (error) {
      options.onAnswer?.(url.host, method, undefined);
      throw error;
    }
  }

  return {
    async call(request, signal) {
      const what = requestTitle(request.method ?? 'GET', request.path);
      using limit = deadline(signal, timeoutMs, () => timeoutError(what, timeoutMs));
      try {
        const response = await responseTo(request, limit.signal);
        const { statusCode: status = 0 } = response;
        if (status >= 300) throw await readRefusal(what, response, limit.signal);
        const parsed = tryParse(await readBody(what, response, limit.signal));
        if (typeof parsed === 'object') return parsed;
        throw new KubeError({ request: what, status, reason: 'InvalidResponse' });
      } catch (error) {
        throw thrownBy(what, error, limit.signal, kubeConfig);
      }
    },
    async watch(request, signal) {
      const what = requestTitle('WATCH', request.path);
      using limit = deadline(signal, timeoutMs, () => timeoutError(what, timeoutMs));
      try {
        const response = await responseTo(request, limit.signal, true);
        if ((response.statusCode ?? 0) >= 300) throw await readRefusal(what, response, limit.signal);
        return watchedLines(what, endedBy(signal, response), signal);
      } catch (error) {
        throw thrownBy(what, error, limit.signal, kubeConfig);
      }
    },
    async close() {
      transport.close();
    },
  };
}

async function readRefusal(what: string, response: Answer, signal: AbortSignal): Promise<KubeError> {
  const { statusCode = 0, headers } = response;
  return fromStatus(what, statusCode, tryParse(await readBody(what, response, signal)), headers['retry-after']);
}

async function* watchedLines(
  what: string,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncIterable<string> {
  try {
    yield* lines(body, maxLineBytes);
  } catch (error) {
    throw thrownBy(what, error, signal);
  }
}

async function readBody(what: string, response: Answer, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of endedBy(signal, response)) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) throw new KubeError({ request: what, status: 0, reason: 'ResponseTooLarge' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The body of an answer. An abort ends its connection. */
function endedBy(signal: AbortSignal, response: Answer): AsyncIterable<Uint8Array> {
  const breakOff = (): void => void response.destroy();
  if (signal.aborted) breakOff();
  signal.addEventListener('abort', breakOff, { once: true });
  response.once('close', () => signal.removeEventListener('abort', breakOff));
  return response;
}

/** The value of a JSON text; the text itself when it is no JSON. */
function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function timeoutError(what: string, afterMs: number): KubeError {
  return new KubeError({
    request: what,
    status: 0,
    reason: 'Timeout',
    message: `no answer within ${afterMs / 1000} s`,
  });
}

/** What to throw: the signal's reason after an abort, else a KubeError, which says where `asked` was, if it is given. */
function thrownBy(what: string, error: unknown, signal: AbortSignal, asked?: Asked): unknown {
  const thrown: unknown = signal.aborted ? signal.reason : fromThrown(what, error);
  return asked !== undefined && thrown instanceof KubeError ? placed(thrown, asked) : thrown;
}
