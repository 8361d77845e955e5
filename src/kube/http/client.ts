import { deadline } from '../../time/deadline.ts';
import { turnOfLoop } from '../../time/turn-of-loop.ts';
import { type Asked, placed } from './advice.ts';
import { isEventLike, isTyped, strangeAnswer, type WholeAnswer } from './between.ts';
import { fromStatus, fromThrown, isStatus, KubeError, requestTitle } from './error.ts';
import type { KubeConfig } from './kubeconfig.ts';
import { lines } from './lines.ts';
import { type Answer, destinationOf } from './outgoing.ts';
import { createTransport } from './transport.ts';

export interface KubeRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path without query: `/apis/…` or `/api/v1/…`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Type of the body. Default application/json, which is wrong for a PATCH: it must say which kind of patch it is. */
  readonly contentType?: string;
  /** Type of the answer. Default application/json. */
  readonly accept?: string;
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

/** Reads what is no JSON, such as the log of a pod. */
export interface TextReader {
  /**
   * Sends one GET that is answered by lines of text, perhaps without end. The headers of the answer must come within
   * 30 s. Fails as calls do.
   */
  text(request: Pick<KubeRequest, 'path' | 'query'>, signal: AbortSignal): Promise<AsyncIterable<string>>;
}

export interface KubeClientOptions {
  readonly kubeConfig: KubeConfig;
  /** How many connections calls have at most; further calls wait for one. Watches have others. Default 16. */
  readonly connections?: number;
  /** How long a call, or the beginning of a watch, may take. Default 30 000. */
  readonly timeoutMs?: number;
  readonly userAgent?: string;
  /**
   * What a refusal for want of rights (403) says is to be done, after a semicolon. Without the option that is what helps an
   * operator; undefined: nothing.
   */
  readonly missingRights?: string | undefined;
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

const operatorRights = 'bind the rights of deploy/cluster-role.yaml to this user';

/** Nothing is sent before the first call. */
export function createKubeClient(options: KubeClientOptions): KubeClient & TextReader {
  const { kubeConfig, connections = 16, timeoutMs = 30_000, userAgent = 'acr-replication-operator' } = options;
  const { server, source, proxy } = kubeConfig;
  const missingRights = 'missingRights' in options ? options.missingRights : operatorRights;
  const asked: Asked = { server, source, proxy, missingRights };
  const to = destinationOf(server);
  const transport = createTransport(kubeConfig, connections);

  /** Sends a request and resolves when the headers of its answer have come. */
  async function responseTo(request: KubeRequest, signal: AbortSignal, isLong = false): Promise<Answer> {
    const { method = 'GET', path, query, body, fence } = request;
    const { contentType = 'application/json', accept = 'application/json' } = request;
    const headers = {
      accept,
      'user-agent': userAgent,
      ...(body === undefined ? {} : { 'content-type': contentType }),
    };
    const asks = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
    const text = body === undefined ? undefined : JSON.stringify(body);
    try {
      const outgoing = { to, path: `${to.basePath}${path}${asks}`, method, headers, body: text, fence };
      const response = await (isLong ? transport.sendLong(outgoing, signal) : transport.send(outgoing, signal));
      options.onAnswer?.(to.host, method, response.statusCode);
      return response;
    } catch (error) {
      options.onAnswer?.(to.host, method, undefined);
      throw error;
    }
  }

  return {
    async call(request, signal) {
      const what = (): string => requestTitle(request.method ?? 'GET', request.path); // a twentieth of the call's CPU
      using limit = deadline(signal, timeoutMs, () => timeoutError(what(), timeoutMs));
      try {
        const response = await responseTo(request, limit.signal);
        const answer = await readWhole(what, response, limit.signal);
        const parsed = tryParse(answer.body);
        if (answer.status >= 300) throw refusalIn(what(), answer, parsed);
        if (isTyped(parsed)) return parsed;
        throw strangeAnswer(what(), answer);
      } catch (error) {
        throw thrownBy(what(), error, limit.signal, asked);
      }
    },
    async watch(request, signal) {
      const what = requestTitle('WATCH', request.path);
      using limit = deadline(signal, timeoutMs, () => timeoutError(what, timeoutMs));
      try {
        const response = await responseTo(request, limit.signal, true);
        if (!isWatch(response)) {
          const answer = await readWhole(() => what, response, limit.signal);
          throw refusalIn(what, answer, tryParse(answer.body));
        }
        return watchedLines(what, response, signal, asked);
      } catch (error) {
        throw thrownBy(what, error, limit.signal, asked);
      }
    },
    async text(request, signal) {
      const what = requestTitle('GET', request.path);
      using limit = deadline(signal, timeoutMs, () => timeoutError(what, timeoutMs));
      try {
        const response = await responseTo({ ...request, accept: 'text/plain, */*' }, limit.signal, true);
        const { statusCode: status = 0 } = response;
        if (status < 300) return textLines(what, response, signal, asked);
        const answer = await readWhole(() => what, response, limit.signal);
        throw refusalIn(what, answer, tryParse(answer.body));
      } catch (error) {
        throw thrownBy(what, error, limit.signal, asked);
      }
    },
    async close() {
      transport.close();
    },
  };
}

/** Whether lines may follow: a page has a type of its own. */
function isWatch({ statusCode = 0, headers }: Answer): boolean {
  return statusCode < 300 && /json|^$/i.test(headers['content-type'] ?? '');
}

/** What the API server says of a path that it does not know, as text: the CRD is not installed. */
const unknownPath = /^404 page not found\s*$/;

function refusalIn(what: string, answer: WholeAnswer, parsed: unknown): KubeError {
  const { status, headers, body } = answer;
  if (status >= 300 && isStatus(parsed)) return fromStatus(what, status, parsed, headers['retry-after']);
  if (status !== 404 || !unknownPath.test(body)) return strangeAnswer(what, answer);
  return new KubeError({ request: what, status, reason: 'PageNotFound', message: body.trim() });
}

/** A watch that ends sooner and has said nothing is none: the API server ends one after minutes. */
const shortestWatchMs = 1_000;

/**
 * How much of a watch is read before other work is let in. Node reads up to 2 MB of a connection in one turn of the event loop:
 * 600 objects, which would block it for 50 ms.
 */
const bytesATurn = 65_536;

/** How many characters of what is no watch are kept, to tell what it is. */
const keptCharacters = 4_000;

/** The lines of a watch. Throws when what comes is no watch, or its connection breaks. */
async function* watchedLines(what: string, response: Answer, signal: AbortSignal, asked: Asked): AsyncIterable<string> {
  using short = deadline(signal, shortestWatchMs, () => new Error('the watch lasts'));
  const { statusCode: status = 0, headers } = response;
  let hasSpoken = false;
  let body = '';
  async function* kept(): AsyncIterable<Uint8Array> {
    let bytes = 0;
    for await (const chunk of endedBy(signal, response)) {
      if (!hasSpoken && body.length < keptCharacters) body += Buffer.from(chunk).toString();
      yield chunk;
      bytes += chunk.byteLength;
      if (bytes < bytesATurn) continue;
      bytes = 0;
      await turnOfLoop();
    }
  }
  try {
    for await (const line of lines(kept(), maxLineBytes)) {
      if (!hasSpoken && !isEventLike(line)) throw strangeAnswer(what, { status, headers, body });
      hasSpoken = true;
      yield line;
    }
    const isSilence = body === '' && short.signal.aborted;
    if (!hasSpoken && !isSilence) throw strangeAnswer(what, { status, headers, body });
  } catch (error) {
    // Silence is the reader's reason to abort, and has nothing to do with the address.
    throw signal.aborted ? signal.reason : thrownBy(what, error, signal, asked);
  }
}

async function* textLines(what: string, response: Answer, signal: AbortSignal, asked: Asked): AsyncIterable<string> {
  try {
    yield* lines(endedBy(signal, response), maxLineBytes);
  } catch (error) {
    throw thrownBy(what, error, signal, asked);
  }
}

async function readWhole(what: () => string, response: Answer, signal: AbortSignal): Promise<WholeAnswer> {
  const { statusCode: status = 0, headers } = response;
  return { status, headers, body: await readBody(what, response, signal) };
}

async function readBody(what: () => string, response: Answer, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of endedBy(signal, response)) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) throw new KubeError({ request: what(), status: 0, reason: 'ResponseTooLarge' });
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

/** What to throw: the signal's reason after an abort, else a KubeError, which says where was asked. */
function thrownBy(what: string, error: unknown, signal: AbortSignal, asked: Asked): unknown {
  const thrown: unknown = signal.aborted ? signal.reason : fromThrown(what, error);
  return thrown instanceof KubeError ? placed(thrown, asked) : thrown;
}
