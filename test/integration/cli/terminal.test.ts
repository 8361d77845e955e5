import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { controlPlane } from '../../support/cluster.ts';
import { manifest } from '../../support/kube-session.ts';
import { hasPseudoTerminals, type Sitting, sitting } from '../../support/pseudo-terminal.ts';

const { kube, adminKubeconfig: kubeconfig } = controlPlane();
const soon = { timeout: 20_000, interval: 50 };
const size = { columns: 80, rows: 24 };
let namespace: string;
const path = () => `/apis/acr-replication.dev/v1alpha1/namespaces/${namespace}/registryreplications/contoso`;
beforeAll(async () => {
  namespace = await kube.createNamespace('terminal');
  await kube.apply(manifest(namespace, 'contoso'));
  await kube.patch(`${path()}/status`, {
    status: {
      observedGeneration: 1,
      phase: 'Ready',
      summary: '1/1',
      registry: { id: '/r', homeRegion: 'eastus', sku: 'Premium', loginServer: 'contoso.azurecr.io' },
      replicas: [{ location: 'japaneast', name: 'japaneast', managed: 'Created', provisioningState: 'Succeeded' }],
    },
  });
});

const at = (words: readonly string[], columns = size.columns): Sitting =>
  sitting([...words, '-n', namespace], { ...size, columns }, { KUBECONFIG: kubeconfig });

describe.runIf(hasPseudoTerminals)('a question', () => {
  const answers: readonly {
    readonly by: string;
    readonly keys: string;
    readonly code: number;
    readonly end: RegExp;
  }[] = [
    { by: 'Ctrl-C', keys: '\u0003', code: 130, end: /^[\s^C]*\n$/ },
    { by: 'Ctrl-D', keys: '\u0004', code: 1, end: /\nnothing was done\n$/ },
    { by: 'Enter', keys: '\r', code: 1, end: /\nnothing was done\n$/ },
    { by: 'n', keys: 'n\r', code: 1, end: /\nnothing was done\n$/ },
  ];
  test.each(answers)('that is answered by $by changes nothing, and leaves the terminal as it was', async (answer) => {
    const { keys, code, end } = answer;
    const asked = at(['recreate', 'contoso', 'japaneast']);
    await vi.waitFor(() => expect(asked.text()).toContain('[y/N]'), soon);
    asked.type(keys);
    expect(await asked.ended).toEqual({ code, isTerminalAsBefore: true });
    expect(asked.text().split('[y/N]').at(-1)).toMatch(end);
    const { metadata } = await kube.request<RegistryReplication>('GET', path());
    expect(metadata.annotations).toBeUndefined();
  });
});
