import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createKubeClient } from '../../../../src/kube/http/client.ts';
import { KubeError } from '../../../../src/kube/http/error.ts';
import type { Sink } from '../../../../src/kube/watch/mirror.ts';
import type { KubeObject } from '../../../../src/kube/watch/object.ts';
import { Reflector, type ReflectorOptions } from '../../../../src/kube/watch/reflector.ts';
import { systemClock } from '../../../../src/time/clock.ts';
import {
  type Answer,
  answers,
  bookmark,
  event,
  object,
  says,
  saysAndBreaks,
  saysAndEnds,
  startWatchServer,
  status,
  type WatchServer,
} from '../../../support/watch-server.ts';

const path = '/apis/acr-replication.dev/v1alpha1/registryreplications';
const refusal = status(422, 'Invalid', { message: 'sendInitialEvents: Forbidden' });
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

interface World {
  readonly server: WatchServer;
  /** What the sink was told, such as `+a@3`, `-a@4`, `?a` (forgotten), `!a@5` (supersedes all that is known). */
  readonly told: string[];
  readonly objects: Map<string, KubeObject>;
  readonly logged: { readonly level: string; readonly message: string; readonly fields: Record<string, unknown> }[];
  readonly reflector: Reflector<KubeObject>;
  readonly abort: AbortController;
  readonly running: Promise<void>;
}

async function start(script: readonly Answer[], options: Partial<ReflectorOptions<KubeObject>> = {}): Promise<World> {
  const server = await startWatchServer();
  server.script(...script);
  const client = createKubeClient({ kubeConfig: server.kubeConfig, timeoutMs: 1_000 });
  const told: string[] = [];
  const objects = new Map<string, KubeObject>();
  const logged: World['logged'] = [];
  const write =
    (level: string) =>
    (message: string, fields: object = {}): void =>
      void logged.push({ level, message, fields: { ...fields } });
  const sink: Sink<KubeObject> = {
    put: (object, { kind }) => {
      told.push(`${kind === 'all' ? '!' : '+'}${object.metadata.name}@${object.metadata.resourceVersion}`);
      objects.set(object.metadata.name, object);
    },
    remove: (object) => {
      told.push(`-${object.metadata.name}@${object.metadata.resourceVersion}`);
      objects.delete(object.metadata.name);
    },
    forget: (key) => {
      told.push(`?${key.split('/')[1]}`);
      objects.delete(key.split('/')[1] ?? '');
    },
  };
  const reflector = new Reflector<KubeObject>({
    client,
    path,
    sink,
    log: {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      isDebugEnabled: () => true,
    },
    clock: systemClock,
    backoff: { firstMs: 4, maxMs: 20 },
    ...options,
  });
  const abort = new AbortController();
  const running = reflector.run(abort.signal);
  stops.push(async () => {
    abort.abort();
    await running;
    await client.close();
    await server[Symbol.asyncDispose]();
  });
  return { server, told, objects, logged, reflector, abort, running };
}

async function until(check: () => void): Promise<void> {
  await vi.waitFor(check, { timeout: 15_000, interval: 5 });
}

const versionsAsked = ({ server }: World): (string | null)[] => server.seen.map((s) => s.query.get('resourceVersion'));

describe('first sync', () => {
  test('asks for the initial events in the watch, and is synced at their end, not before', async () => {
    let finish = (): void => {};
    const world = await start([
      (response) => {
        response.writeHead(200).write(event('ADDED', object('a', { version: 7 })));
        finish = () => void response.write(event('ADDED', object('b', { version: 3 })) + bookmark(9, true));
      },
    ]);
    await until(() => expect(world.told).toEqual(['+a@7']));
    expect(world.reflector.isSynced()).toBe(false);
    finish();
    await until(() => expect(world.reflector.isSynced()).toBe(true));
    expect(world.told).toEqual(['+a@7', '+b@3']);
    expect(Object.fromEntries(world.server.seen[0]?.query ?? [])).toMatchObject({
      watch: 'true',
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: 'true',
    });
    expect(world.reflector.lastContact()).toBeInstanceOf(Date);
  });

  for (const code of [400, 422]) {
    test(`a server that refuses the initial events with ${code} is listed by pages and watched`, async () => {
      const world = await start([
        answers(code, { ...refusal, code }),
        answers(200, { metadata: { resourceVersion: '20', continue: 'c1' }, items: [object('a', { version: 1 })] }),
        answers(200, { metadata: { resourceVersion: '20' }, items: [object('b', { version: 2 })] }),
        says(event('MODIFIED', object('a', { version: 21 }))),
      ]);
      await until(() => expect(world.told).toEqual(['+a@1', '+b@2', '+a@21']));
      expect(world.reflector.isSynced()).toBe(true);
      expect(world.server.seen.slice(1).map((s) => [s.query.get('limit'), s.query.get('continue')])).toEqual([
        ['500', null],
        ['500', 'c1'],
        [null, null],
      ]);
      expect(versionsAsked(world).at(-1)).toBe('20');
    });
  }

  test('a continue token that expires in the middle of the list starts the list again', async () => {
    const world = await start([
      answers(422, refusal),
      answers(200, { metadata: { resourceVersion: '5', continue: 'c1' }, items: [object('a', { version: 1 })] }),
      answers(410, status(410, 'Expired')),
      answers(422, refusal),
      answers(200, { metadata: { resourceVersion: '8' }, items: [object('b', { version: 8 })] }),
    ]);
    await until(() => expect(world.reflector.isSynced()).toBe(true));
    expect(world.told).toEqual(['+a@1', '+b@8', '?a']);
    await until(() => expect(versionsAsked(world).at(-1)).toBe('8'));
  });

  test('initial events that end too early are followed by a paged list', async () => {
    const world = await start([
      saysAndEnds(event('ADDED', object('a', { version: 1 }))),
      answers(200, { metadata: { resourceVersion: '8' }, items: [object('a', { version: 1 })] }),
    ]);
    await until(() => expect(world.reflector.isSynced()).toBe(true));
    await until(() => expect(world.server.seen.map((s) => s.query.get('watch'))).toEqual(['true', null, 'true']));
  });

  describe('a WatchList without the bookmark that ends its initial events', () => {
    const page = { metadata: { resourceVersion: '8' }, items: [object('a', { version: 1 })] };
    const a1 = event('ADDED', object('a', { version: 1 }));
    const asked = ({ server }: World) =>
      server.seen.map(({ query }) =>
        query.get('sendInitialEvents') === 'true' ? 'WatchList' : query.get('watch') === 'true' ? 'watch' : 'list',
      );

    test('is followed by a paged list when nothing comes any more, and is never tried again', async () => {
      const world = await start([says(a1), answers(200, page), saysAndEnds(bookmark(8)), answers(200, page)], {
        initialMs: 50,
        fullSyncMs: 0,
      });
      await until(() => expect(asked(world)).toEqual(['WatchList', 'list', 'watch', 'list', 'watch']));
      expect(world.reflector.isSynced()).toBe(true);
      expect(world.logged.map(({ message }) => message)).toContain('no WatchList here, using list and watch');
    });

    test('is followed by a list though new objects, which look like initial ones, come again and again', async () => {
      const world = await start(
        [
          (response) => {
            let version = 1;
            response.writeHead(200);
            const timer = setInterval(() => response.write(event('ADDED', object(`o${++version}`, { version }))), 20);
            response.on('close', () => clearInterval(timer));
          },
          answers(200, page),
        ],
        { initialMs: 50 },
      );
      await until(() => expect(world.reflector.isSynced()).toBe(true));
      expect(asked(world)).toContain('list');
    });

    test('is followed by a list though a plain bookmark or another change comes now and then', async () => {
      const world = await start(
        [
          (response) => {
            let version = 1;
            response.writeHead(200).write(a1);
            const timer = setInterval(() => {
              version++;
              response.write(event('MODIFIED', object('a', { version })) + bookmark(version));
            }, 20);
            response.on('close', () => clearInterval(timer));
          },
          answers(200, { ...page, metadata: { resourceVersion: '90' } }),
        ],
        { initialMs: 80 },
      );
      await until(() => expect(world.reflector.isSynced()).toBe(true));
    });

    test('does not keep back what has changed while a later full sync waits for its end', async () => {
      const world = await start(
        [
          saysAndEnds(a1, bookmark(4, true)),
          says(event('ADDED', object('a', { version: 7 })) + event('ADDED', object('b', { version: 6 }))),
        ],
        { fullSyncMs: 0, initialMs: 60_000 },
      );
      await until(() => expect(world.told).toEqual(['+a@1', '+a@7', '+b@6']));
    });
  });

  test('what is deleted before the initial events have ended is not there', async () => {
    const world = await start([
      says(
        event('ADDED', object('a', { version: 1 })) + event('ADDED', object('b', { version: 2 })),
        event('MODIFIED', object('b', { version: 3 })) + event('DELETED', object('a', { version: 4 })),
        bookmark(4, true),
      ),
    ]);
    await until(() => expect(world.reflector.isSynced()).toBe(true));
    expect([...world.objects.keys()]).toEqual(['b']);
  });

  test('drops what nobody reads: managed fields and the last applied configuration', async () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{…}', mine: 'kept' };
    const world = await start([
      says(event('ADDED', object('a', { version: 1, annotations, managedFields: [{ manager: 'kubectl' }] }))),
    ]);
    await until(() => expect(world.objects.get('a')?.metadata.annotations).toEqual({ mine: 'kept' }));
    expect(world.objects.get('a')?.metadata).not.toHaveProperty('managedFields');
  });

  test('a status that the API server filled in, for nobody looked yet, is none', async () => {
    const world = await start([
      says(
        event('ADDED', { ...object('a', { version: 1 }), status: { observedGeneration: -1 } }),
        event('ADDED', { ...object('b', { version: 2 }), status: { observedGeneration: 1 } }),
      ),
    ]);
    await until(() => expect(world.objects.get('b')).toMatchObject({ status: { observedGeneration: 1 } }));
    expect(world.objects.get('a')).not.toHaveProperty('status');
  });

  test('narrows list and watch by the label selector', async () => {
    const world = await start([answers(422, refusal)], { labelSelector: 'shard in (a)' });
    await until(() => expect(world.server.seen.length).toBeGreaterThan(1));
    expect(world.server.seen.map((s) => s.query.get('labelSelector'))).toContain('shard in (a)');
    expect(new Set(world.server.seen.map((s) => s.query.get('labelSelector'))).size).toBe(1);
  });
});

describe('going on', () => {
  test('a watch that ends is resumed from the last version, without a new sync', async () => {
    const world = await start([
      saysAndEnds(event('ADDED', object('a', { version: 1 })), bookmark(4, true)),
      saysAndEnds(event('MODIFIED', object('a', { version: 6 }))),
      saysAndEnds(bookmark(12)),
    ]);
    await until(() => expect(versionsAsked(world)).toEqual([null, '4', '6', '12']));
    // The sessions before have left nothing behind.
    expect(getEventListeners(world.abort.signal, 'abort')).toHaveLength(1);
    expect(world.told).toEqual(['+a@1', '+a@6']);
    expect(world.server.seen.slice(1).map((s) => s.query.get('sendInitialEvents'))).toEqual([null, null, null]);
  });

  test('a stream that breaks in the middle of a line loses and invents nothing', async () => {
    const half = event('MODIFIED', object('a', { version: 6 })).slice(0, 60);
    const world = await start([
      saysAndBreaks(event('ADDED', object('a', { version: 1 })), bookmark(4, true), half),
      says(event('MODIFIED', object('a', { version: 6 }))),
    ]);
    await until(() => expect(world.told).toEqual(['+a@1', '+a@6']));
    expect(versionsAsked(world)).toEqual([null, '4']);
  });

  test('a stream that ends cleanly in the middle of a line loses nothing', async () => {
    const half = event('MODIFIED', object('a', { version: 6 })).slice(0, 60);
    const world = await start([
      saysAndEnds(bookmark(4, true), half),
      says(event('ADDED', object('a', { version: 6 }))),
    ]);
    await until(() => expect(world.told).toEqual(['+a@6']));
  });

  test('characters of several bytes that are split over chunks stay whole', async () => {
    const note = 'Zürich, 東日本, 🗾';
    const bytes = Buffer.from(event('ADDED', object('a', { version: 1, annotations: { note } })));
    const world = await start([
      (response) => {
        response.writeHead(200).flushHeaders();
        let at = 0;
        const timer = setInterval(() => {
          if (at >= bytes.length) clearInterval(timer);
          else response.write(bytes.subarray(at, ++at));
        }, 0);
      },
    ]);
    await until(() => expect(world.objects.get('a')?.metadata.annotations).toEqual({ note }));
  });

  const gone = [
    { name: 'as HTTP status', answer: answers(410, status(410, 'Expired')) },
    { name: 'as ERROR event', answer: says(event('ERROR', status(410, 'Expired'))) },
  ];
  for (const { name, answer } of gone) {
    test(`410 ${name}: syncs again, and what is no longer there is reported as deleted`, async () => {
      const [a, b, c] = ['a', 'b', 'c'].map((name, index) => event('ADDED', object(name, { version: index + 1 })));
      const world = await start([
        saysAndEnds(`${a}${b}${c}`, bookmark(4, true), event('DELETED', object('c', { version: 5 }))),
        answer,
        says(`${b}`, bookmark(90, true)),
      ]);
      await until(() => expect(world.told).toEqual(['+a@1', '+b@2', '+c@3', '-c@5', '+b@2', '?a']));
      expect(world.server.seen.at(-1)?.query.get('sendInitialEvents')).toBe('true');
    });
  }

  const strangers: readonly (readonly [name: string, answer: Answer])[] = [
    ['a page', (response) => void response.writeHead(200).end('<html>\n<title>Welcome</title>\n</html>\n')],
    ['empty JSON', (response) => void response.writeHead(200).end('{}')],
    ['an empty answer', (response) => void response.writeHead(200).end()],
    ['a 404 page', (response) => void response.writeHead(404).end('<html>Not Found</html>')],
  ];
  /** A watch that has seen one object, and then these answers. */
  const after = (...strange: readonly Answer[]) =>
    start([saysAndBreaks(event('ADDED', object('a', { version: 1 })), bookmark(4, true)), ...strange], {
      fullSyncMs: 0,
    });
  for (const [name, answer] of strangers) {
    test(`${name} in place of the API server is told once; nothing is forgotten, nothing counts as heard`, async () => {
      const world = await after(...Array.from({ length: 6 }, () => answer));
      await until(() => expect(world.told).toEqual(['+a@1']));
      const heard = world.reflector.lastContact()?.getTime();
      await until(() => expect(world.server.seen.length).toBeGreaterThan(6));
      expect([...world.objects.keys()]).toEqual(['a']);
      const warned = world.logged.filter(({ level }) => level === 'warn').map(({ fields }) => String(fields['error']));
      expect(warned.map((text) => text.split(': ')[2]?.replace(/^\d+ /, ''))).toEqual(['ECONNRESET', 'NotKubernetes']);
      expect(world.reflector.lastContact()?.getTime()).toBe(heard);
    });
  }

  test('what is no list, or has no version, is not taken for an empty one', async () => {
    const noLists = [answers(200, { metadata: {} }), answers(200, { metadata: {}, items: [] })];
    const world = await after(...noLists, ...noLists);
    await until(() => expect(world.server.seen.length).toBeGreaterThan(4));
    expect([...world.objects.keys()]).toEqual(['a']);
    for (const { fields } of world.logged) expect(fields['error']).toBeInstanceOf(KubeError);
  });

  test('what is no event, and a bookmark without a version, is one line in the log', async () => {
    const strange = [{ type: 'HELLO', object: {} }, null, { type: 'BOOKMARK', object: null }, { type: 'BOOKMARK' }];
    const world = await start([
      saysAndEnds(bookmark(4, true)),
      ...strange.map((line) => saysAndEnds(bookmark(5), `${JSON.stringify(line)}\n`)),
      says(event('ADDED', object('a', { version: 6 }))),
    ]);
    await until(() => expect(world.told).toEqual(['+a@6']));
    const errors = world.logged.flatMap(({ fields }) =>
      fields['error'] instanceof KubeError ? [fields['error']] : [],
    );
    expect(errors).toHaveLength(strange.length);
    for (const { message } of errors) expect(message).toMatch(/^WATCH registryreplications: InvalidResponse: /);
  });

  test('errors of the server pass by, the next session goes on where the last one was', async () => {
    const world = await start([
      saysAndEnds(bookmark(4, true)),
      answers(500, status(500, 'InternalError')),
      (response) => void response.writeHead(502).end('<html>bad gateway</html>'),
      answers(429, status(429, 'TooManyRequests'), { 'retry-after': '0' }),
      says('this is no JSON\n'),
      says(event('ADDED', object('a', { version: 5 }))),
    ]);
    await until(() => expect(world.told).toEqual(['+a@5']));
    expect(versionsAsked(world)).toEqual([null, '4', '4', '4', '4', '4']);
  });

  test('a watch that falls silent is given up and opened again', async () => {
    const world = await start([says(bookmark(4, true)), says(''), says(event('ADDED', object('a', { version: 5 })))], {
      stallMs: 150,
    });
    await until(() => expect(world.told).toEqual(['+a@5']));
    expect(world.logged.map(({ fields }) => String(fields['error']))).toContain(
      'KubeError: WATCH registryreplications: Timeout: silent for 0.15 s',
    );
  });

  test('a watch in which something comes now and then is left alone, however long it lasts', async () => {
    const world = await start(
      [
        (response) => {
          let version = 0;
          response.write(event('ADDED', object('a', { version: 0 })) + bookmark(0, true));
          const timer = setInterval(() => {
            response.write(event('MODIFIED', object('a', { version: ++version })));
            if (version === 15) clearInterval(timer);
          }, 100);
        },
      ],
      { stallMs: 1_000 },
    );
    await until(() => expect(world.told).toHaveLength(16));
    expect(world.server.seen).toHaveLength(1);
  });

  test('a server that accepts the connection and never answers is asked again', async () => {
    const world = await start([() => {}, says(event('ADDED', object('a', { version: 5 })))]);
    await until(() => expect(world.told).toEqual(['+a@5']));
  });

  test('connection refused, then back: resumes', async () => {
    const world = await start([says(bookmark(4, true))]);
    await until(() => expect(world.reflector.isSynced()).toBe(true));
    await world.server.down();
    await until(() =>
      expect(world.logged.some(({ fields }) => String(fields['error']).includes('ECONNREFUSED'))).toBe(true),
    );
    world.server.script(says(event('ADDED', object('a', { version: 5 }))));
    await world.server.up();
    await until(() => expect(world.told).toEqual(['+a@5']));
    expect(versionsAsked(world)).toEqual([null, '4']);
    expect(world.reflector.isSynced()).toBe(true);
  });

  describe('a server restored from a backup', () => {
    const first = saysAndEnds(event('ADDED', object('a', { version: 100 })), bookmark(100, true));
    const past = event('ADDED', object('a', { version: 50 })) + bookmark(60, true);

    test('accepts a watch from a version it has not reached and is silent, so after a failure it is asked first', async () => {
      const tooLarge = status(504, 'Timeout', { details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } });
      const world = await start([
        saysAndBreaks(event('ADDED', object('a', { version: 100 })), bookmark(100, true)),
        saysAndEnds(past),
        says(event('MODIFIED', object('a', { version: 61 }))),
      ]);
      world.server.scriptProbes(answers(504, tooLarge));
      await until(() => expect(world.told).toEqual(['+a@100', '!a@50', '+a@61']));
      expect(versionsAsked(world)).toEqual([null, null, '60']);
      expect(Object.fromEntries(world.server.probes[0]?.query ?? [])).toEqual({
        limit: '1',
        resourceVersion: '100',
        resourceVersionMatch: 'NotOlderThan',
      });
    });

    test('is believed when a second list says so: one old answer changes nothing', async () => {
      const gone = answers(410, status(410, 'Expired'));
      const again = says(event('ADDED', object('a', { version: 100 })) + bookmark(101, true));
      const world = await start([first, gone, saysAndEnds(past), answers(422, refusal), gone, again]);
      await until(() => expect(world.server.seen).toHaveLength(6));
      await until(() => expect(world.told).toEqual(['+a@100', '+a@100']));
    });

    test('is believed when a list of pages is as old as the watch before it', async () => {
      const page = { metadata: { resourceVersion: '62' }, items: [object('b', { version: 55 })] };
      const world = await start([first, answers(410, status(410, 'Expired')), saysAndEnds(past), answers(200, page)]);
      await until(() => expect(world.told).toEqual(['+a@100', '!b@55', '?a']));
    });
  });

  describe('what a watch cannot say is settled by a full sync', () => {
    const impossible = [
      { name: 'an object seen again after its deletion', line: event('MODIFIED', object('gone', { version: 3 })) },
      { name: 'a new object that others have overtaken', line: event('ADDED', object('late', { version: 5 })) },
      { name: 'a bookmark from the past', line: bookmark(5) },
    ];
    for (const { name, line } of impossible) {
      test(name, async () => {
        const world = await start([
          says(
            event('ADDED', object('gone', { version: 3 })) + bookmark(4, true),
            event('DELETED', object('gone', { version: 6 })),
            event('ADDED', object('new', { version: 7 })) + line,
          ),
          says(event('ADDED', object('new', { version: 7 })) + bookmark(8, true)),
        ]);
        await until(() => expect(world.told).toEqual(['+gone@3', '-gone@6', '+new@7', '+new@7']));
        expect(world.logged.map(({ fields }) => (fields['error'] as Error | undefined)?.stack)).toEqual([undefined]);
        expect(versionsAsked(world)).toEqual([null, null]);
      });
    }
  });

  test('what is seen again, or late but still newer, needs none', async () => {
    const [a3, a5] = [3, 5].map((version) => event('MODIFIED', object('a', { version })));
    const late = event('MODIFIED', object('b', { version: 4 }));
    const deleted = event('DELETED', object('b', { version: 6 }));
    const world = await start([
      says(
        event('ADDED', object('a', { version: 1 })) + event('ADDED', object('b', { version: 2 })) + bookmark(2, true),
        `${a3}${a5}${a3}${late}${a5}${deleted}${deleted}`,
        event('ADDED', object('b', { version: 7, uid: 'other' })) + deleted + bookmark(8),
      ),
    ]);
    await until(() => expect(world.told).toEqual(['+a@1', '+b@2', '+a@3', '+a@5', '+b@4', '-b@6', '+b@7']));
    expect(world.logged).toEqual([]);
  });

  test('now and then a watch that ends is followed by a full sync, which finds what it has lost', async () => {
    const world = await start(
      [
        saysAndEnds(event('ADDED', object('a', { version: 1 })), bookmark(4, true)),
        says(event('ADDED', object('b', { version: 5 })) + bookmark(9, true)),
      ],
      { fullSyncMs: 0 },
    );
    await until(() => expect(world.told).toEqual(['+a@1', '+b@5', '+b@5', '?a'])); // when it came, and at the end
  });

  test('when it is time for a full sync, the clock that it was given says', async () => {
    let monotonicMs = 0;
    const world = await start(
      [
        (response) => {
          const events = event('ADDED', object('a', { version: 1 })) + bookmark(4, true);
          response.writeHead(200).write(events);
          void until(() => expect(world.reflector.isSynced()).toBe(true)).then(() => {
            monotonicMs = 600_000;
            response.end();
          });
        },
        says(bookmark(9, true)),
      ],
      { clock: { now: systemClock.now, monotonicMs: () => monotonicMs } },
    );
    await until(() => expect(world.told).toEqual(['+a@1', '?a']));
  });

  test('a collection that is not there has no history to go on with: the next session is a full sync', async () => {
    const world = await start([
      saysAndEnds(event('ADDED', object('a', { version: 1 })), bookmark(4, true)),
      answers(404, status(404, 'NotFound')),
      says(bookmark(9, true)),
    ]);
    await until(() => expect(world.told).toEqual(['+a@1', '?a']));
  });

  test('ten thousand events in one go all arrive, in order', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `o${index}`);
    const burst = names.map((name, index) => event('ADDED', object(name, { version: index + 10 }))).join('');
    const world = await start([saysAndEnds(bookmark(4, true)), says(burst)]);
    await until(() => expect(world.told).toHaveLength(10_000));
    expect(world.told).toEqual(names.map((name, index) => `+${name}@${index + 10}`));
  });

  test('a handler that throws is logged and ends nothing', async () => {
    const put = vi.fn<Sink<KubeObject>['put']>(() => {
      throw new Error('bug in the handler');
    });
    const sink = { put, remove: () => {}, forget: () => {} };
    const world = await start(
      [
        says(
          event('ADDED', object('a', { version: 1 })) + event('ADDED', object('b', { version: 2 })) + bookmark(4, true),
        ),
      ],
      { sink },
    );
    await until(() => expect(world.reflector.isSynced()).toBe(true));
    expect(put).toHaveBeenCalledTimes(2);
    expect(world.server.seen).toHaveLength(1);
    expect(world.logged.filter(({ level }) => level === 'error').map(({ fields }) => fields['key'])).toEqual([
      'platform/a',
      'platform/b',
    ]);
  });

  test('something in the stream that is no object is logged and skipped', async () => {
    const world = await start([
      says(event('ADDED', { metadata: null }) + event('ADDED', 7) + event('ADDED', object('a', { version: 1 }))),
    ]);
    await until(() => expect(world.told).toEqual(['+a@1']));
  });
});

describe('pace', () => {
  const paused = (world: World): unknown[] =>
    world.logged.filter(({ message }) => message === 'watch interrupted, will go on').map((l) => l.fields['pauseMs']);

  test('watches that end at once and say nothing are not a hot loop', async () => {
    const world = await start([saysAndEnds('')], { backoff: { firstMs: 1_000_000, maxMs: 2_000_000 } });
    await until(() => expect(paused(world)).toHaveLength(1));
    expect(paused(world)[0]).toBeGreaterThanOrEqual(500_000);
    expect(world.server.seen).toHaveLength(1);
  });

  test('pauses grow up to a limit while nothing succeeds, and start again after a success', async () => {
    const failure = answers(500, status(500, 'InternalError'));
    const lastsAndBreaks: Answer = (response) => {
      response.writeHead(200).write(bookmark(4, true));
      setTimeout(() => response.destroy(), 1_100);
    };
    const failures = Array.from({ length: 8 }, () => failure);
    const world = await start([...failures, lastsAndBreaks, failure], {
      backoff: { firstMs: 2, maxMs: 64 },
    });
    await until(() => expect(paused(world)).toHaveLength(10));
    const [first, eighth, afterBreak, next] = [0, 7, 8, 9].map((index) => paused(world)[index]);
    expect(first).toBeLessThanOrEqual(2);
    expect(eighth).toBeGreaterThanOrEqual(32);
    expect(eighth).toBeLessThanOrEqual(64);
    expect(afterBreak).toBeLessThanOrEqual(2);
    expect(next).toBeLessThanOrEqual(4);
  });

  test('a watch that breaks at once again and again is no success: pauses grow', async () => {
    const breaks = Array.from({ length: 6 }, () => saysAndBreaks(event('ADDED', object('a', { version: 5 }))));
    const world = await start([saysAndBreaks(bookmark(4, true)), ...breaks], { backoff: { firstMs: 2, maxMs: 64 } });
    await until(() => expect(paused(world)).toHaveLength(7));
    expect(paused(world)[6]).toBeGreaterThanOrEqual(32);
  });

  test('pauses and the ends of watches are spread by the random number that it was given', async () => {
    const failure = answers(500, status(500, 'InternalError'));
    for (const [random, pausesMs, seconds] of [
      [0, [4, 8], '300'],
      [1, [8, 16], '600'],
    ] as const) {
      const world = await start([failure, failure], { backoff: { firstMs: 8, maxMs: 64 }, random: () => random });
      await until(() => expect(paused(world)).toEqual(pausesMs));
      expect(world.server.seen[0]?.query.get('timeoutSeconds')).toBe(seconds);
    }
  });

  test('the same failure again and again is one warning; another one is the next', async () => {
    const [no, bad] = [answers(403, status(403, 'Forbidden')), answers(500, status(500, 'InternalError'))];
    const world = await start([no, no, no, bad, bad, no, says(bookmark(4, true))]);
    await until(() => expect(world.reflector.isSynced()).toBe(true));
    const levels = world.logged.filter(({ fields }) => 'pauseMs' in fields).map(({ level }) => level);
    expect(levels).toEqual(['warn', 'debug', 'debug', 'warn', 'debug', 'warn']);
  });

  test("is not earlier than the server's Retry-After", async () => {
    const world = await start([answers(429, status(429, 'TooManyRequests'), { 'retry-after': '7' })], {
      backoff: { firstMs: 2, maxMs: 30_000 },
    });
    await until(() => expect(paused(world)).toEqual([7_000]));
  });
});

describe('end', () => {
  const moments: { name: string; script: Answer[]; options?: Partial<ReflectorOptions<KubeObject>> }[] = [
    { name: 'during a watch', script: [says(bookmark(4, true))] },
    { name: 'before the headers', script: [() => {}] },
    { name: 'in a pause', script: [answers(500, {})], options: { backoff: { firstMs: 1e9, maxMs: 1e9 } } },
  ];
  for (const { name, script, options } of moments) {
    test(`aborted ${name}: resolves, and leaves no listener and no stream`, async () => {
      const world = await start(script, options);
      await until(() => expect(world.server.seen).toHaveLength(1));
      if (name === 'in a pause') await until(() => expect(world.logged).toHaveLength(1));
      world.abort.abort(new Error('the end'));
      await world.running;
      expect(getEventListeners(world.abort.signal, 'abort')).toEqual([]);
      expect(world.server.seen).toHaveLength(1);
      if (name !== 'in a pause') await until(() => expect(world.server.connections().open).toBe(0));
    });
  }
});
