import { once } from 'node:events';
import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getTls } from 'node:https';
import type { Hello, MapObject, Trouble } from '../../src/map/wire.ts';

/** A page that follows the map, as far as its stream goes. */
export interface MapPage {
  readonly hello: () => Hello | undefined;
  /** What the page would show, by `namespace/name`. */
  readonly objects: ReadonlyMap<string, MapObject>;
  readonly isSynced: () => boolean;
  readonly trouble: () => string | null | undefined;
  /** How many bytes came. */
  readonly bytes: () => number;
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

export interface MapPageOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** The authority of a server that speaks TLS. */
  readonly ca?: string;
  /** Called with each object as it comes. */
  readonly onObject?: (object: MapObject) => void;
  /** Whether what comes is only counted, for crowds of pages. Default false. */
  readonly isIdle?: boolean;
}

/** Follows `GET /api/stream` of the map at this origin. Rejects when the answer is no stream. */
export async function openMapPage(origin: string, options: MapPageOptions = {}): Promise<MapPage> {
  const { headers = {}, ca, onObject, isIdle = false } = options;
  const asked = (origin.startsWith('https:') ? getTls : getPlain)(`${origin}/api/stream`, {
    agent: false,
    headers,
    ...(ca === undefined ? {} : { ca }),
  });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) {
    asked.destroy();
    throw new Error(`${origin}/api/stream answers ${response.statusCode}`);
  }
  asked.on('error', () => {});
  response.on('error', () => {});
  const objects = new Map<string, MapObject>();
  const seen: { hello?: Hello; isSynced: boolean; trouble?: string | null; bytes: number } = {
    isSynced: false,
    bytes: 0,
  };
  const hear: Readonly<Record<string, (data: never) => void>> = {
    hello: (data: Hello) => void (seen.hello = data),
    objects(data: readonly MapObject[]) {
      for (const object of data) {
        objects.set(object.key, object);
        onObject?.(object);
      }
    },
    gone(data: readonly string[]) {
      for (const key of data) objects.delete(key);
    },
    synced: () => void (seen.isSynced = true),
    trouble: ({ why }: Trouble) => void (seen.trouble = why),
  };
  let rest = '';
  response.on('data', (chunk: Buffer) => {
    seen.bytes += chunk.length;
    if (isIdle) return;
    const events = `${rest}${chunk.toString()}`.split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const [, name = ''] = /^event: (.*)$/m.exec(event) ?? [];
      const [, data = 'null'] = /^data: (.*)$/m.exec(event) ?? [];
      hear[name]?.(JSON.parse(data) as never);
    }
  });
  return {
    hello: () => seen.hello,
    objects,
    isSynced: () => seen.isSynced,
    trouble: () => seen.trouble,
    bytes: () => seen.bytes,
    ended: new Promise((resolve) => void response.once('close', resolve)),
    close: () => asked.destroy(),
  };
}

/** Comes in by the link that the plugin prints, as a browser does, and follows. */
export async function comeIn(link: string, options: MapPageOptions = {}): Promise<MapPage> {
  const { origin } = new URL(link);
  const entered = await fetch(link, { redirect: 'manual' });
  const [cookie = ''] = entered.headers.getSetCookie();
  return openMapPage(origin, { ...options, headers: { ...options.headers, cookie: cookie.split(';', 1).join() } });
}
