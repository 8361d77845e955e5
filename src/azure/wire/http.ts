import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';

/** As Node's global agent, which the SDK's own client uses, closes a connection that nobody uses. In milliseconds. */
export const idleConnectionMs = 5_000;

/** Options of connections. */
export interface Trust {
  /** Certificates to believe in place of Node's, as PEM. */
  readonly ca?: string;
}

/**
 * Sends requests over TLS connections that are kept, and reads each answer whole: what ARM needs of the SDK's own client,
 * which makes two streams, an AbortController and a dozen listeners for each request. Heeds the request's agent, time limit,
 * abort signal and onDownloadProgress; asks for answers that are not compressed, which costs less than it saves for a few
 * kilobytes. Fails with a RestError, after the time limit with a TimeoutError, after an abort with the signal's reason.
 */
export function createHttpClient(trust: Trust = {}): HttpClient {
  const agent = new Agent({ ...trust, keepAlive: true, timeout: idleConnectionMs });
  return { sendRequest: (request) => exchange(request, agent) };
}

function exchange(request: PipelineRequest, agent: Agent): Promise<PipelineResponse> {
  const { abortSignal: signal, timeout, method, url } = request;
  const body = typeof request.body === 'string' ? request.body : undefined;
  return new Promise((resolve, reject) => {
    let outgoing: ClientRequest | undefined;
    let timer: NodeJS.Timeout | undefined;
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const fail = (error: unknown): void => {
      settle();
      reject(error);
      outgoing?.destroy();
    };
    const abort = (): void => fail((signal as AbortSignal).reason);
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort);
    if (timeout > 0) {
      timer = setTimeout(() => fail(new DOMException(`no answer within ${timeout} ms`, 'TimeoutError')), timeout);
    }
    const headers = { ...request.headers.toJSON(), 'accept-encoding': 'identity', ...lengthOf(body) };
    outgoing = httpsRequest(url, { method, headers, agent: (request.agent as Agent | undefined) ?? agent });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      fail(new RestError(error.message, { code: error.code ?? RestError.REQUEST_SEND_ERROR, request }));
    });
    outgoing.on('close', () => {
      if (!isSettled) fail(new RestError('no answer came', { code: 'ECONNRESET', request }));
    });
    outgoing.on('response', (answer) => {
      const chunks: Buffer[] = [];
      let loadedBytes = 0;
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        loadedBytes += chunk.length;
        try {
          request.onDownloadProgress?.({ loadedBytes });
        } catch (error) {
          fail(error);
        }
      });
      answer.on('error', ({ message }) => fail(new RestError(message, { code: RestError.PARSE_ERROR, request })));
      answer.on('end', () => {
        settle();
        resolve(responseTo(request, answer, chunks));
      });
    });
    outgoing.end(body);
  });
}

function lengthOf(body: string | undefined): { readonly 'content-length'?: number } {
  return body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
}

function responseTo(request: PipelineRequest, answer: IncomingMessage, chunks: readonly Buffer[]): PipelineResponse {
  const [first = Buffer.alloc(0)] = chunks;
  const bytes = chunks.length > 1 ? Buffer.concat(chunks) : first;
  const headers = createHttpHeaders(textsOf(answer.headers));
  return { request, status: answer.statusCode ?? 0, headers, bodyAsText: bytes.toString('utf8') };
}

/** The headers; of one that came several times the first, as in the SDK's own client. */
function textsOf(headers: IncomingHttpHeaders): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    const text = Array.isArray(value) ? value[0] : value;
    if (text !== undefined) texts[name] = text;
  }
  return texts;
}
