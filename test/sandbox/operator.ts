import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endAbandoned } from './abandoned.ts';
import type { Access } from './cluster-access.ts';
import type { Emulator } from './emulator/emulator.ts';
import type { SeedApp } from './emulator/settings.ts';
import { cleanAtProcessEnd } from './leftovers.ts';
import { signOwner } from './lock-folder.ts';
import { startServer } from './process.ts';

/** Namespace and service account of the operator, as deploy/ names them. */
export const operatorNamespace = 'acr-replication-system';
export const operatorAccount = 'acr-replication-operator';

/** What the operator must be told about its Azure; an Emulator is one. */
export type AzureEndpoint = Pick<Emulator, 'url' | 'caFile' | 'credentials' | 'subscriptionId'>;

export interface OperatorOptions {
  readonly cluster: Access;
  readonly azure: AzureEndpoint;
  /** Namespaces to watch. Default: the whole cluster. */
  readonly namespaces?: readonly string[];
  /** Environment variables over all others; undefined unsets one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Life of its service account's tokens, which nobody renews as a kubelet would. Default 3600. */
  readonly tokenLifeSeconds?: number;
  /** The program. Default: dist/main.js. */
  readonly program?: string;
}

export interface LogLine {
  readonly timestamp: string;
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface OperatorProcess {
  readonly pid: number;
  /** Path of its log, which is gone when the process has ended. */
  readonly logFile: string;
  /** Addresses of the running process, taken from its log. */
  readonly metricsUrl: string;
  readonly healthUrl: string;
  /** Origin of the map; undefined: it is not served. */
  readonly mapUrl: string | undefined;
  log(): readonly LogLine[];
  /** The whole output as text. */
  output(): string;
  /** Resolves, when the process has ended, to how it did: `exit code 0`. */
  readonly ended: Promise<string>;
  /** Sends SIGTERM, as a kubelet does, and says how the process ended. */
  stop(): Promise<string>;
  /** Sends SIGKILL: nothing is finished. */
  kill(): Promise<void>;
}

const folderPrefix = 'acr-replication-operator-';

/**
 * Runs dist/main.js as a process of its own with the role and service account of deploy/ (which must be applied): its
 * Kubernetes token is the service account's, and Azure gets a second one, for api://AzureADTokenExchange, as workload
 * identity gives it to a pod. Resolves when the operator says it has started.
 */
export async function startOperator(options: OperatorOptions): Promise<OperatorProcess> {
  const { cluster, azure, namespaces = [], tokenLifeSeconds: expirationSeconds = 3600 } = options;
  await endAbandoned(tmpdir(), folderPrefix);
  const dir = await mkdtemp(join(tmpdir(), folderPrefix));
  signOwner(dir);
  const account = { namespace: operatorNamespace, serviceAccount: operatorAccount, expirationSeconds };
  const files = { kubernetes: join(dir, 'token'), azure: join(dir, 'azure-identity-token'), log: join(dir, 'log') };
  await writeFile(files.kubernetes, await cluster.kube.tokenFor(account), { mode: 0o600 });
  await writeFile(files.azure, await cluster.kube.tokenFor({ ...account, audience: 'api://AzureADTokenExchange' }), {
    mode: 0o600,
  });
  const env = {
    PATH: process.env['PATH'],
    NODE_OPTIONS: '--max-semi-space-size=8', // as in deploy/, and so are the next
    MALLOC_ARENA_MAX: '2',
    MALLOC_MMAP_THRESHOLD_: '32768',
    NODE_EXTRA_CA_CERTS: azure.caFile,
    KUBECONFIG: await cluster.kubeconfigFor({ tokenFile: files.kubernetes }),
    AZURE_SUBSCRIPTION_ID: azure.subscriptionId,
    AZURE_TENANT_ID: azure.credentials.tenantId,
    AZURE_CLIENT_ID: azure.credentials.clientId,
    AZURE_FEDERATED_TOKEN_FILE: files.azure,
    AZURE_RESOURCE_MANAGER_ENDPOINT: azure.url,
    AZURE_AUTHORITY_HOST: azure.url,
    WATCH_NAMESPACES: namespaces.join(','),
    CLUSTER_NAME: 'sandbox',
    METRICS_ADDRESS: '127.0.0.1:0',
    HEALTH_ADDRESS: '127.0.0.1:0',
    ...options.env,
  };
  // Its folder is among its arguments, so that it is known when its number is found there later.
  const args = [`--diagnostic-dir=${dir}`, resolve(options.program ?? 'dist/main.js')];
  const server = startServer(process.execPath, args, {
    logFile: files.log,
    env,
  });
  const forget = cleanAtProcessEnd(() => {
    server.killNow();
    rmSync(dir, { recursive: true, force: true });
  });

  let output = ''; // of an ended process, when its folder is gone
  const read = () => (output === '' ? readFileSync(files.log, 'utf8') : output);
  const log = () =>
    read()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as LogLine);
  const ended = server.ended.then(async (how) => {
    output = readFileSync(files.log, 'utf8');
    forget();
    await rm(dir, { recursive: true, force: true });
    return how;
  });
  const started = await startedLine(log, () => server.running(), 20_000);
  if (started === undefined) {
    const text = read();
    await server.stop(0);
    throw new Error(`the operator did not start:\n${text}`);
  }
  return {
    pid: server.pid,
    logFile: files.log,
    metricsUrl: `http://127.0.0.1:${String(started['metricsPort'])}/metrics`,
    healthUrl: `http://127.0.0.1:${String(started['healthPort'])}`,
    mapUrl: typeof started['mapPort'] === 'number' ? `http://127.0.0.1:${started['mapPort']}` : undefined,
    log,
    output: read,
    ended,
    async stop() {
      await server.stop(15_000);
      return ended;
    },
    async kill() {
      await server.stop(0);
      await ended;
    },
  };
}

async function startedLine(
  log: () => readonly LogLine[],
  running: () => boolean,
  deadlineMs: number,
): Promise<LogLine | undefined> {
  const deadline = Date.now() + deadlineMs;
  while (running() && Date.now() < deadline) {
    const line = log().find(({ message }) => message === 'started');
    if (line !== undefined) return line;
    await delay(20);
  }
  return undefined;
}

/** The app registration that trusts the operator's service account of this cluster, and its secret besides. */
export async function federatedApp(cluster: Access, credentials: Partial<SeedApp> = {}): Promise<SeedApp> {
  return {
    clientId: '20000000-0000-4000-8000-000000000002',
    secret: 'emulator-client-secret',
    ...credentials,
    federation: {
      issuer: cluster.issuer,
      subject: `system:serviceaccount:${operatorNamespace}:${operatorAccount}`,
      jwks: await cluster.jwks(),
    },
  };
}
