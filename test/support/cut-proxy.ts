import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Access } from '../sandbox/cluster-access.ts';
import type { Lifetime } from './operator-world.ts';

export interface CutProxy extends AsyncDisposable {
  /** The target's address but for the port, which is the proxy's own. */
  readonly url: string;
  /** Breaks every connection and every new one, until mend(). */
  cut(): void;
  mend(): void;
  /** Keeps all connections and takes new ones, but lets nothing through, until thaw(). */
  freeze(): void;
  thaw(): void;
  /** Connections accepted so far, and open now. */
  connections(): { readonly accepted: number; readonly open: number };
}

/** A wire to a server that can be cut or frozen, without the server or its other clients noticing. */
export async function startCutProxy(target: string): Promise<CutProxy> {
  const { hostname, port, protocol } = new URL(target);
  const open = new Set<Socket>();
  let accepted = 0;
  let whole = true;
  let frozen = false;
  const wires = new Set<{ readonly near: Socket; readonly far: Socket }>();
  const server = createServer((near) => {
    if (!whole) {
      near.destroy();
      return;
    }
    accepted++;
    const far = connect(Number(port), hostname);
    open.add(near);
    near.on('error', () => {});
    far.on('error', () => {});
    const wire = { near, far };
    wires.add(wire);
    near.on('close', () => {
      open.delete(near);
      wires.delete(wire);
      far.destroy();
    });
    far.on('close', () => near.destroy());
    if (!frozen) near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    whole = false;
    for (const socket of open) socket.destroy();
  };
  return {
    url: `${protocol}//127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mend: () => {
      whole = true;
    },
    freeze: () => {
      frozen = true;
      for (const { near, far } of wires) {
        near.unpipe(far).pause();
        far.unpipe(near).pause();
      }
    },
    thaw: () => {
      frozen = false;
      for (const { near, far } of wires) near.pipe(far).pipe(near);
    },
    connections: () => ({ accepted, open: open.size }),
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A wire to the cluster, and a copy of a kubeconfig that leads through it; both end with the test. */
export async function throughProxy({ url }: Access, kubeconfig: string, { onTestFinished }: Lifetime) {
  const proxy = await startCutProxy(url);
  onTestFinished(async () => proxy[Symbol.asyncDispose]());
  const folder = await mkdtemp(join(tmpdir(), 'cut-proxy-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'kubeconfig');
  await writeFile(file, (await readFile(kubeconfig, 'utf8')).replaceAll(url, proxy.url), { mode: 0o600 });
  return { proxy, kubeconfig: file };
}
