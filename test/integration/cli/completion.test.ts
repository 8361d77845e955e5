import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { writeKubeconfig } from '../../sandbox/cluster-access.ts';
import { obtainTool } from '../../sandbox/tool.ts';
import { userWith } from '../../support/cli-users.ts';
import { controlPlane } from '../../support/cluster.ts';
import { manifest } from '../../support/kube-session.ts';
import { plugin } from '../../support/plugin.ts';

const cluster = controlPlane();
const { kube } = cluster;
let namespace: string;
let viewer: string;
let nobody: string;
/** A folder of the PATH, with the programs as npm puts them there. */
let bin: string;
let kubectl: string;
beforeAll(async () => {
  kubectl = await obtainTool('kubectl'); // built the first time, which takes minutes
  namespace = await kube.createNamespace('completion');
  viewer = await userWith(cluster, namespace, ['acr-replication-view']);
  nobody = await userWith(cluster, namespace, []);
  for (const name of ['contoso', 'fabrikam']) await kube.apply(manifest(namespace, name));
  bin = await mkdtemp(join(tmpdir(), 'acr-replication-bin-'));
  await symlink(process.execPath, join(bin, 'node'));
  for (const name of ['kubectl-acr_replication', 'kubectl_complete-acr_replication']) {
    await symlink(resolve(`dist/${name}.mjs`), join(bin, name));
  }
});
afterAll(async () => {
  await rm(bin, { recursive: true, force: true });
  await cluster.close();
});

const completed = (kubeconfig: string, ...words: string[]) => plugin(['__complete', ...words], { kubeconfig });
const environment = (kubeconfig: string) => ({
  ...process.env,
  KUBECONFIG: kubeconfig,
  PATH: `${bin}${delimiter}${process.env['PATH']}`,
});

/** Nothing is offered by what takes longer than 0.9 s, as everything may on a busy machine: then it is asked again. */
const busy = { timeout: 30_000, interval: 200 };

describe('live', () => {
  test('objects, their regions and the contexts', async () => {
    const offer = (...words: Parameters<typeof completed>) => expect.poll(() => completed(...words), busy);
    const well = (out: string) => ({ code: 0, out, err: '' });
    await offer(viewer, 'suspend', '-n', namespace, 'c').toEqual(well('contoso\tregistry contoso\n:4\n'));
    await offer(viewer, 'recreate', '-n', namespace, 'contoso', '').toEqual(well('japaneast\n:4\n'));
    await offer(viewer, 'list', '--context', '').toEqual(well('sandbox\n:4\n'));
    await offer(cluster.adminKubeconfig, 'list', '-n', namespace).toEqual(well(`${namespace}\n:4\n`));
  });

  test('nothing, and no word, without the right', async () => {
    expect(await completed(nobody, 'suspend', '-n', namespace, '')).toEqual({ code: 0, out: ':4\n', err: '' });
  });

  test('nothing, and no word, without a kubeconfig', async () => {
    expect(await completed('/nonexistent', 'suspend', '')).toEqual({ code: 0, out: ':4\n', err: '' });
  });

  test('nothing, and no word, after less than a second where nobody answers', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const kubeconfig = join(bin, 'silent.kubeconfig');
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    writeKubeconfig(kubeconfig, { url, caPem: cluster.caPem }, { token: 'x' });
    const start = performance.now();
    expect(await completed(kubeconfig, 'suspend', '')).toEqual({ code: 0, out: ':4\n', err: '' });
    expect(sockets.size).toBe(1);
    expect(performance.now() - start).toBeLessThan(2_000); // 1 s, and the start of a process on a busy machine
  });
});

test("kubectl's own completion finds it", async () => {
  const words = ['__complete', 'acr-replication', 'suspend', '-n', namespace, ''];
  const offered = async () => (await promisify(execFile)(kubectl, words, { env: environment(viewer) })).stdout;
  await expect.poll(offered, busy).toBe('contoso\tregistry contoso\nfabrikam\tregistry contoso\n:4\n');
});

describe('the script for bash', () => {
  /** What bash would offer for the words, the last of which is the one to complete. */
  async function offered(...words: readonly string[]): Promise<readonly string[]> {
    const { out } = await plugin(['completion', 'bash'], { kubeconfig: viewer });
    const script = join(bin, 'completion.bash');
    const typed = ['kubectl-acr_replication', ...words].map((word) => `'${word}'`).join(' ');
    await writeFile(
      script,
      `${out}\nCOMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _kubectl_acr_replication; printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
    await chmod(script, 0o644);
    const { stdout, stderr } = await promisify(execFile)('bash', [script], { env: environment(viewer), cwd: bin });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((line) => line !== '');
  }

  test('commands', async () => expect(await offered('resu')).toEqual(['resume']));
  test('objects', async () =>
    expect.poll(() => offered('suspend', '-n', namespace, ''), busy).toEqual(['contoso', 'fabrikam']));
  test('values after =, at which bash splits words', async () => {
    expect(await offered('list', '--output', '=', 'w')).toEqual(['wide']);
    expect(await offered('list', '--output', '=')).toEqual(['table', 'wide', 'json', 'yaml', 'name']);
    await expect.poll(() => offered('suspend', '--namespace', '=', namespace, 'con'), busy).toEqual(['contoso']);
  });
  test('files', async () =>
    expect(await offered('list', '--kubeconfig', 'kubectl_')).toEqual(['kubectl_complete-acr_replication']));
});

test.each(['bash', 'zsh', 'fish'])('completion %s prints a script', async (shell) => {
  const { code, out, err } = await plugin(['completion', shell], { kubeconfig: '/nonexistent' });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('kubectl-acr_replication __complete');
});

test('another shell is refused with those that there are', async () => {
  expect(await plugin(['completion', 'powershell'], { kubeconfig: '/nonexistent' })).toEqual({
    code: 2,
    out: '',
    err:
      'error: there is no completion for powershell, only for bash, zsh, fish\n' +
      'try: kubectl acr-replication completion bash\n',
  });
});
