import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CutProxy extends AsyncDisposable {
  /** The target's address but for the port, which is the proxy's own. */
  readonly url: string;
  /** Breaks every connection and every new one, until mend(). */
  cut(): void;
  mend(): void;
  /** Connections accepted so far, and open now. */
  connections(): { readonly accepted: number; readonly open: number };
}

/** A wire to a server that can be cut, without the server or its other clients noticing. */
export async function startCutProxy(target: string): Promise<CutProxy> {
  const { hostname, port, protocol } = new URL(target);
  const open = new Set<Socket>();
  let accepted = 0;
  let whole = true;
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
    near.on('close', () => {
      open.delete(near);
      far.destroy();
    });
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
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
    connections: () => ({ accepted, open: open.size }),
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
