import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import type { RegistryReplication } from '../../src/api/registryreplication.ts';
import { type Key, keyOf } from '../../src/domain/key.ts';
import type { PageFile } from '../../src/map/page-files.ts';
import { type MapOptions, type RunningMap, serveMap } from '../../src/map/server.ts';
import type { CacheChange, SeenObjects } from '../../src/ports/store.ts';
import { systemClock } from '../../src/time/clock.ts';
import { resource } from './builders.ts';

type Changes = NonNullable<Parameters<typeof resource>[1]>;

export interface MapScene extends RunningMap {
  /** Puts an object there, or changes it. */
  readonly put: (name: string, changes?: Changes) => void;
  readonly remove: (name: string) => void;
  /** What the host knows of the API server. */
  readonly host: { isSynced: boolean; trouble: string | undefined };
  readonly errors: unknown[];
}

/** Objects in memory, as a host of the map gives them. */
export function mapObjects() {
  const objects = new Map<Key, RegistryReplication>();
  const listeners = new Set<(key: Key, change: CacheChange) => void>();
  let version = 1;
  const tell = (key: Key) => {
    for (const listener of listeners) listener(key, { previous: undefined, current: objects.get(key) });
  };
  const seen: Pick<SeenObjects, 'get' | 'keys' | 'onChange'> = {
    get: (key) => objects.get(key),
    keys: () => objects.keys(),
    onChange: (listener) => void listeners.add(listener),
  };
  return {
    options: { objects: seen },
    put: (name: string, changes: Changes = {}): void => {
      version += 1;
      const metadata = { ...changes.metadata, name, uid: name, resourceVersion: String(version) };
      const object = resource(['japaneast', 'uksouth'], { ...changes, metadata });
      objects.set(keyOf(object), object);
      tell(keyOf(object));
    },
    remove: (name: string): void => {
      const key = `platform/${name}` as Key;
      objects.delete(key);
      tell(key);
    },
  };
}

/** The map's server over objects in memory, until the test is over. */
export async function mapScene(options: Partial<MapOptions> = {}): Promise<MapScene> {
  const { options: own, put, remove } = mapObjects();
  const host: MapScene['host'] = { isSynced: true, trouble: undefined };
  const errors: unknown[] = [];
  const running = await serveMap({
    ...own,
    address: { host: '127.0.0.1', port: 0 },
    hello: () => ({ version: '1.2.3', host: 'operator', cloud: 'AzurePublic', cluster: 'prod' }),
    isSynced: () => host.isSynced,
    trouble: () => host.trouble,
    happened: async () => [],
    isOurHost: (name) => name.startsWith('127.0.0.1:'),
    gate: async () => undefined,
    files: new Map([
      file('/', 'text/html; charset=utf-8', '<!doctype html>'),
      file('/page.js', 'text/javascript', 'go()'),
    ]),
    onError: (error) => errors.push(error),
    clock: systemClock,
    ...options,
  });
  onTestFinished(() => running.close());
  return { ...running, host, errors, put, remove };
}

function file(path: string, type: string, text: string): readonly [string, PageFile] {
  return [path, { path, type, gzip: gzipSync(text), plain: () => Buffer.from(text) }];
}
