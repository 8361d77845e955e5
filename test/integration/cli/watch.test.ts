import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { controlPlane } from '../../support/cluster.ts';
import { manifest } from '../../support/kube-session.ts';
import { plugin } from '../../support/plugin.ts';
import { hasPseudoTerminals, sitting } from '../../support/pseudo-terminal.ts';

const { kube, adminKubeconfig: kubeconfig } = controlPlane();
const soon = { timeout: 20_000, interval: 50 };
const size = { columns: 80, rows: 12 };

async function scene() {
  const namespace = await kube.createNamespace('watch');
  await kube.apply(manifest(namespace, 'contoso'));
  const path = `/apis/acr-replication.dev/v1alpha1/namespaces/${namespace}/registryreplications/contoso`;
  const become = (provisioningState: string) =>
    kube.patch(`${path}/status`, {
      status: {
        observedGeneration: 1,
        phase: 'Syncing',
        summary: '0/1',
        registry: { id: '/r', homeRegion: 'eastus', sku: 'Premium', loginServer: 'contoso.azurecr.io' },
        replicas: [{ location: 'japaneast', managed: 'Created', provisioningState }],
      },
    });
  return { namespace, path, become };
}

/** Runs the plugin without a terminal until somebody interrupts it. */
function piped(words: readonly string[], namespace: string) {
  const args = [resolve('dist/kubectl-acr_replication.mjs'), ...words, '-n', namespace];
  const child = execFile(process.execPath, args, { env: { ...process.env, KUBECONFIG: kubeconfig } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout?.on('data', (chunk: string) => {
    text += chunk;
  });
  const ended = new Promise<number | null>((done) => void child.on('close', done));
  return { out: () => text, interrupt: () => child.kill('SIGINT'), ended };
}

describe('without a terminal', () => {
  test('list -w appends a line for each change, and ends by an interrupt', async () => {
    const { namespace, path, become } = await scene();
    const { out, interrupt, ended } = piped(['list', '-w'], namespace);
    await vi.waitFor(() => expect(out()).toContain('unknown'), soon);
    await become('Creating');
    await vi.waitFor(() => expect(out()).toContain('Creating'), soon);
    await kube.delete(path);
    await vi.waitFor(() => expect(out()).toContain('gone'), soon);
    interrupt();
    expect(await ended).toBe(130);
    expect(out()).toBe(
      `
REGISTRY   NAME        LOCATION    PROVISIONING STATE   STATUS   ROUTING   SINCE   MANAGED
contoso    japaneast   japaneast   unknown
contoso    japaneast   japaneast   Creating                                        Created
contoso    japaneast   japaneast   gone                                            Created
`.slice(1),
    );
  });

  test('list -w -o json prints a row on a line of its own', async () => {
    const { namespace, become } = await scene();
    const { out } = piped(['list', '-w', '-o', 'json'], namespace);
    await vi.waitFor(() => expect(out()).toContain('unknown'), soon);
    await become('Creating');
    const states = () =>
      out()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).provisioningState);
    await vi.waitFor(() => expect(states()).toEqual(['unknown', 'Creating']), soon);
  });

  test('status -w tells the story and then what is new, and ends when the object is gone', async () => {
    const { namespace, path, become } = await scene();
    const { out, ended } = piped(['status', 'contoso', '-w'], namespace);
    await vi.waitFor(() => expect(out()).toContain('LAST EVENTS'), soon);
    await become('Creating');
    await vi.waitFor(() => expect(out()).toMatch(/^\d\d:\d\d:\d\d {2}japaneast: Creating$/m), soon);
    await kube.delete(path);
    expect(await ended).toBe(0);
  });

  test('what cannot be printed line by line is refused', async () => {
    const { code, err } = await plugin(['list', '-w', '-o', 'yaml'], { kubeconfig });
    expect([code, err]).toEqual([2, 'error: --watch cannot print yaml\ntry: -o json, for a line per change\n']);
  });

  test('who may not watch is told at once', async () => {
    const { code, err } = await plugin(['list', '-w', '--as', 'nobody'], { kubeconfig, namespace: 'default' });
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/nobody may not watch .*\ntry: ask who administers .*=acr-replication-view/),
    ]);
  });
});

describe.runIf(hasPseudoTerminals)('at a terminal', () => {
  test('list -w draws over itself, and Ctrl-C leaves the terminal as it was', async () => {
    const { namespace, become } = await scene();
    const at = sitting(['list', '-w', '-n', namespace], size, { KUBECONFIG: kubeconfig });
    await vi.waitFor(() => expect(at.picture()[1]).toMatch(/japaneast +unknown$/), soon);
    await become('Creating');
    await vi.waitFor(() => expect(at.picture()[1]).toMatch(/japaneast +Creating$/), soon);
    expect(at.picture()).toHaveLength(2);
    at.ctrlC();
    expect(await at.ended).toEqual({ code: 130, isTerminalAsBefore: true });
    expect(at.written().startsWith('\u001b[?1049h\u001b[?25l\u001b[?7l')).toBe(true);
    expect(at.written().endsWith('\u001b[?7h\u001b[?25h\u001b[?1049l')).toBe(true);
  });

  test('list -w stays within the height of the terminal', async () => {
    const { namespace } = await scene();
    for (let i = 0; i < 12; i++) await kube.apply(manifest(namespace, `more-${i}`));
    const at = sitting(['list', '-w', '-n', namespace], size, { KUBECONFIG: kubeconfig });
    await vi.waitFor(() => expect(at.picture().at(-1)).toBe('... 3 more'), soon);
    expect(at.picture()).toHaveLength(size.rows);
    at.ctrlC();
    await at.ended;
  });

  test('list --map -w draws the world anew', async () => {
    const { namespace, become } = await scene();
    const at = sitting(['list', '--map', '-w', '-n', namespace], { columns: 80, rows: 24 }, { KUBECONFIG: kubeconfig });
    await vi.waitFor(() => expect(at.picture().at(-1)).toBe('○ missing 1  japaneast'), soon);
    await become('Creating');
    await vi.waitFor(() => expect(at.picture().at(-1)).toBe('◐ under way 1  japaneast'), soon);
    at.ctrlC();
    expect(await at.ended).toEqual({ code: 130, isTerminalAsBefore: true });
  });

  test.each([60, 80, 200])('status -w fits %i columns', async (columns) => {
    const { namespace, become } = await scene();
    await become('Creating');
    const at = sitting(['status', 'contoso', '-w', '-n', namespace], { columns, rows: 24 }, { KUBECONFIG: kubeconfig });
    await vi.waitFor(() => expect(at.picture().join('\n')).toContain('LAST EVENTS'), soon);
    expect(at.picture().filter((line) => line.length > columns)).toEqual([]);
    at.ctrlC();
    expect(await at.ended).toEqual({ code: 130, isTerminalAsBefore: true });
    expect(at.written().endsWith('\u001b[?1049l')).toBe(true);
  });
});
