import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from './arm.ts';
import type { Azure } from './azure.ts';
import { replicationBody } from './bodies.ts';
import type { Call } from './call.ts';
import type { EmulatorControl } from './control.ts';
import { argumentOf, argumentProblem } from './control-arguments.ts';
import { fail, type Reply } from './errors.ts';
import type { Wire } from './fault-effects.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { isObject, jsonIn } from './json.ts';
import { normalise } from './model.ts';
import { isGraph, kindOf, routeOf, verbOf } from './route.ts';
import { same, uuidFrom } from './seed.ts';
import { clientIdIn } from './tokens.ts';

const COMMON = {
  'cache-control': 'no-cache',
  pragma: 'no-cache',
  expires: '-1',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-cache': 'CONFIG_NOCACHE',
  'x-content-type-options': 'nosniff',
} as const;

const CONTROL = '/_emulator/';
/** What is given there beside the functions: the certificate to trust, for those who have no file of it. */
const CA_FILE = 'ca.pem';
const MAX_BODY = 4 * 1024 * 1024;

export interface Service {
  readonly azure: Azure;
  readonly journal: Journal;
  readonly control: EmulatorControl;
  readonly caPem: string;
  readonly clock: () => number;
  /** Told after every call that may have changed the state. */
  readonly changed: () => void;
}

/** Serves one request from the first byte to the last, and never throws. */
export async function serve(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const text = await read(request);
    const url = new URL(request.url ?? '/', service.azure.origin);
    if (`${url.pathname}/`.startsWith(CONTROL))
      return await control(service, request.method ?? 'GET', url.pathname.slice(CONTROL.length), text, response);
    const asked = place(service, request, url, text);
    if (isGraph(asked.kind) && service.azure.faults.ignoresGraph(asked)) url.searchParams.delete('useResourceGraph');
    const arrived = place(service, request, url, text);
    service.journal.count(arrived.verb, arrived.kind);
    const delayMs = service.azure.times.latencyMs + service.azure.faults.delayMs(arrived);
    if (delayMs > 0) await sleep(delayMs);
    const held = service.azure.faults.held(arrived);
    if (held !== undefined) await held;
    // What is true when it is answered counts.
    const call = delayMs > 0 || held !== undefined ? place(service, request, url, text) : arrived;
    const spoiled = service.azure.faults.wire(call);
    const was = call.verb === 'DELETE' ? replicaBefore(service.azure, call) : undefined;
    const reply = spoiled !== undefined && !spoiled.late ? { status: 0 } : await answer(service.azure, call);
    note(service.journal, call, spoiled?.wire.form === 'html' ? { status: spoiled.wire.status } : reply, was);
    if (call.verb !== 'GET' && call.verb !== 'LIST') service.changed();
    send(response, call, reply, spoiled?.wire);
  } catch (error) {
    if (response.headersSent || response.destroyed) return void response.destroy();
    write(
      response,
      fail(500, 'EmulatorError', error instanceof Error ? (error.stack ?? error.message) : 'unknown'),
      {},
    );
  }
}

function place({ azure, clock }: Service, request: IncomingMessage, url: URL, text: string): Call {
  const { kind: path, names } = routeOf(url.pathname);
  const method = request.method ?? 'GET';
  const kind = kindOf(method, path, url.searchParams);
  const operation = names.operation === undefined ? undefined : azure.store.operation(names.operation);
  const registryName = names.registry ?? operation?.registry;
  const registry = registryName === undefined ? undefined : azure.store.registry(registryName);
  const replica =
    names.replication === undefined ? undefined : registry?.replicas.find((r) => same(r.name, names.replication ?? ''));
  const region =
    replica?.location ??
    operation?.location ??
    locationIn(text, kind === 'replication') ??
    names.location ??
    names.replication;
  return {
    verb: verbOf(method, kind),
    kind,
    method,
    path: url.pathname,
    query: url.searchParams,
    names,
    headers: request.headers,
    text,
    now: clock(),
    ...(registryName === undefined ? {} : { registry: registryName.toLowerCase() }),
    ...(region === undefined ? {} : { region: normalise(region) }),
    ...(registry === undefined ? {} : { homeRegion: registry.location }),
  };
}

/** The replica that the call names, before it is carried out. */
function replicaBefore({ store }: Azure, { registry: name, names, now }: Call): JournalEntry['was'] {
  const registry = name === undefined ? undefined : store.registry(name);
  const replica = registry?.replicas.find((r) => same(r.name, names.replication ?? ''));
  if (registry === undefined || replica === undefined) return undefined;
  const { tags, properties } = replicationBody(registry, replica, now);
  return { name: replica.name, provisioningState: properties.provisioningState, tags };
}

function note(journal: Journal, call: Call, reply: Reply, was: JournalEntry['was']): void {
  const error = isObject(reply.body) && isObject(reply.body['error']) ? reply.body['error'] : {};
  const apiVersion = call.query.get('api-version');
  const agent = call.headers['user-agent'];
  const correlationId = call.headers['x-ms-correlation-request-id'];
  const clientId = clientIdIn(call.headers['authorization']);
  journal.add({
    at: call.now,
    verb: call.verb,
    kind: call.kind,
    method: call.method,
    path: call.path,
    ...(apiVersion === null ? {} : { apiVersion }),
    ...(call.registry === undefined ? {} : { registry: call.registry }),
    ...(call.region === undefined ? {} : { region: call.region }),
    ...(call.text === '' || call.kind === 'token' ? {} : { body: jsonIn(call.text) ?? call.text }),
    status: reply.status,
    ...(typeof error['code'] === 'string' ? { code: error['code'] } : {}),
    ...(typeof agent === 'string' ? { userAgent: agent } : {}),
    ...(typeof correlationId === 'string' ? { correlationId } : {}),
    ...(clientId === undefined ? {} : { clientId }),
    ...(was === undefined ? {} : { was }),
  });
}

function send(response: ServerResponse, call: Call, reply: Reply, wire: Wire | undefined): void {
  const given = call.headers['x-ms-correlation-request-id'];
  const id = uuidFrom(`${call.now} ${Math.random()}`);
  const ids = { 'x-ms-request-id': id, 'x-ms-correlation-request-id': typeof given === 'string' ? given : id };
  if (wire?.form === 'reset') return void response.destroy();
  if (wire?.form === 'html') {
    response.writeHead(wire.status, { 'content-type': 'text/html' });
    return void response.end('<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>');
  }
  if (wire?.form === 'empty') return write(response, { status: reply.status, headers: reply.headers ?? {} }, ids);
  if (wire?.form === 'braces') return write(response, { ...reply, body: {} }, ids);
  if (wire?.form === 'huge') return pour(response);
  if (wire?.form !== 'truncated') return write(response, reply, ids);
  const body = Buffer.from(JSON.stringify(reply.body ?? {}));
  response.writeHead(reply.status, {
    ...COMMON,
    ...ids,
    ...reply.headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
  });
  response.write(body.subarray(0, body.length / 2), () => response.destroy());
}

/** 100 MB of a list that never comes to its point, as fast as they are taken. */
function pour(response: ServerResponse): void {
  const piece = Buffer.alloc(2 ** 20, '"x",');
  let left = 100;
  response.writeHead(200, { ...COMMON, 'content-type': 'application/json; charset=utf-8' });
  response.write('{"value":[');
  const more = (): void => {
    while (left-- > 0 && !response.destroyed) if (!response.write(piece)) return void response.once('drain', more);
    response.end('"x"]}');
  };
  more();
}

function write(response: ServerResponse, reply: Reply, ids: Readonly<Record<string, string>>): void {
  const body = reply.body === undefined ? undefined : Buffer.from(JSON.stringify(reply.body));
  const shape =
    body === undefined
      ? reply.status === 204
        ? {}
        : { 'content-length': 0 }
      : { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length };
  response.writeHead(reply.status, { ...COMMON, ...ids, ...shape, ...reply.headers });
  response.end(body);
}

/** `/_emulator/{function}` with its argument as JSON body; a GET is a call without argument. */
async function control(
  { control: functions, changed, caPem }: Service,
  method: string,
  name: string,
  text: string,
  response: ServerResponse,
): Promise<void> {
  const refuse = (message: string, status = 400, code = 'BadRequest', headers = {}): void =>
    write(response, fail(status, code, message, headers), {});
  if (method !== 'GET' && method !== 'POST')
    return refuse(`Use GET or POST, not ${method}.`, 405, 'MethodNotAllowed', { allow: 'GET, POST' });
  if (name === CA_FILE) {
    response.writeHead(200, { ...COMMON, 'content-type': 'application/x-pem-file' });
    return void response.end(caPem);
  }
  const there = [...Object.keys(functions), CA_FILE].join(', ');
  const run = Object.hasOwn(functions, name) ? functions[name as keyof EmulatorControl] : undefined;
  if (run === undefined)
    return refuse(
      `${name === '' ? 'Name a function' : `Unknown function '${name}'`}: there is ${there}.`,
      404,
      'NotFound',
    );
  const known = name as keyof EmulatorControl;
  const argument = text === '' ? undefined : jsonIn(text);
  if (text !== '' && argument === undefined) return refuse(`The body is not JSON: ${argumentOf(known)}.`);
  const problem = argumentProblem(known, argument);
  if (problem !== undefined) return refuse(problem);
  try {
    const result = await (run as (argument: unknown) => Promise<unknown>)(argument);
    changed();
    write(response, result === undefined ? { status: 204 } : { status: 200, body: result }, {});
  } catch (error) {
    refuse(error instanceof Error ? error.message : 'unknown');
  }
}

function locationIn(text: string, wanted: boolean): string | undefined {
  if (!wanted || text === '') return undefined;
  const body = jsonIn(text);
  return isObject(body) && typeof body['location'] === 'string' ? body['location'] : undefined;
}

async function read(request: IncomingMessage): Promise<string> {
  if (request.method === 'GET' || request.method === 'HEAD') return '';
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new RangeError('request body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
