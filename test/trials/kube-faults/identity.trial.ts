import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { type Access, access } from '../../sandbox/cluster-access.ts';
import { operatorAccount, operatorNamespace } from '../../sandbox/operator.ts';
import { lifeIn, minute, ownCluster } from '../../support/kube-trouble.ts';
import { operatorWorld } from '../../support/operator-world.ts';

/** A kubeconfig whose token and CA are in files that are replaced, as in a pod. */
async function podFiles({ url, dir }: Access, caPem: string, token: string) {
  const folder = await mkdtemp(join(dir, 'pod-'));
  const [ca, tokenFile, kubeconfig] = ['ca.crt', 'token', 'kubeconfig'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(ca, caPem);
  await writeFile(tokenFile, token);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'pod', cluster: { server: url, 'certificate-authority': ca } }],
    users: [{ name: 'pod', user: { tokenFile } }],
    contexts: [{ name: 'pod', context: { cluster: 'pod', user: 'pod' } }],
    'current-context': 'pod',
  };
  await writeFile(kubeconfig, stringify(config));
  return { ca, tokenFile, kubeconfig };
}

const account = { namespace: operatorNamespace, serviceAccount: operatorAccount };

describe('the token of the service account rotated', () => {
  test('the old one is refused for a while before the new one is in its file', async (t) => {
    const cluster = await ownCluster(t);
    const { kube } = cluster;
    const files = await podFiles(cluster, cluster.caPem, await kube.tokenFor(account));
    const world = await operatorWorld(t, {}, { cluster: access(cluster) });
    const operator = await world.start({ KUBECONFIG: files.kubeconfig });
    const life = await lifeIn(world);
    await life.begin();
    // An account of the same name is another one: the tokens of the first are worth nothing.
    const path = `/api/v1/namespaces/${operatorNamespace}/serviceaccounts/${operatorAccount}`;
    await kube.delete(path);
    await kube.createServiceAccount(operatorNamespace, operatorAccount);
    await cluster.apiserver.kill(); // a watch outlives its token
    await cluster.apiserver.start();
    await life.upset();
    const refused = async () => {
      const events = await cluster.auditEvents();
      return events.filter((e) => e.userAgent === 'acr-replication-operator' && e.responseStatus?.code === 401);
    };
    await vi.waitFor(async () => expect((await refused()).length).toBeGreaterThan(3), minute);
    const times = (await refused()).map((e) => Date.parse(e.requestReceivedTimestamp));
    const busiest = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));
    expect(busiest).toBeLessThan(20);
    await writeFile(files.tokenFile, await kube.tokenFor(account));
    await life.untilTrue();
    expect(operator.log().filter(({ message }) => /unhandled|cannot go on/.test(message))).toEqual([]);
  });
});

describe("the API server's CA rotated", () => {
  test('the operator does not believe it before the new one is in its file, and then goes on', async (t) => {
    const plane = await ownCluster(t);
    let admin = access(plane);
    const cluster: Access = {
      ...plane,
      get kube() {
        return admin.kube;
      },
      close: () => admin.close(),
    };
    const files = await podFiles(plane, plane.caPem, await plane.kube.tokenFor(account));
    const world = await operatorWorld(t, {}, { cluster });
    const operator = await world.start({ KUBECONFIG: files.kubeconfig, LOG_LEVEL: 'debug' });
    const life = await lifeIn(world);
    await life.begin();
    await plane.apiserver.kill();
    const caPem = await plane.apiserver.rotateAuthority();
    await plane.apiserver.start();
    await admin.close();
    admin = access({ ...plane, caPem });
    await life.upset();
    const distrusted = () =>
      operator.log().filter((line) => /certificate|SELF_SIGNED|UNABLE_TO/i.test(JSON.stringify(line['error'] ?? '')));
    await vi.waitFor(() => expect(distrusted().length).toBeGreaterThan(2), minute);
    await writeFile(files.ca, caPem);
    await life.untilTrue();
    expect(operator.log().filter(({ message }) => /unhandled|cannot go on/.test(message))).toEqual([]);
    expect((await fetch(`${operator.healthUrl}/readyz`)).status).toBe(200);
  });
});
