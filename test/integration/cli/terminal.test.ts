import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { type Emulator, startEmulator } from '../../sandbox/emulator/emulator.ts';
import { azureLogin } from '../../support/azure-login.ts';
import { controlPlane } from '../../support/cluster.ts';
import { manifest } from '../../support/kube-session.ts';
import { hasPseudoTerminals, type Sitting, sitting } from '../../support/pseudo-terminal.ts';

const { kube, adminKubeconfig: kubeconfig } = controlPlane();
const soon = { timeout: 20_000, interval: 50 };
const size = { columns: 80, rows: 24 };
let namespace: string;
let azure: Emulator;
const path = () => `/apis/acr-replication.dev/v1alpha1/namespaces/${namespace}/registryreplications/contoso`;
beforeAll(async () => {
  azure = await startEmulator();
  namespace = await kube.createNamespace('terminal');
  const regions = [{ location: 'japaneast' }, { location: 'southcentralus' }];
  const registry = { name: 'terminals', resourceGroup: 'registries', subscriptionId: azure.subscriptionId };
  await kube.apply({ ...manifest(namespace, 'contoso'), spec: { registry, regions } });
  await kube.patch(`${path()}/status`, {
    status: {
      observedGeneration: 1,
      phase: 'Failed',
      summary: '1/2',
      registry: { id: idOf(registry), homeRegion: 'eastus', sku: 'Premium', loginServer: 'terminals.azurecr.io' },
      replicas: [
        { location: 'eastus', name: 'eastus', managed: 'Home', ...fine },
        { location: 'japaneast', name: 'japaneast', managed: 'Created', ...fine },
        { location: 'southcentralus', name: 'southcentralus', managed: 'Created', since, message: refusal },
      ],
      conditions: [
        { type: 'Ready', status: 'False', reason: 'PolicyDenied', message: refusal, ...meta },
        { type: 'Stalled', status: 'True', reason: 'PolicyDenied', message: refusal, ...meta },
      ],
    },
  });
});
afterAll(() => azure.stop());

const idOf = ({
  subscriptionId,
  resourceGroup,
  name,
}: Readonly<Record<'subscriptionId' | 'resourceGroup' | 'name', string>>) =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerRegistry/registries/${name}`;
const since = '2026-01-02T03:04:05Z';
const meta = { lastTransitionTime: since, observedGeneration: 1 };
const fine = { provisioningState: 'Succeeded', status: 'Ready', routing: 'Enabled', since };
const refusal =
  'The policy allowed-locations refuses replicas in southcentralus: only regions of the platform team are allowed. ' +
  'Ask the owner of the policy assignment for an exemption.';

const at = (words: readonly string[], columns = size.columns): Sitting =>
  sitting([...words, '-n', namespace], { ...size, columns }, { KUBECONFIG: kubeconfig, ...azureLogin(azure) });

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

describe.runIf(hasPseudoTerminals).each([60, 80, 200])('at %i columns', (columns) => {
  /** Texts that are to be pasted as they are stay on one line, however long. */
  const isPasted = (line: string) => /^\s*(try:|see how it goes:) /.test(line);
  const shown = async (words: readonly string[], keys?: string): Promise<readonly string[]> => {
    const one = at(words, columns);
    if (keys !== undefined) {
      await vi.waitFor(() => expect(one.text()).toContain('[y/N]'), soon);
      one.type(keys);
    }
    expect(await one.ended).toMatchObject({ isTerminalAsBefore: true });
    return one.text().trimEnd().split('\n');
  };
  const commands: readonly { readonly line: string; readonly first: RegExp; readonly keys?: string }[] = [
    { line: 'list', first: /^REGISTRY +(NAME +)?LOCATION +PROVISIONING STATE +STATUS/ },
    { line: 'list --map', first: /[⠀-⣿]/ },
    { line: 'status contoso', first: /^terminal-\w+\/contoso: Failed/ },
    { line: 'plan contoso --from-status', first: /^terminal-\w+\/contoso, registry terminals/ },
    { line: 'regions', first: /^distances are left out/ },
    { line: 'version', first: /^PART +VERSION +WHAT IT SAYS$/ },
    { line: 'reconcile contoso --timeout 1s', first: /^waiting for the operator$/ },
    { line: 'recreate contoso japaneast', first: /^The replica of terminals/, keys: 'n\r' },
    { line: 'recreate contoso eastus', first: /^error: eastus is the home region/ },
    { line: 'suspend nothere', first: /^error: there is no RegistryReplication/ },
  ];
  test.each(commands)('$line fits', async ({ line, first, keys }) => {
    const lines = await shown(line.split(' '), keys);
    expect(lines[0]).toMatch(first);
    expect(lines.filter((one) => one.length > columns && !isPasted(one))).toEqual([]);
  });

  const live = ['list -w', 'list -o wide -w', 'list --map -w', 'status contoso -w'];
  test.each(live)('%s fits, and Ctrl-C leaves the terminal as it was', async (line) => {
    const one = at(line.split(' '), columns);
    await vi.waitFor(() => expect(one.text()).toContain('japaneast'), soon);
    const isCut = one.written().includes('\u001b[?7l');
    expect(isCut || one.picture().every((drawn) => drawn.length <= columns)).toBe(true);
    one.ctrlC();
    expect(await one.ended).toEqual({ code: 130, isTerminalAsBefore: true });
    expect(one.written().endsWith('\u001b[?7h\u001b[?25h\u001b[?1049l')).toBe(true);
  });
});
