import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cleanAtProcessEnd } from './leftovers.ts';
import type { AzureEndpoint } from './operator.ts';
import { startServer } from './process.ts';

export interface ServedMap {
  /** The link that lets a browser in. */
  readonly link: string;
  /** Resolves, when the process has ended, to how it did. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface ServedMapOptions {
  /** Path of the user's kubeconfig. */
  readonly kubeconfig: string;
  /** Where drafts read the replicas, with an app's secret. */
  readonly azure: AzureEndpoint;
  /** Whether the browser is opened, where there is one. */
  readonly opens: boolean;
  readonly signal: AbortSignal;
}

/** How long it may take until the link is printed: it has to read all objects. */
const linkMs = 30_000;

/** Serves the map of the whole cluster as people do: the plugin's command, in a process of its own. */
export async function serveMapOf({ kubeconfig, azure, opens, signal }: ServedMapOptions): Promise<ServedMap> {
  const dir = await mkdtemp(join(tmpdir(), 'acr-replication-map-'));
  const logFile = join(dir, 'output');
  const { tenantId, clientId, clientSecret } = azure.credentials;
  const env = {
    ...process.env,
    NO_COLOR: '1',
    KUBECONFIG: kubeconfig,
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: clientId,
    AZURE_CLIENT_SECRET: clientSecret,
    AZURE_SUBSCRIPTION_ID: azure.subscriptionId,
    AZURE_AUTHORITY_HOST: azure.url,
    AZURE_RESOURCE_MANAGER_ENDPOINT: azure.url,
    NODE_EXTRA_CA_CERTS: azure.caFile,
  };
  const program = resolve('dist/kubectl-acr_replication.mjs');
  const args = [
    `--diagnostic-dir=${dir}`,
    program,
    'map',
    '--all-namespaces',
    '--cluster-name=sandbox',
    ...(opens ? [] : ['--no-open']),
  ];
  const server = startServer(process.execPath, args, { logFile, env });
  const forget = cleanAtProcessEnd(() => {
    server.killNow();
    rmSync(dir, { recursive: true, force: true });
  });
  const ended = server.ended.then(async (how) => {
    forget();
    return how;
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await ended;
    await rm(dir, { recursive: true, force: true });
  };
  const deadline = Date.now() + linkMs;
  for (;;) {
    const text = readFileSync(logFile, 'utf8');
    const [link] = /http:\/\/127\.0\.0\.1:\d+\/\S*(?=\s)/.exec(text) ?? [];
    if (link !== undefined) return { link, ended, stop };
    if (signal.aborted || !server.running() || Date.now() > deadline) {
      await stop();
      signal.throwIfAborted();
      throw new Error(`the map is not served:\n${text}`);
    }
    await delay(20);
  }
}
