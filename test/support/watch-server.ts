import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type KubeConfig, kubeConfigFor } from '../../src/kube/http/kubeconfig.ts';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly body: string;
}

export type Answer = (response: ServerResponse, request: Seen) => void;

/** Speaks the wire format of list and watch and breaks it as told; it knows nothing else of Kubernetes. */
export interface WatchServer {
  /** One answer per request, in order; after the last one a watch hangs silently with its headers sent. */
  script(...answers: readonly Answer[]): void;
  /** The same for the question whether the server has reached a version; after the last one it has. */
  scriptProbes(...answers: readonly Answer[]): void;
  /** All requests so far, without those questions. */
  readonly seen: readonly Seen[];
  readonly probes: readonly Seen[];
  readonly url: string;
  readonly kubeConfig: KubeConfig;
  /** Connections opened so far, and open now. */
  connections(): { readonly opened: number; readonly open: number };
  /** Refuses connections until `up`, which comes back on the same port. */
  down(): Promise<void>;
  up(tls?: Tls): Promise<void>;
}

export interface Tls {
  readonly keyPem: string;
  readonly certPem: string;
}

export async function startWatchServer(tls?: Tls): Promise<WatchServer & AsyncDisposable> {
  const answers: Answer[] = [];
  const probeAnswers: Answer[] = [];
  const probes: Seen[] = [];
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  let opened = 0;
  let port = 0;
  let server: Server | undefined;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const entry: Seen = {
      method: request.method ?? '',
      path: pathname,
      query: searchParams,
      authorization: request.headers.authorization,
      body: Buffer.concat(chunks).toString(),
    };
    if (isProbe(entry)) {
      probes.push(entry);
      (probeAnswers.shift() ?? reached)(response, entry);
      return;
    }
    seen.push(entry);
    (answers.shift() ?? says(''))(response, entry);
  }
  async function up(with_ = tls): Promise<void> {
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      handle(request, response).catch(() => response.destroy());
    };
    const next =
      with_ === undefined
        ? createServer(listener)
        : createTlsServer({ key: with_.keyPem, cert: with_.certPem }, listener);
    next.on(with_ === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      opened++;
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve, reject) => {
      next.once('error', reject);
      next.listen(port, '127.0.0.1', resolve);
    });
    port = (next.address() as AddressInfo).port;
    server = next;
  }
  async function down(): Promise<void> {
    const closed = new Promise((resolve) => server?.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  await up();
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  const kubeConfig = kubeConfigFor({ server: url, skipsVerification: true, user: {}, source: 'a test' });
  return {
    script: (...more) => void answers.push(...more),
    scriptProbes: (...more) => void probeAnswers.push(...more),
    seen,
    probes,
    url,
    kubeConfig,
    connections: () => ({ opened, open: sockets.size }),
    down,
    up,
    [Symbol.asyncDispose]: down,
  };
}

function isProbe({ query }: Seen): boolean {
  return query.get('limit') === '1';
}

const reached: Answer = (response, { query }) => {
  response.end(JSON.stringify({ ...anObject, metadata: { resourceVersion: query.get('resourceVersion') }, items: [] }));
};

export interface ObjectOptions {
  readonly version: number;
  readonly uid?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export function object(name: string, { version, uid = `uid-${name}`, annotations, ...rest }: ObjectOptions): object {
  const metadata = { name, namespace: 'platform', uid, resourceVersion: String(version), generation: 1 };
  return { metadata: { ...metadata, ...(annotations === undefined ? {} : { annotations }), ...rest }, spec: {} };
}

export function event(type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR', object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

export function bookmark(version: number, end = false): string {
  const annotations = end ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  return event('BOOKMARK', { metadata: { resourceVersion: String(version), ...annotations } });
}

export function status(code: number, reason: string, extra: object = {}): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: `${reason} it is`, reason, code, ...extra };
}

/** A watch that says this and stays open. */
export function says(...text: readonly string[]): Answer {
  return (response) => {
    response.writeHead(200).flushHeaders();
    response.write(text.join(''));
  };
}

/** A watch that says this and ends as a server ends a watch. */
export function saysAndEnds(...text: readonly string[]): Answer {
  return (response) => void response.writeHead(200).end(text.join(''));
}

/** A watch that says this and whose connection is cut then. */
export function saysAndBreaks(...text: readonly (string | Uint8Array)[]): Answer {
  return (response) => {
    response.writeHead(200);
    for (const part of text) response.write(part);
    setTimeout(() => response.destroy(), 20);
  };
}

/** An answer of Kubernetes, which says of each object what it is. */
export function answers(code: number, body: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => void response.writeHead(code, headers).end(JSON.stringify({ ...anObject, ...body }));
}

const anObject = { apiVersion: 'test/v1', kind: 'Answer' };
