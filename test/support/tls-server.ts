import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority, issueServerCertificate } from '../sandbox/certificates.ts';

/** A request as it came in. */
export interface Seen {
  readonly method: string;
  /** Path and query, as written by the client. */
  readonly target: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export type Handler = (response: ServerResponse, request: Seen) => void;

/** A server on a real TLS connection that answers as the test says and remembers who asked for what. */
export interface TlsServer extends AsyncDisposable {
  readonly url: string;
  readonly caPem: string;
  readonly seen: Seen[];
  /** Sets what answers from now on. Until then every answer is 200 and `{}`. */
  answer(handler: Handler): void;
}

export interface TlsServerOptions {
  /** Default: an authority of its own. Servers of one authority are believed by the same clients. */
  readonly authority?: Awaited<ReturnType<typeof createAuthority>>;
}

export async function startTlsServer(options: TlsServerOptions = {}): Promise<TlsServer> {
  const authority = options.authority ?? (await createAuthority('Test CA'));
  const { certPem: cert, keyPem: key } = await issueServerCertificate(authority);
  const seen: Seen[] = [];
  let handler: Handler = (response) => json(response, 200, {});

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const entry = {
      method: request.method ?? '',
      target: request.url ?? '',
      authorization: request.headers.authorization,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    seen.push(entry);
    handler(response, entry);
  }
  const server = createServer({ cert, key }, (request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caPem: authority.certPem,
    seen,
    answer(next) {
      handler = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** Sends `chunk` over and over until `bytes` are out or the other side has gone. Tells how many went out. */
export function pour(response: ServerResponse, chunk: Buffer, bytes: number): () => number {
  let written = 0;
  const more = (): void => {
    while (written < bytes && !response.destroyed) {
      written += chunk.length;
      if (!response.write(chunk)) return void response.once('drain', more);
    }
    response.end();
  };
  more();
  return () => written;
}
