import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, issueServerCertificate } from '../certificates.ts';
import { removeAbandoned, signOwner } from '../lock-folder.ts';
import type { Azure } from './azure.ts';
import { controlOf, type EmulatorControl } from './control.ts';
import { Faults } from './faults.ts';
import { graphSettings, horizonOf } from './graph-settings.ts';
import { Journal } from './journal.ts';
import type { State } from './model.ts';
import { operationUrls } from './operation-url.ts';
import { graphQuota, quotaOf } from './quota.ts';
import { randomFrom } from './random.ts';
import { routeOf } from './route.ts';
import { putApp, stateOf } from './seed.ts';
import { type Service, serve } from './server.ts';
import { type EmulatorOptions, habitsOf, timesOf } from './settings.ts';
import { readStateFile, stateFile } from './state-file.ts';
import { Store } from './store.ts';
import { makeTokens } from './tokens.ts';
import { regionsOf } from './versions.ts';

export interface Emulator {
  /** Origin of ARM and of Entra ID: `https://127.0.0.1:port`, unless an option says otherwise. */
  readonly url: string;
  /** The CA that signed the server's certificate, as PEM. */
  readonly caPem: string;
  /** The same as a file, for NODE_EXTRA_CA_CERTS; gone after `stop`. */
  readonly caFile: string;
  /** IDENTITY_ENDPOINT of a managed identity in the style of App Service. */
  readonly identityUrl: string;
  /** The matching IDENTITY_HEADER. */
  readonly identityHeader: string;
  /** AZURE_POD_IDENTITY_AUTHORITY_HOST of a managed identity in the style of virtual machines. */
  readonly imdsUrl: string;
  /** Credentials of the first app, in the tenant of the first subscription. */
  readonly credentials: { readonly tenantId: string; readonly clientId: string; readonly clientSecret: string };
  readonly subscriptionId: string;
  readonly control: EmulatorControl;
  readonly stop: () => Promise<void>;
}

const folderPrefix = 'azure-emulator-';

/**
 * Starts an Azure of its own on 127.0.0.1; about 0.2 s. It knows nothing of src: it is written after recorded exchanges and
 * the official swagger, for the program as it ships and for other people's clients.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { clock = Date.now, seed = 1 } = options;
  const authority = await createAuthority('Emulated Azure CA');
  const given = options.url === undefined ? undefined : new URL(options.url);
  const { certPem: cert, keyPem: key } = await issueServerCertificate(
    authority,
    given === undefined ? [] : [given.hostname.replace(/^\[|\]$/g, '')],
  );
  const state = (await readStateFile(options.stateFile)) ?? stateOf(options, clock(), options.zoneRedundancy);
  // The issuer's keys are those of this run, whatever the state file remembers.
  for (const app of (options.apps ?? []).filter((a) => a.federation !== undefined)) putApp(state, app);

  let service: Service | undefined;
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    if (service !== undefined) void serve(service, request, response);
  };
  const secure = createServer({ cert, key, keepAliveTimeout: 120_000 }, handle);
  // Over plain HTTP there are managed identities and nothing else.
  const plain = createPlainServer({ keepAliveTimeout: 120_000 }, (request, response) => {
    const { kind } = routeOf(new URL(request.url ?? '/', 'http://any').pathname);
    if (kind === 'managedIdentityToken') handle(request, response);
    else response.writeHead(404).end();
  });
  const address = options.listen ?? '127.0.0.1';
  const port = await listen(secure, options.port ?? 0, address);
  const identityPort = await listen(plain, options.identityPort ?? 0, address).catch(async (error: unknown) => {
    await close(secure);
    throw error;
  });

  const local = `https://127.0.0.1:${port}`;
  const origin = given?.origin ?? local;
  const identityOrigin = `http://${given?.hostname ?? '127.0.0.1'}:${identityPort}`;
  const origins = [origin, local, `https://localhost:${port}`] as const;
  const tokens = await makeTokens(origins, state.cloud, options.tokenLifeSeconds ?? 3_599);
  const horizon = () => horizonOf(azure.graph, clock());
  const store = new Store(state, clock, horizon);
  const identityHeader = randomUUID();
  const azure: Azure = {
    origin,
    store,
    faults: new Faults(randomFrom(seed + 1)),
    tokens,
    identity: { store, tokens, origin, identityHeader },
    urls: operationUrls(),
    quota: quotaOf(options.buckets),
    graphQuota: graphQuota(),
    random: randomFrom(seed),
    graphRandom: randomFrom(seed + 2),
    seed,
    pageSize: options.pageSize,
    retryAfterSeconds: options.retryAfterSeconds,
    regions: new Map(regionsOf(state.cloud).map((r) => [r.name, r.displayName])),
    zoneRedundancy: options.zoneRedundancy ?? 'Disabled',
    times: timesOf(options),
    habits: habitsOf(options),
    graph: graphSettings(options.graphAgeMs),
  };
  const file = stateFile(options.stateFile, () => azure.store.state);
  const replace = (next: State) => {
    azure.store = new Store(next, clock, horizon);
    azure.identity = { ...azure.identity, store: azure.store };
  };
  const journal = new Journal(options.journalSize ?? 10_000);
  const control = controlOf(azure, journal, clock, replace);
  service = { azure, journal, control, clock, caPem: authority.certPem, changed: file.changed };

  // Last, so that what is stopped while it starts leaves no folder.
  await removeAbandoned(tmpdir(), (name) => name.startsWith(folderPrefix));
  const folder = await mkdtemp(join(tmpdir(), folderPrefix));
  signOwner(folder);
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, authority.certPem);
  const [app] = state.apps;
  return {
    url: origin,
    caPem: authority.certPem,
    caFile,
    identityUrl: `${identityOrigin}/msi/token`,
    identityHeader,
    imdsUrl: identityOrigin,
    credentials: { tenantId: app?.tenantId ?? '', clientId: app?.clientId ?? '', clientSecret: app?.secret ?? '' },
    subscriptionId: state.subscriptions[0]?.id ?? '',
    control,
    async stop() {
      await Promise.all([close(secure), close(plain)]);
      await file.flush();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function listen(server: Server, port: number, address: string): Promise<number> {
  server.listen(port, address);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
