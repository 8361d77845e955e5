import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { userWith } from '../../support/cli-users.ts';
import { controlPlane } from '../../support/cluster.ts';
import { manifest } from '../../support/kube-session.ts';
import { hasPseudoTerminals, type Sitting, sitting } from '../../support/pseudo-terminal.ts';

const cluster = controlPlane();
const { kube } = cluster;
let namespace: string;
/** Of somebody who sees no operator: those of other tests make no difference. */
let KUBECONFIG: string;
beforeAll(async () => {
  namespace = await kube.createNamespace('endings');
  KUBECONFIG = await userWith(cluster, namespace, ['acr-replication-edit']);
  await kube.apply(manifest(namespace, 'contoso'));
  const path = `/apis/acr-replication.dev/v1alpha1/namespaces/${namespace}/registryreplications/contoso/status`;
  const registry = { id: registryId, loginServer: 'contoso.azurecr.io', homeRegion: 'eastus', sku: 'Premium' };
  const replicas = [
    { location: 'japaneast', name: 'japaneast', managed: 'Created', provisioningState: 'Succeeded', status: 'Ready' },
    { location: 'uksouth', name: 'uksouth', managed: 'Created', provisioningState: 'Succeeded', status: 'Ready' },
  ];
  const status = { observedGeneration: 1, phase: 'Ready', registry, replicas };
  await kube.request('PATCH', path, { status }, { contentType: 'application/merge-patch+json' });
});
afterAll(() => cluster.close());
const registryId =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso';

/** The exit code and all that a line of bash says; `plugin` in it is the plugin. */
function shell(line: string): Promise<{ readonly code: number; readonly said: string }> {
  const prelude = `plugin() { '${process.execPath}' '${resolve('dist/kubectl-acr_replication.mjs')}' "$@" -n ${namespace}; };`;
  const env = { ...process.env, KUBECONFIG, NO_COLOR: '1' };
  return new Promise((done) => {
    const child = execFile('bash', ['-c', `${prelude} ${line}`], { env }, (_, out, err) => {
      done({ code: child.exitCode ?? -1, said: out + err });
    });
  });
}

describe('the exit code', () => {
  const plan = 'plugin plan contoso --from-status --exit-code';

  test('is that of the plan where nobody reads what it says', async () => {
    expect((await shell(`${plan} >/dev/null`)).code).toBe(1);
    expect(await shell(`${plan} | true; exit \${PIPESTATUS[0]}`)).toEqual({ code: 1, said: '' });
  });

  test('tells that the output could not be written', async () => {
    expect(await shell('plugin list >/dev/full')).toEqual({
      code: 1,
      said: 'error: the output cannot be written: ENOSPC: no space left on device, write\n',
    });
  });

  test('is none of a failure where a pipe has read enough', async () => {
    expect(await shell('set -o pipefail; plugin list | head -1 | cut -c 1-8')).toEqual({ code: 0, said: 'REGISTRY\n' });
  });
});

describe.runIf(hasPseudoTerminals)('at the question whether a replica is to be made anew', () => {
  /** The plugin, which has asked. */
  async function asked(): Promise<Sitting> {
    const words = ['recreate', 'contoso', 'japaneast', '-n', namespace];
    const one = sitting(words, { columns: 80, rows: 24 }, { KUBECONFIG });
    await expect.poll(one.written, { timeout: 20_000 }).toContain('[y/N]');
    return one;
  }

  test('Ctrl-C ends it without a word', async () => {
    const one = await asked();
    one.ctrlC();
    expect(await one.ended).toEqual({ code: 130, isTerminalAsBefore: true });
    expect(one.written()).not.toMatch(/error|nothing was done/i);
  });

  test.each([
    ['Ctrl-D', '\u0004'],
    ['no', 'no\r'],
  ])('%s is a no', async (_, keys) => {
    const one = await asked();
    one.type(keys);
    expect(await one.ended).toEqual({ code: 1, isTerminalAsBefore: true });
    expect(one.written()).toContain('nothing was done');
  });
});
