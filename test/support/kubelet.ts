import type { ServerResponse } from 'node:http';
import type { Access } from '../sandbox/cluster-access.ts';
import type { KubeObject } from '../sandbox/manifests.ts';
import type { Lifetime } from './operator-world.ts';
import { startTlsServer } from './tls-server.ts';

/** A node of the cluster that runs nothing, and answers for the logs of pods. */
export interface LogKubelet {
  /** Puts a pod of the operator on it, whose log has these lines so far. */
  readonly pod: (namespace: string, name: string, lines: readonly string[]) => Promise<void>;
  /** Sends a line to those who follow the log of a pod. */
  readonly write: (name: string, line: string) => void;
  /** How many follow the log of a pod. */
  readonly followers: (name: string) => number;
  /** The queries of the API server's requests so far. */
  readonly asked: () => readonly URLSearchParams[];
}

/** The API server has the log of a pod from the kubelet of its node, over TLS that it does not verify by default. */
export async function logKubelet({ kube }: Access, { onTestFinished }: Lifetime): Promise<LogKubelet> {
  const server = await startTlsServer();
  const logs = new Map<string, readonly string[]>();
  const followers = new Map<string, ServerResponse[]>();
  server.answer((response, { target }) => {
    const { pathname, searchParams } = new URL(target, server.url);
    const [, , , name = ''] = pathname.split('/'); // /containerLogs/<namespace>/<pod>/<container>
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.write((logs.get(name) ?? []).map((line) => `${line}\n`).join(''));
    if (searchParams.get('follow') === 'true') followers.set(name, [...(followers.get(name) ?? []), response]);
    else response.end();
  });
  const node = await kube.request<KubeObject>('POST', '/api/v1/nodes', {
    metadata: { generateName: 'node-' },
    status: {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: Number(new URL(server.url).port) } },
    },
  });
  onTestFinished(async () => {
    await kube.delete(`/api/v1/nodes/${node.metadata.name}`);
    for (const response of [...followers.values()].flat()) response.end();
    await server[Symbol.asyncDispose]();
  });
  return {
    async pod(namespace, name, lines) {
      logs.set(name, lines);
      await kube.createServiceAccount(namespace, 'operator');
      await kube.request('POST', `/api/v1/namespaces/${namespace}/pods`, {
        metadata: {
          name,
          labels: {
            'app.kubernetes.io/name': 'acr-replication-operator',
            'app.kubernetes.io/component': 'controller',
          },
        },
        spec: {
          nodeName: node.metadata.name,
          serviceAccountName: 'operator',
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'operator',
              image: 'acr-replication-operator',
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            },
          ],
        },
      });
    },
    write: (name, line) => {
      for (const response of followers.get(name) ?? []) response.write(`${line}\n`);
    },
    followers: (name) => followers.get(name)?.length ?? 0,
    asked: () => server.seen.map(({ target }) => new URL(target, server.url).searchParams),
  };
}
