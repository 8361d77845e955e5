import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundles, emulatorBundle, metafileOf } from '../../../deploy/release/bundled.ts';
import { apiVersion, kind } from '../../../src/api/registryreplication.ts';
import { startTlsServer } from '../../support/tls-server.ts';
import { copies, instructions, root, sendContext } from './dockerfile.ts';

const run = promisify(execFile);
/** Only root can leave everything but the image's files behind; others run Node where it is. */
const isolated = process.platform === 'linux' && process.getuid?.() === 0;

let folder: string;
/** Made by the Dockerfile's own steps, but for the base images. */
let image: string;
/** The other one, of --target emulator. */
let emulatorImage: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acr-replication-image-'));
  await chmod(folder, 0o755);
  image = join(folder, 'image');
  emulatorImage = join(folder, 'emulator-image');
  const context = await build();
  await make(context, 'final', image);
  await make(context, 'emulator', emulatorImage);
}, 120_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The build stage, in a folder that holds nothing but what a builder is sent. */
async function build(): Promise<string> {
  const context = join(folder, 'context');
  await mkdir(context);
  await sendContext(context);
  await symlink(join(root, 'node_modules'), join(context, 'node_modules')); // in place of npm ci
  await run(process.execPath, ['build.ts'], { cwd: context, timeout: 120_000 });
  return context;
}

/** A stage that is an image. */
async function make(context: string, stage: 'final' | 'emulator', image: string): Promise<void> {
  const from = { context, build: context } as const;
  for (const kind of ['context', 'build'] as const) {
    for (const { sources, target } of await copies(stage, kind)) {
      for (const source of sources) {
        const to = join(image, target.endsWith('/') ? join(target, basename(source)) : target);
        await mkdir(dirname(to), { recursive: true });
        await copyFile(join(from[kind], source.replace(/^\/build\//, '')), to);
        await chmod(to, 0o444);
      }
    }
  }
  if (!isolated) return;
  // As the base image has it.
  await mkdir(join(image, 'tmp'));
  await chmod(join(image, 'tmp'), 0o1777);
  await bring(image, process.execPath, '/nodejs/bin/node');
  const { stdout } = await run('ldd', [process.execPath]);
  for (const [, path = ''] of stdout.matchAll(/(\/\S+) \(0x/g)) await bring(image, path, path);
}

async function bring(image: string, file: string, as: string): Promise<void> {
  const to = join(image, as);
  await mkdir(dirname(to), { recursive: true });
  const real = await realpath(file);
  await link(real, to).catch(() => copyFile(real, to));
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/** Starts the image's ENTRYPOINT as its USER where it can write nothing, with these variables and what runtimes set. */
function start(args: readonly string[], env: Environment, user: string, file = '/app/main.mjs', root = image) {
  const [node, program, cwd] = isolated ? ['/nodejs/bin/node', file, '/'] : [process.execPath, join(root, file), root];
  const inside = isolated ? [`--userspec=${user}`, root, node] : [];
  return spawn(isolated ? '/usr/sbin/chroot' : node, [...inside, program, ...args], {
    env: { HOME: '/', ...env },
    cwd,
    timeout: 60_000,
  });
}

async function ran(args: readonly string[], env: Environment = {}, file?: string): Promise<Ran> {
  const [user = ''] = await instructions('USER', 'final');
  const child = start(args, env, user, file);
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) child[stream].on('data', (text) => (printed[stream] += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...printed };
}

test('what the builder is sent is enough for the bundles, which are the same wherever they are built', async () => {
  for (const [file, here] of [
    ['main.mjs', 'dist/main.js'],
    ['kubectl-acr_replication.mjs', 'dist/kubectl-acr_replication.mjs'],
    ['THIRD-PARTY-NOTICES.txt', 'dist/THIRD-PARTY-NOTICES.txt'],
    ['../../emulator-image/app/acr-emulator.mjs', emulatorBundle],
  ] as const) {
    const same = (await readFile(join(image, 'app', file))).equals(await readFile(join(root, here)));
    expect(same, `${here} differs: npm run build, unless paths or time get into it`).toBe(true);
  }
});

test('the bundles ask for no module but those of Node, and two that their packages try and do without', async () => {
  for (const bundle of [...bundles, emulatorBundle]) {
    const metafile = await readFile(join(folder, 'context', metafileOf(bundle)), 'utf8');
    const { imports } = (JSON.parse(metafile) as Metafile).outputs[bundle] ?? {};
    const asked = new Set(imports?.map(({ path }) => path).filter((path) => !isBuiltin(path)));
    // Colours for a log on a terminal, and signing in to a proxy by Kerberos.
    expect(['kerberos', 'supports-color']).toEqual(expect.arrayContaining([...asked]));
  }
});

test('four files of less than 2.9 MB are added to the base image', async () => {
  const files = await readdir(join(image, 'app'));
  const named = ['LICENSE', 'THIRD-PARTY-NOTICES.txt', 'kubectl-acr_replication.mjs', 'main.mjs'];
  expect(files.toSorted()).toEqual(named);
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(image, 'app', file))).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2_900_000);
});

test('with Node and nothing else it says its version, and what its configuration lacks', async () => {
  expect(await ran(['--version'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/\d+\.\d+\.\d+/),
    stderr: '',
  });
  expect(await ran(['--log-level', 'loud'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--log-level') });
});

const account = '/var/run/secrets/kubernetes.io/serviceaccount';

test('kubectl exec finds the plugin in the image, which uses the service account of the pod', async () => {
  const file = '/app/kubectl-acr_replication.mjs';
  expect(await ran(['version'], {}, file)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('plugin'),
  });
  if (!isolated) return; // elsewhere the files of the service account are not where a pod has them
  await using server = await startTlsServer();
  await mkdir(join(image, account), { recursive: true });
  await writeFile(join(image, account, 'token'), 'of-the-operator');
  await writeFile(join(image, account, 'namespace'), 'acr-replication-system');
  await writeFile(join(image, account, 'ca.crt'), server.caPem);
  const metadata = { name: 'contoso', namespace: 'platform', uid: 'u', resourceVersion: '1' };
  const replicas = [{ location: 'uksouth', name: 'uksouth', managed: 'Created', provisioningState: 'Succeeded' }];
  const spec = { registry: { name: 'contoso' }, regions: [{ location: 'uksouth' }] };
  const items = [{ metadata, spec, status: { observedGeneration: 1, phase: 'Ready', replicas } }];
  server.answer((response) => response.end(JSON.stringify({ apiVersion, kind: `${kind}List`, metadata: {}, items })));
  const { hostname, port } = new URL(server.url);
  const pod = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  const listed = await ran(['list', '--all-namespaces'], pod, file);
  expect(listed).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^platform +contoso +uksouth/m) });
  expect(server.seen.map(({ authorization }) => authorization)).toEqual(['Bearer of-the-operator']);
});

test('with Node and nothing else it starts, says it is alive and stops when told to', async () => {
  const files = join(image, account);
  await mkdir(files, { recursive: true });
  await writeFile(join(files, 'token'), 'token');
  await writeFile(join(files, 'namespace'), 'acr-replication-system');
  await writeFile(join(files, 'ca.crt'), rootCertificates[0] ?? '');
  const kubeconfig = join(isolated ? account : files, 'kubeconfig');
  const cluster = { name: 'c', cluster: { server: 'https://127.0.0.1:1' } };
  const context = { name: 'c', context: { cluster: 'c', user: 'u' } };
  const config = { clusters: [cluster], users: [{ name: 'u', user: { token: 't' } }], contexts: [context] };
  await writeFile(join(files, 'kubeconfig'), JSON.stringify({ ...config, 'current-context': 'c' }));
  const id = '11111111-2222-3333-4444-555555555555';
  const [user = ''] = await instructions('USER', 'final');
  const child = start(
    [],
    {
      // As a pod has them where Node is alone; elsewhere the files are not where a pod has them.
      ...(isolated
        ? { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '1' }
        : { KUBECONFIG: kubeconfig }),
      AZURE_TENANT_ID: id,
      AZURE_CLIENT_ID: id,
      AZURE_FEDERATED_TOKEN_FILE: join(isolated ? account : files, 'token'),
      AZURE_AUTHORITY_HOST: 'https://127.0.0.1:1/',
      AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://127.0.0.1:1/',
      METRICS_ADDRESS: '127.0.0.1:0',
      HEALTH_ADDRESS: '127.0.0.1:0',
    },
    user,
  );
  const ended = once(child, 'close');
  const printed: string[] = [];
  let healthPort: unknown;
  for await (const line of createInterface(child.stdout)) {
    printed.push(line);
    const entry = JSON.parse(line) as { readonly message: string; readonly healthPort?: number };
    if (entry.message !== 'started') continue;
    ({ healthPort } = entry);
    break;
  }
  child.stdout.resume();
  expect(healthPort, printed.join('\n')).toEqual(expect.any(Number));
  const answer = await fetch(`http://127.0.0.1:${String(healthPort)}/healthz`);
  expect(answer.status).toBe(200);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

test('the image of the emulator serves at all addresses, under the name that it is told, until it is stopped', async () => {
  const [user = ''] = await instructions('USER', 'emulator');
  const [env = ''] = await instructions('ENV', 'emulator');
  const variables = Object.fromEntries([...env.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]));
  expect(variables).toMatchObject({ ACR_EMULATOR_LISTEN: '0.0.0.0', ACR_EMULATOR_URL: 'https://localhost:8443' });
  const [ports] = await instructions('EXPOSE', 'emulator');
  expect(ports).toBe(`${variables['ACR_EMULATOR_IDENTITY_PORT']} ${variables['ACR_EMULATOR_PORT']}`);
  // The ports of the image may be taken here.
  const free = { ACR_EMULATOR_PORT: '0', ACR_EMULATOR_IDENTITY_PORT: '0' };
  const child = start(['--json'], { ...variables, ...free }, user, '/app/acr-emulator.mjs', emulatorImage);
  const ended = once(child, 'close');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url, caFile } = JSON.parse(line) as { readonly url: string; readonly caFile: string };
  expect(url).toBe('https://localhost:8443');
  expect((await readFile(isolated ? join(emulatorImage, caFile) : caFile, 'utf8')).trim()).toMatch(/^-----BEGIN CERT/);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  if (isolated) expect(await readdir(join(emulatorImage, 'tmp'))).toEqual([]);
});
