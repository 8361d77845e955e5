import { writeFile } from 'node:fs/promises';
import { Agent, fetch } from 'undici';
import type { Emulator } from '../emulator/emulator.ts';
import { signIn } from '../emulator/sign-in.ts';

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

export async function armClient(azure: Emulator, resourceGroup: string, registry: string): Promise<Arm> {
  const dispatcher = new Agent({ connect: { ca: azure.caPem } });
  const headers = { authorization: `Bearer ${await signIn(azure, dispatcher)}` };
  const send = async (method: string, url: string): Promise<unknown> => {
    const response = await fetch(url, { method, headers, dispatcher, signal: AbortSignal.timeout(timeoutMs) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const replications =
    `${azure.url}/subscriptions/${azure.subscriptionId}/resourceGroups/${resourceGroup}` +
    `/providers/Microsoft.ContainerRegistry/registries/${registry}/replications`;
  const version = '?api-version=2025-11-01';
  return {
    async list() {
      const page = await send('GET', `${replications}${version}`);
      return (page as { readonly value: readonly Replication[] }).value;
    },
    async delete(replica) {
      await send('DELETE', `${replications}/${replica}${version}`);
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
