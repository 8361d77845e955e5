import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request as send } from 'node:http';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { MapObject, Trouble } from '../../src/map/wire.ts';
import type { Lifetime } from './operator-world.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request as a browser would send it, or as none would: all headers are the caller's. */
export async function ask(port: number, path: string, asked: Asked = {}): Promise<Answer> {
  const response = await opened(port, path, asked);
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

async function opened(port: number, path: string, { method = 'GET', headers = {}, body }: Asked) {
  const request = send({ host: '127.0.0.1', port, path, method, headers, agent: false });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

/** What a page knows that follows the stream. */
export interface Follower {
  readonly response: IncomingMessage;
  readonly objects: Map<string, MapObject>;
  /** Names of the events so far. */
  readonly events: string[];
  readonly comments: () => number;
  readonly hello: () => unknown;
  readonly trouble: () => string | null | undefined;
  readonly isEnded: () => boolean;
}

/** Follows the stream as a page does, until the test is over. Concurrent tests must give their own context as `lifetime`. */
export async function following(
  port: number,
  headers: Asked['headers'] = {},
  lifetime: Lifetime = { onTestFinished },
): Promise<Follower> {
  const response = await opened(port, '/api/stream', { headers });
  lifetime.onTestFinished(async () => void response.destroy());
  if (response.statusCode !== 200) throw new Error(`the stream is refused: ${response.statusCode}`);
  const objects = new Map<string, MapObject>();
  const events: string[] = [];
  let [name, comments, isEnded] = ['', 0, false];
  let [hello, trouble]: [unknown, string | null | undefined] = [undefined, undefined];
  const takes: Readonly<Record<string, (data: unknown) => void>> = {
    hello: (data) => (hello = data),
    objects: (data) => (data as readonly MapObject[]).forEach((one) => objects.set(one.key, one)),
    gone: (data) => (data as readonly string[]).forEach((key) => objects.delete(key)),
    trouble: (data) => (trouble = (data as Trouble).why),
    synced: () => {},
  };
  response.setEncoding('utf8').on('error', () => {});
  createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })
    .on('line', (line) => {
      if (line.startsWith(':')) comments += 1;
      if (line.startsWith('event: ')) name = line.slice('event: '.length);
      if (!line.startsWith('data: ')) return;
      takes[name]?.(JSON.parse(line.slice('data: '.length)));
      events.push(name);
    })
    .on('close', () => {
      isEnded = true;
    });
  return {
    response,
    objects,
    events,
    comments: () => comments,
    hello: () => hello,
    trouble: () => trouble,
    isEnded: () => isEnded,
  };
}

export interface Visitor {
  readonly port: number;
  /** The link that was printed, without the address. */
  readonly link: string;
  readonly cookie: string;
  readonly get: (path: string) => Promise<Answer>;
  /** A POST as the page sends it. */
  readonly post: (
    path: string,
    body: unknown,
    headers?: Asked['headers'],
  ) => Promise<Answer & { readonly json: never }>;
  readonly follow: () => Promise<Follower>;
  readonly interrupt: () => void;
  /** Exit code, and what was written. */
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

export interface ServedMap {
  readonly kubeconfig: string;
  readonly namespace?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Concurrent tests must give their own context. */
  readonly lifetime?: Lifetime;
}

/** Runs `kubectl acr-replication map` until the test is over, and comes in by the link that it prints. */
export async function visitedMap(
  words: readonly string[],
  { kubeconfig, namespace, env = {}, lifetime = { onTestFinished } }: ServedMap,
): Promise<Visitor> {
  const args = [
    resolve('dist/kubectl-acr_replication.mjs'),
    'map',
    ...words,
    ...(namespace === undefined ? [] : ['-n', namespace]),
  ];
  const nobody = { DISPLAY: '', WAYLAND_DISPLAY: '' };
  const child = execFile(process.execPath, args, {
    env: { ...process.env, ...nobody, KUBECONFIG: kubeconfig, ...env },
  });
  lifetime.onTestFinished(async () => void child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  const printed = Promise.withResolvers<string>();
  child.stdout?.on('data', (chunk: string) => {
    out += chunk;
    if (out.includes('\n')) printed.resolve(out.trim());
  });
  child.stderr?.on('data', (chunk: string) => {
    err += chunk;
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((done) => {
    child.on('close', (code) => done({ code, out, err }));
  });
  void ended.then(() => printed.reject(new Error(`the map is not served: ${err}`)));
  const url = new URL(await printed.promise);
  const port = Number(url.port);
  const host = { Host: url.host };
  const link = `${url.pathname}${url.search}`;
  const entered = await ask(port, link, { headers: host });
  const [cookie = ''] = (entered.headers['set-cookie']?.[0] ?? '').split(';');
  const own = { ...host, Cookie: cookie };
  return {
    port,
    link,
    cookie,
    get: (path) => ask(port, path, { headers: own }),
    async post(path, body, headers = {}) {
      const sent = { ...own, Origin: url.origin, 'Content-Type': 'application/json', ...headers };
      const answer = await ask(port, path, { method: 'POST', headers: sent, body: JSON.stringify(body) });
      return { ...answer, json: JSON.parse(answer.text) as never };
    },
    follow: () => following(port, own, lifetime),
    interrupt: () => void child.kill('SIGINT'),
    ended,
  };
}
