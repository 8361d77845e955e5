import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { Agent } from 'undici';

export interface Connection {
  /** What the next request goes through. Reads the token and CA files, so that rotated ones count at once. */
  current(): Promise<{ readonly agent: Agent; readonly headers: Readonly<Record<string, string>> }>;
  /** Ends every connection, running requests included. */
  close(): Promise<void>;
}

/**
 * One pool of HTTP/1.1 connections: the client library opens a TLS connection per call, and a shared HTTP/2 connection
 * that falls silent never recovers. A changed CA or client certificate makes a new pool; the old one finishes its work.
 */
export function createConnection(kubeConfig: KubeConfig, connections: number): Connection {
  let current: { readonly agent: Agent; readonly tls: string } | undefined;
  const agents = new Set<Agent>();

  function agentFor(options: RequestOptions): Agent {
    const { ca, cert, key, passphrase, servername, rejectUnauthorized } = options;
    const tls = { ca, cert, key, passphrase, servername, rejectUnauthorized };
    const fingerprint = Object.values(tls).map(String).join('|');
    if (current?.tls === fingerprint) return current.agent;
    const agent = new Agent({
      allowH2: false,
      connections,
      // Above the pauses between passes, below the 90 s after which an API server closes an idle connection.
      keepAliveTimeout: 30_000,
      bodyTimeout: 0,
      connect: { ...(defined(tls) as object), timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 30_000 },
    });
    const old = current?.agent;
    current = { agent, tls: fingerprint };
    agents.add(agent);
    if (old !== undefined) {
      old.close().then(
        () => agents.delete(old),
        () => agents.delete(old),
      );
    }
    return agent;
  }

  return {
    async current() {
      const options: RequestOptions = {};
      await kubeConfig.applyToHTTPSOptions(options);
      const headers = { ...(options.headers as Readonly<Record<string, string>> | undefined) };
      const token = await tokenOf(kubeConfig);
      if (token !== undefined) headers['Authorization'] = `Bearer ${token}`;
      else if (typeof options.auth === 'string') {
        headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
      }
      return { agent: agentFor(options), headers };
    },
    async close() {
      await Promise.all([...agents].map((agent) => agent.destroy()));
      agents.clear();
    },
  };
}

/** The library keeps a token for a minute after its file has changed, which is a minute of 401 when it was revoked. */
async function tokenOf(kubeConfig: KubeConfig): Promise<string | undefined> {
  const provider = kubeConfig.getCurrentUser()?.authProvider as { config?: { tokenFile?: string } } | null | undefined;
  const file = provider?.config?.tokenFile;
  if (file === undefined) return undefined;
  const token = (await readFile(file, 'utf8')).trim();
  if (token === '') throw new Error(`token file ${file} is empty`);
  return token;
}

function defined(values: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
