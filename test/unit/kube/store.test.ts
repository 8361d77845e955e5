import { describe, expect, onTestFinished, test } from 'vitest';
import { createKubeClient } from '../../../src/kube/http/client.ts';
import { KubeError } from '../../../src/kube/http/error.ts';
import { ObjectCache } from '../../../src/kube/object-cache.ts';
import { createStore } from '../../../src/kube/store.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { resource } from '../../support/builders.ts';
import { type Answer, answers, startWatchServer, status } from '../../support/watch-server.ts';

const never = new AbortController().signal;
const object = resource(['japaneast'], { metadata: { finalizers: ['acr-replication.dev/finalizer'] } });
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, isDebugEnabled: () => false };

/** A store that knows the object, before a server that answers so. */
async function storeBefore(answer: Answer) {
  const server = await startWatchServer();
  server.script(answer);
  const client = createKubeClient({ kubeConfig: server.kubeConfig });
  onTestFinished(async () => {
    await client.close();
    await server[Symbol.asyncDispose]();
  });
  const cache = new ObjectCache(log, systemClock);
  cache.put(object, { kind: 'older' });
  return createStore(client, cache);
}

type Store = Awaited<ReturnType<typeof storeBefore>>;
const calls: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  'a look': (store) => store.refresh(object, never),
  'the removal of the finalizer': (store) => store.removeFinalizer(object, never),
  'a status': (store) => store.writeStatus(object, {}, never),
};

describe('that an object is gone', () => {
  for (const [name, call] of Object.entries(calls)) {
    test(`is believed of Kubernetes: ${name}`, async () => {
      await expect(call(await storeBefore(answers(404, status(404, 'NotFound'))))).resolves.toBeUndefined();
    });
    const lies: Readonly<Record<string, Answer>> = {
      'of a page with 404': (response) => void response.writeHead(404).end('<html>Not Found</html>'),
      'of a server without such a path': (response) => void response.writeHead(404).end('404 page not found\n'),
      'of JSON with 404': (response) => void response.writeHead(404).end('{"message":"Not Found"}'),
      'of JSON with 200': (response) => void response.writeHead(200).end('{}'),
    };
    for (const [whom, answer] of Object.entries(lies)) {
      test(`is not believed ${whom}: ${name}`, async () => {
        const store = await storeBefore(answer);
        await expect(call(store)).rejects.toBeInstanceOf(KubeError);
        expect([...store.list()]).toEqual([object]);
      });
    }
  }
});
