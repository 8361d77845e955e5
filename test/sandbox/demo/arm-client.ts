import { writeFile } from 'node:fs/promises';
import { Agent, fetch } from 'undici';
import type { Emulator } from '../emulator/emulator.ts';

/** A replica as Azure Resource Manager shows it, as far as the demo looks. */
export interface Replication {
  readonly name: string;
  readonly location: string;
  readonly properties: { readonly provisioningState: string; readonly status?: { readonly displayStatus?: string } };
}

/** Somebody with a client secret and the right to manage the registry, who is not the operator. */
export interface Arm {
  list(): Promise<readonly Replication[]>;
  /** Asks for the deletion; `list` says when it has happened. */
  delete(replica: string): Promise<void>;
  /** Writes a config file for `curl -K` that lists the replicas; its token is as good as ours. */
  writeCurlConfig(file: string): Promise<void>;
  close(): Promise<void>;
}

const timeoutMs = 10_000;

export async function signIn(azure: Emulator, resourceGroup: string, registry: string): Promise<Arm> {
  const dispatcher = new Agent({ connect: { ca: azure.caPem } });
  const { tenantId, clientId, clientSecret } = azure.credentials;
  const send = async (
    url: string,
    init: { readonly method: string; readonly body?: URLSearchParams; readonly headers?: Record<string, string> },
  ): Promise<unknown> => {
    const response = await fetch(url, { ...init, dispatcher, signal: AbortSignal.timeout(timeoutMs) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${init.method} ${url}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const { access_token } = (await send(`${azure.url}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: `${azure.url}/.default`,
    }),
  })) as { readonly access_token: string };
  const headers = { authorization: `Bearer ${access_token}` };
  const replications =
    `${azure.url}/subscriptions/${azure.subscriptionId}/resourceGroups/${resourceGroup}` +
    `/providers/Microsoft.ContainerRegistry/registries/${registry}/replications`;
  const version = '?api-version=2025-11-01';
  return {
    async list() {
      const page = await send(`${replications}${version}`, { method: 'GET', headers });
      return (page as { readonly value: readonly Replication[] }).value;
    },
    async delete(replica) {
      await send(`${replications}/${replica}${version}`, { method: 'DELETE', headers });
    },
    async writeCurlConfig(file) {
      const lines = {
        url: `${replications}${version}`,
        header: `authorization: ${headers.authorization}`,
        cacert: azure.caFile,
      };
      const text = Object.entries(lines).map(([option, value]) => `${option} = ${JSON.stringify(value)}\n`);
      await writeFile(file, `${text.join('')}silent\n`, { mode: 0o600 });
    },
    close: () => dispatcher.destroy(),
  };
}
