import { appendFile, chmod, mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { cacheScene } from '../support/cache-scene.ts';
import { obtainControlPlane } from './control-plane.ts';

/** Stands for go: `build` counts itself, tells two packages, waits for $GATE if set and writes a program. */
const stubGo = `#!/bin/sh
case $1 in
  env) echo go1.26.0; exit \${GO_TOO_OLD:-0} ;;
  version) echo 'go version go1.20.1 test/arch' ;;
  list) echo fmt; echo acr-replication.dev/controlplane ;;
  build)
    echo $$ >> "$STUB_DIR/builds"
    echo fmt >&2
    while [ -n "$GATE" ] && [ ! -e "$GATE" ]; do sleep 0.05; done
    if [ -n "$GO_FAILS" ]; then echo './main.go:5:2: no required module' >&2; exit 1; fi
    while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
    printf '#!/bin/sh\\necho Kubernetes v0\\n' > "$out"; chmod +x "$out" ;;
esac
`;

const at = cacheScene('go', stubGo, { ACR_REPLICATION_CONTROLPLANE: 'build' });

async function builds(): Promise<readonly string[]> {
  return (await readFile(join(at.dir, 'builds'), 'utf8').catch(() => '')).split('\n').filter((pid) => pid !== '');
}

test('builds once and then says nothing', async () => {
  const first = await obtainControlPlane(at);
  expect(at.told).toMatch(/about four minutes, once/);
  at.told = '';
  expect(await obtainControlPlane(at)).toEqual(first);
  expect(await builds()).toHaveLength(1);
  expect(at.told).toBe('');
});

const damage: Record<string, (program: string) => Promise<void>> = {
  'cut short': (program) => writeFile(program, '#!/bin/sh\n'),
  'changed at the same length': async (program) =>
    writeFile(program, (await readFile(program, 'utf8')).replace('Kubernetes', 'Subernetes')),
  'no longer executable': (program) => chmod(program, 0o644),
  'without its manifest': (program) => rm(join(dirname(program), 'manifest.json')),
  'without etcd': (program) => rm(join(dirname(program), 'etcd')),
};
for (const [what, break_] of Object.entries(damage)) {
  test(`a cached program ${what} is built again`, async () => {
    const { kubeApiserver, etcd } = await obtainControlPlane(at);
    await break_(kubeApiserver);
    await obtainControlPlane(at);
    expect(await builds()).toHaveLength(2);
    expect(await readFile(etcd, 'utf8')).toContain('Kubernetes');
    expect(at.told).toContain('broken: building it again');
  });
}

test('a cache that was only copied elsewhere and back is not built again', async () => {
  const { kubeApiserver } = await obtainControlPlane(at);
  await utimes(kubeApiserver, 1, 1);
  await obtainControlPlane(at);
  expect(await builds()).toHaveLength(1);
});

test('of two at the same time one builds and the other waits and says so', async () => {
  const gate = join(at.dir, 'gate');
  const both = [1, 2].map(() => obtainControlPlane({ env: { ...at.env, GATE: gate }, output: at.output }));
  await vi.waitFor(() => expect(at.told).toContain('waiting for it'), { timeout: 10_000 });
  await writeFile(gate, '');
  const [one, other] = await Promise.all(both);
  expect(one).toEqual(other);
  expect(await builds()).toHaveLength(1);
});

test('the lock of a process that died does not stop the next one', async () => {
  const { kubeApiserver } = await obtainControlPlane(at);
  const lock = `${dirname(kubeApiserver)}.lock`;
  await rm(dirname(kubeApiserver), { recursive: true });
  await mkdir(lock);
  await writeFile(join(lock, 'owner'), `4194304 ${hostname()}`); // one more than the highest pid of Linux
  await obtainControlPlane(at);
  expect(await builds()).toHaveLength(2);
});

test('an abort ends go and leaves nothing half-written', async () => {
  const abort = new AbortController();
  const never = join(at.dir, 'never');
  const obtaining = obtainControlPlane({ env: { ...at.env, GATE: never }, output: at.output, signal: abort.signal });
  const ended = expect(obtaining).rejects.toThrow('enough');
  const pid = await vi.waitFor(async () => Number((await builds())[0] ?? expect.fail()), { timeout: 10_000 });
  abort.abort(new Error('enough'));
  await ended;
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(await at.cached()).toEqual([]);
});

test('what go says about a failed build is in the error', async () => {
  await expect(obtainControlPlane({ env: { ...at.env, GO_FAILS: '1' }, output: at.output })).rejects.toThrow(
    'no required module',
  );
  expect(await at.cached()).toEqual([]);
});

test('without Go the error says all ways to get the programs', async () => {
  await rm(join(at.dir, 'bin', 'go'));
  const without = obtainControlPlane({ env: { ...at.env, PATH: join(at.dir, 'bin') }, output: at.output });
  await expect(without).rejects.toThrow(
    /no program "go"[^]*github\.com[^]*go\.dev\/dl[^]*setup-envtest[^]*KUBEBUILDER_ASSETS/,
  );
});

test('an old Go is named with its version', async () => {
  const old = obtainControlPlane({ env: { ...at.env, GO_TOO_OLD: '1' }, output: at.output });
  await expect(old).rejects.toThrow(/go1\.20\.1[^]*Go 1\.26 or newer[^]*KUBEBUILDER_ASSETS/);
});

test('KUBEBUILDER_ASSETS is used as it is, and the missing program is named', async () => {
  const assets = join(at.dir, 'assets');
  await mkdir(assets);
  await appendFile(join(assets, 'etcd'), '', { mode: 0o755 });
  const from = { env: { ...at.env, KUBEBUILDER_ASSETS: assets }, output: at.output };
  await expect(obtainControlPlane(from)).rejects.toThrow(join(assets, 'kube-apiserver'));
  await appendFile(join(assets, 'kube-apiserver'), '', { mode: 0o755 });
  expect(await obtainControlPlane(from)).toEqual({
    etcd: join(assets, 'etcd'),
    kubeApiserver: join(assets, 'kube-apiserver'),
  });
  await expect(stat(join(at.dir, 'cache'))).rejects.toThrow('ENOENT');
});
