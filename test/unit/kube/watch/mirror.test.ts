import { expect, test } from 'vitest';
import type { Key } from '../../../../src/domain/key.ts';
import { Mirror, type Seen } from '../../../../src/kube/watch/mirror.ts';
import type { KubeObject } from '../../../../src/kube/watch/object.ts';

const log = { debug() {}, info() {}, warn() {}, error() {}, isDebugEnabled: () => false };
const key = (name: string) => `platform/${name}` as Key;

function object(name: string, version: number): KubeObject {
  const metadata = { name, namespace: 'platform', uid: name, resourceVersion: String(version), generation: 1 };
  return { metadata: { ...metadata, creationTimestamp: '2026-11-22T10:00:00Z' } };
}

/** A mirror after its first full sync of these objects, with a sink that says what it holds, or does not say. */
function mirrorOf(objects: readonly KubeObject[], holds?: (object: KubeObject) => boolean) {
  const told: string[] = [];
  const tell = (what: string, of: Key | KubeObject) =>
    told.push(`${what} ${typeof of === 'string' ? of : `${of.metadata.name} ${of.metadata.resourceVersion}`}`);
  const sink = {
    put: (one: KubeObject) => void tell('put', one),
    remove: (one: KubeObject) => void tell('remove', one),
    forget: (one: Key) => void tell('forget', one),
    ...(holds === undefined ? {} : { holds }),
  };
  const mirror = new Mirror<KubeObject>(sink, log);
  sync(mirror, objects, 10n);
  return { mirror, told };
}

function sync(mirror: Mirror<KubeObject>, objects: readonly KubeObject[], version: bigint): Seen<KubeObject> {
  const seen: Seen<KubeObject> = new Map();
  for (const one of objects) mirror.collect(one, seen);
  mirror.complete(seen, version);
  return seen;
}

test('a full sync keeps none of the objects that its sink holds already, and still knows which are missing', () => {
  const { mirror, told } = mirrorOf([object('a', 1), object('b', 2), object('gone', 3)], () => true);
  told.splice(0);
  const seen = sync(mirror, [object('a', 1), object('b', 12)], 20n);
  expect(Object.fromEntries(seen)).toEqual({ [key('a')]: undefined, [key('b')]: undefined });
  expect(told).toEqual(['put b 12', 'forget platform/gone']);
});

test('what the sink holds otherwise is kept until the full sync is complete, and put then', () => {
  const { mirror, told } = mirrorOf([object('a', 1)], () => false);
  told.splice(0);
  const seen: Seen<KubeObject> = new Map();
  mirror.collect(object('a', 1), seen);
  expect(told).toEqual([]);
  mirror.complete(seen, 20n);
  expect(told).toEqual(['put a 1']);
});

test('a sink that does not say what it holds is given all objects again', () => {
  const { mirror, told } = mirrorOf([object('a', 1)]);
  told.splice(0);
  sync(mirror, [object('a', 1)], 20n);
  expect(told).toEqual(['put a 1']);
});
