import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { controlPlane } from '../../support/cluster.ts';
import { logKubelet } from '../../support/kubelet.ts';
import { blocksOf } from '../../support/pages.ts';
import { namespaceController } from '../install/namespace-controller.ts';
import { commands, type Machine, machineOf } from './machine.ts';

const cluster = controlPlane();
const blocks = blocksOf('deploy/monitoring/runbooks.md').filter(({ language }) => language === 'sh');
const ends: (() => Promise<void>)[] = [];
const lifetime = { onTestFinished: (end: () => Promise<void>) => ends.unshift(end) };
let machine: Machine;

/** The operator as deploy/ installs it, a pod of it whose log says that all is well, and one object. */
beforeAll(async () => {
  const stop = new AbortController();
  const controller = namespaceController(cluster.kube, stop.signal);
  ends.unshift(async () => {
    stop.abort();
    await controller;
  });
  machine = await machineOf(lifetime, { kubeconfig: cluster.adminKubeconfig, standIns: { az: 'true' } });
  await machine.type(commands('docs/install.md', 'Kustomize'));
  await cluster.kube.installCrds('test/integration/install/data/prometheus-operator');
  await machine.type({ ...commands('docs/registryreplication.md', 'Example'), text: 'kubectl create ns platform\n' });
  await machine.type(commands('docs/registryreplication.md', 'Example'));
  const kubelet = await logKubelet(cluster, lifetime);
  await kubelet.pod('acr-replication-system', 'operator-0', ['{"level":"info","message":"leading"}']);
});
afterAll(async () => {
  const pod = '/api/v1/namespaces/acr-replication-system/pods/operator-0';
  await cluster.kube.request('DELETE', pod, { gracePeriodSeconds: 0 });
  await cluster.kube.delete('/api/v1/namespaces/platform');
  await machine.type(commands('docs/install.md', 'Uninstall', 1));
  for (const end of ends) await end();
});

/** In place of what the reader is to fill in. */
const names = { '<pod>': 'operator-0', '<namespace>': 'platform', '<client id>': 'id', '<id of the registry>': 'id' };
/** What is there only while the operator runs in a pod: its port, and the log of a container that ended before. */
const onlyOfPods = /pods\/operator-0:8081|--previous/;

describe('what a runbook has people type is understood', () => {
  test.each(blocks.map((block) => [block.heading, block] as const))('%s', async (_, block) => {
    let text = block.text.replaceAll(/ # .*$/gm, '');
    for (const [blank, name] of Object.entries(names)) text = text.replaceAll(blank, name);
    const joined = text
      .replaceAll(/\\\n\s*/g, '')
      .replaceAll(/\|\n\s*/g, '| ')
      .replaceAll(/('[^'\n]*)\n([^']*')/g, '$1 $2');
    const lines = joined.trim().split('\n');
    for (const line of lines.filter((one) => !onlyOfPods.test(one))) {
      // A search that finds nothing ends with 1, and so do those behind it; what is not understood says so.
      const told = await machine.type({ ...block, text: `{ ${line}; } 2>&1 || true\n` });
      expect(told, line).not.toMatch(/error:|Error from server|unknown|not found|syntax/i);
    }
  });
});
