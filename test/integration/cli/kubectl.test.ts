import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { obtainTool } from '../../sandbox/tool.ts';
import { controlPlane } from '../../support/cluster.ts';
import { manifest } from '../../support/kube-session.ts';
import { run } from '../../support/run.ts';

/** The real kubectl, and the plugin installed as npm does it: a link in a folder of PATH, and a Node there. */
const { kube, adminKubeconfig: KUBECONFIG } = controlPlane();
const program = 'kubectl-acr_replication';
let kubectl: string;
let bin: string;

beforeAll(async () => {
  kubectl = await obtainTool('kubectl');
  bin = await mkdtemp(join(tmpdir(), 'acr-replication-bin-'));
  await symlink(resolve('dist/kubectl-acr_replication.mjs'), join(bin, program));
  await symlink(process.execPath, join(bin, 'node'));
});

afterAll(async () => {
  await rm(bin, { recursive: true, force: true });
});

const use = (...args: readonly string[]) => run(kubectl, args, { PATH: `${bin}:/usr/bin:/bin`, HOME: bin, KUBECONFIG });

test('kubectl plugin list names it, without a warning', async () => {
  const { code, out, err } = await use('plugin', 'list');
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain(`\n${join(bin, program)}\n`);
});

test('kubectl acr-replication list asks the cluster of the kubeconfig', async () => {
  const namespace = await kube.createNamespace('kubectl');
  const { metadata } = await kube.apply<RegistryReplication>(manifest(namespace, 'contoso'));
  const path = `/apis/acr-replication.dev/v1alpha1/namespaces/${namespace}/registryreplications/${metadata.name}/status`;
  const replicas = [{ location: 'uksouth', name: 'uksouth', managed: 'Created', provisioningState: 'Succeeded' }];
  await kube.patch(path, { status: { observedGeneration: 1, phase: 'Ready', replicas } });
  for (const args of [['-n', namespace], [`--namespace=${namespace}`]]) {
    const { code, out, err } = await use('acr-replication', 'list', ...args);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^REGISTRY +NAME +LOCATION .*\n(.*\n)*contoso +uksouth +uksouth +Succeeded/);
  }
});

test('its exit code and its errors are those of kubectl', async () => {
  expect(await use('acr-replication', 'lst')).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringMatching(/did you mean list/),
  });
});
