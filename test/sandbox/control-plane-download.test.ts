import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { create } from 'tar';
import { expect, onTestFinished, test, vi } from 'vitest';
import { cacheScene } from '../support/cache-scene.ts';
import { obtainControlPlane } from './control-plane.ts';
import { progressText, type Release } from './envtest.ts';

/** Stands for go, and says that it was asked to build. */
const stubGo = `#!/bin/sh
case $1 in
  list) echo fmt ;;
  build)
    echo built >> "$STUB_DIR/builds"
    while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
    printf '#!/bin/sh\\necho built here\\n' > "$out"; chmod +x "$out" ;;
esac
`;
const at = cacheScene('go', stubGo);

const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
/** Text that cannot be compressed, so that the archive is as long. */
const kubeApiserver = `#!/bin/sh\necho loaded\n# ${randomBytes(200_000).toString('hex')}\n`;

/** An archive laid out as setup-envtest's are. */
async function archive(names: readonly string[] = ['kube-apiserver', 'etcd', 'kubectl']): Promise<Buffer> {
  const folder = join(at.dir, 'archive', 'controller-tools', 'envtest');
  await rm(join(at.dir, 'archive'), { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const name of names) await writeFile(join(folder, name), kubeApiserver, { mode: 0o755 });
  const file = join(at.dir, 'archive.tar.gz');
  await create({ gzip: true, file, cwd: join(at.dir, 'archive') }, ['controller-tools']);
  return await readFile(file);
}

/** A server that answers as told, and the release it has; the pinned hash is that of `bytes`. */
async function releaseOf(bytes: Buffer, answer: (response: ServerResponse) => void): Promise<Release> {
  let asked = 0;
  const server = createServer((_, response) => {
    asked++;
    answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
    expect(asked).toBeGreaterThan(0);
  });
  const { port } = server.address() as AddressInfo;
  return {
    version: 'v0',
    url: `http://127.0.0.1:${port}/envtest-{os}-{arch}.tar.gz`,
    sha512: { [platform]: createHash('sha512').update(bytes).digest('hex') },
  };
}

function whole(bytes: Buffer) {
  return (response: ServerResponse): void => void response.setHeader('Content-Length', bytes.length).end(bytes);
}

const builds = () => readFile(join(at.dir, 'builds'), 'utf8').catch(() => '');

test('the official archive is loaded once, without Go, and then nothing is said', async () => {
  const bytes = await archive();
  const release = await releaseOf(bytes, whole(bytes));
  const first = await obtainControlPlane({ ...at, release });
  expect(await readFile(first.etcd, 'utf8')).toBe(kubeApiserver);
  expect((await stat(first.kubeApiserver)).mode & 0o111).toBe(0o111);
  expect(at.told).toContain('Loading kube-apiserver and etcd v0, once');
  expect(at.told).toContain(dirname(dirname(first.etcd)));
  at.told = '';
  const gone = { ...release, url: 'http://127.0.0.1:1/' };
  expect(await obtainControlPlane({ ...at, release: gone })).toEqual(first);
  expect(at.told).toBe('');
  expect(await builds()).toBe('');
});

const faults: Record<
  string,
  { readonly says: string; readonly answer: (bytes: Buffer) => (response: ServerResponse) => void }
> = {
  'that is cut off': {
    says: 'cannot be loaded',
    answer: (bytes) => (response) => {
      response.setHeader('Content-Length', bytes.length).write(bytes.subarray(0, 100_000), () => response.destroy());
    },
  },
  'that ends early and says that it is whole': {
    says: 'has not the SHA-512',
    answer: (bytes) => whole(bytes.subarray(0, 100_000)),
  },
  'with another content': {
    says: 'has not the SHA-512',
    answer: (bytes) => whole(Buffer.concat([bytes, Buffer.from('!')])),
  },
  'that is not there': { says: 'answers 404', answer: () => (response) => void response.writeHead(404).end() },
};
for (const [what, { says, answer }] of Object.entries(faults)) {
  test(`an archive ${what} is not used: both programs are built`, async () => {
    const bytes = await archive();
    const { etcd } = await obtainControlPlane({ ...at, release: await releaseOf(bytes, answer(bytes)) });
    expect(await readFile(etcd, 'utf8')).toContain('built here');
    expect(at.told).toContain(says);
    expect((await at.cached()).filter((name) => name.startsWith('envtest'))).toEqual([]);
  });

  test(`an archive ${what} is an error where nothing may be built`, async () => {
    const bytes = await archive();
    const env = { ...at.env, ACR_REPLICATION_CONTROLPLANE: 'download' };
    const release = await releaseOf(bytes, answer(bytes));
    await expect(obtainControlPlane({ ...at, env, release })).rejects.toThrow(new RegExp(`${says}[^]*setup-envtest`));
    expect(await builds()).toBe('');
  });
}

test('an archive without both programs is not used', async () => {
  const bytes = await archive(['kubectl', 'etcd']);
  const { etcd } = await obtainControlPlane({ ...at, release: await releaseOf(bytes, whole(bytes)) });
  expect(await readFile(etcd, 'utf8')).toContain('built here');
  expect(at.told).toContain('does not hold kube-apiserver and etcd');
});

test('a server that refuses is not waited for', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  const release = { version: 'v0', url: `http://127.0.0.1:${port}/{os}`, sha512: { [platform]: '' } };
  await obtainControlPlane({ ...at, release });
  expect(at.told).toMatch(/Not loaded: .*ECONNREFUSED/);
  expect(await builds()).toBe('built\n');
});

test('a server that does not begin to answer is not waited for', async () => {
  const release = await releaseOf(Buffer.alloc(0), () => {});
  await obtainControlPlane({ ...at, release });
  expect(at.told).toMatch(/Not loaded: .* does not answer/);
  expect(await builds()).toBe('built\n');
}, 30_000);

test('a slow archive is waited for as long as it comes', async () => {
  const bytes = await archive();
  const release = await releaseOf(bytes, (response) => {
    response.setHeader('Content-Length', bytes.length);
    void (async () => {
      for (let at = 0; at < bytes.length; at += 30_000) {
        response.write(bytes.subarray(at, at + 30_000));
        await delay(50);
      }
      response.end();
    })();
  });
  const { etcd } = await obtainControlPlane({ ...at, release });
  expect(await readFile(etcd, 'utf8')).toBe(kubeApiserver);
  expect(await builds()).toBe('');
});

test.each([
  [20_000_000, 80_000_000, 5_000, '20 of 80 MB, 15 s left'],
  [79_999_999, 80_000_000, 60_000, '80 of 80 MB, 1 s left'],
  [20_000_000, undefined, 5_000, '20 MB'],
])('%i bytes of %s in %i ms: %s', (loaded, bytes, elapsedMs, text) => {
  expect(progressText(loaded, bytes, elapsedMs)).toBe(text);
});

test('what is built already is used, and nothing is asked', async () => {
  const build = { ...at, env: { ...at.env, ACR_REPLICATION_CONTROLPLANE: 'build' } };
  const built = await obtainControlPlane(build);
  at.told = '';
  const release = { version: 'v0', url: 'http://127.0.0.1:1/', sha512: { [platform]: '' } };
  expect(await obtainControlPlane({ ...at, release })).toEqual(built);
  expect(at.told).toBe('');
});

test('an abort leaves nothing half-loaded', async () => {
  const bytes = await archive();
  const release = await releaseOf(bytes, (response) => {
    response.setHeader('Content-Length', bytes.length).write(bytes.subarray(0, 100_000));
  });
  const abort = new AbortController();
  const loading = obtainControlPlane({ ...at, release, signal: abort.signal });
  const ended = expect(loading).rejects.toThrow('enough');
  await vi.waitFor(() => expect(at.told).toContain('Loading'), { timeout: 10_000 });
  abort.abort(new Error('enough'));
  await ended;
  expect(await at.cached()).toEqual([]);
});

test('another word for how to have them is refused with those that there are', async () => {
  const env = { ...at.env, ACR_REPLICATION_CONTROLPLANE: 'fetch' };
  await expect(obtainControlPlane({ ...at, env })).rejects.toThrow('is fetch, and is download or build');
});
