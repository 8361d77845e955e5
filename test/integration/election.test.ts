import { expect, onTestFinished, test, vi } from 'vitest';
import { createElection } from '../../src/kube/election/leadership.ts';
import type { Lease } from '../../src/kube/election/lease.ts';
import { createKubeClient } from '../../src/kube/http/client.ts';
import { loadKubeConfig } from '../../src/kube/http/kubeconfig.ts';
import { systemClock } from '../../src/time/clock.ts';
import { readManifestFile } from '../sandbox/manifests.ts';
import { operatorAccount, operatorNamespace } from '../sandbox/operator.ts';
import { controlPlane } from '../support/cluster.ts';

const soon = { timeout: 60_000, interval: 20 };
/** Shorter than the real ones; the API server counts in whole seconds. */
const times = { durationMs: 4_000, renewDeadlineMs: 3_000, retryMs: 500 };
const name = 'acr-replication-operator';

/** A namespace with the role of deploy/, and candidates with the operator's service account. */
async function world(withRole = true) {
  const cluster = controlPlane();
  onTestFinished(() => cluster.close());
  const namespace = await cluster.kube.createNamespace('lease');
  const grant = async () => {
    for (const file of ['deploy/role.yaml', 'deploy/role-binding.yaml'])
      for (const manifest of await readManifestFile(file))
        await cluster.kube.apply({ ...manifest, metadata: { ...manifest.metadata, namespace } });
  };
  if (withRole) await grant();
  const token = await cluster.kube.tokenFor({ namespace: operatorNamespace, serviceAccount: operatorAccount });
  const kubeConfig = loadKubeConfig({ kind: 'files', files: [await cluster.kubeconfigFor({ token })] });
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`;

  function candidate(identity: string) {
    const lines: string[] = [];
    const write = (message: string): void => void lines.push(message);
    const log = { debug: write, info: write, warn: write, error: write, isDebugEnabled: () => false };
    const client = createKubeClient({ kubeConfig, connections: 2, timeoutMs: 1_500 });
    const clock = systemClock;
    const election = createElection({ client, namespace, name, identity, log, clock, times });
    const stop = new AbortController();
    const ended = election.run(stop.signal, async (lost) => {
      const over = Promise.withResolvers<void>();
      for (const signal of [stop.signal, lost]) {
        if (signal.aborted) over.resolve();
        signal.addEventListener('abort', () => over.resolve(), { once: true });
      }
      await over.promise;
      return 'finished';
    });
    onTestFinished(async () => {
      stop.abort();
      await ended;
      await client.close();
    });
    const until = (line: string) => vi.waitFor(() => expect(lines).toContain(line), soon);
    return { election, lines, stop, ended, until };
  }
  const spec = async () => (await cluster.kube.get<Lease>(path))?.spec;
  return { kube: cluster.kube, path, candidate, grant, spec };
}

test('a lease is made, renewed, released as client-go releases it, and taken by who waits', async () => {
  const { candidate, spec } = await world();
  const first = candidate('a');
  await first.until('leading');
  const made = await spec();
  expect(made).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 4, leaseTransitions: 0 });
  const second = candidate('b');
  await second.until('another operator leads');
  await vi.waitFor(async () => expect((await spec())?.renewTime).not.toBe(made?.renewTime), soon);
  expect((await spec())?.acquireTime).toBe(made?.acquireTime);
  first.stop.abort();
  expect(await first.ended).toBe('stopped');
  expect(first.lines).toContain('leadership released');
  await second.until('leading');
  expect(await spec()).toMatchObject({ holderIdentity: 'b', leaseDurationSeconds: 4, leaseTransitions: 1 });
  second.stop.abort();
  await second.ended;
  expect(await spec()).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 1 });
});

test('of ten that ask at the same moment the API server lets one have it', async () => {
  const { candidate, spec } = await world();
  const all = Array.from({ length: 10 }, (_, number) => candidate(`c${number}`));
  await Promise.all(all.map(({ lines }) => vi.waitFor(() => expect(lines.join()).toMatch(/leading|leads/), soon)));
  const leaders = all.filter(({ lines }) => lines.includes('leading'));
  expect(leaders).toHaveLength(1);
  expect(leaders[0]).toBe(all[Number((await spec())?.holderIdentity?.slice(1))]);
});

test('a label that somebody puts on the lease costs nobody the leadership, and stays', async () => {
  const { candidate, kube, path, spec } = await world();
  const first = candidate('a');
  await first.until('leading');
  await kube.patch(path, { metadata: { labels: { team: 'platform' } } });
  const labelled = await spec();
  await vi.waitFor(async () => expect((await spec())?.renewTime).not.toBe(labelled?.renewTime), soon);
  expect((await kube.get<Lease>(path))?.metadata.labels).toEqual({ team: 'platform' });
  expect(first.lines).not.toContain('leadership lost');
});

test('without the role nobody leads, and readiness says what is missing; with it, one does', async () => {
  const { candidate, grant } = await world(false);
  const first = candidate('a');
  await vi.waitFor(() => expect(first.election.problem()).toMatch(/403.*leases.*cannot get/s), soon);
  await grant();
  await first.until('leading');
  expect(first.election.problem()).toBeUndefined();
});
