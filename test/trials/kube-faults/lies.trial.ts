import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { lifeIn, minute, trouble } from '../../support/kube-trouble.ts';
import { type Asked, type Lie, refusal, type WatchEvent } from '../../support/lying-proxy.ts';

const oddClock = fileURLToPath(new URL('../../support/odd-clock.ts', import.meta.url));
/** The operator's monotonic clock runs so fast that the ten minutes between full syncs are ten seconds. */
const fast = { NODE_OPTIONS: `--import=${oddClock}`, ODD_CLOCK_SPEED: '60' };
const expired = refusal(410, 'Expired', 'too old resource version');

const ofObjects = ({ path }: { readonly path: string }): boolean => path.endsWith('/registryreplications');
const isResume: NonNullable<Lie['answer']> = (asked) =>
  asked.isWatch && ofObjects(asked) && asked.query.has('resourceVersion') ? expired : undefined;

describe.concurrent('stale reads', () => {
  test('a list from before all objects existed, replayed, makes the operator forget none', async (t) => {
    const world = await trouble(t);
    const { proxy } = world;
    const life = await lifeIn(world);
    let old: readonly WatchEvent[] = [];
    await life.begin();
    // As it was before: a list that ended at the version before the first object.
    const [first] = (await world.cluster.kube.list<{ metadata: { resourceVersion: string } }>(
      world.path('').slice(0, -1),
    )) as readonly WatchEvent['object'][];
    const end = { 'k8s.io/initial-events-end': 'true' };
    const resourceVersion = String(Math.max(1, Number(first?.metadata.resourceVersion) - 500));
    old = [{ type: 'BOOKMARK', object: { metadata: { resourceVersion, annotations: end } } } as WatchEvent];
    let replayed = 0;
    proxy.lie({
      answer: (asked) => (replayed === 0 ? isResume(asked) : undefined),
      stream: (asked) =>
        asked.query.has('sendInitialEvents') && ofObjects(asked) && replayed++ === 0 ? old : undefined,
    });
    proxy.endWatches('break');
    await vi.waitFor(() => expect(replayed).toBeGreaterThan(0), minute);
    await life.upset();
    await life.untilTrue();
    await world.untilSound();
  });

  test('every object as it was at first, replayed as the answer to each read, is not acted upon', async (t) => {
    const world = await trouble(t);
    const { proxy } = world;
    const life = await lifeIn(world);
    await life.begin();
    const recorded: WatchEvent[] = [];
    proxy.lie({
      event: (event, { query }) => (query.has('sendInitialEvents') && recorded.push(event), [event]),
      answer: isResume,
    });
    proxy.endWatches('break');
    await vi.waitFor(() => expect(recorded.at(-1)?.type).toBe('BOOKMARK'), minute);
    const old = [...recorded];
    proxy.lie();
    await life.upset();
    await life.untilTrue();
    const before = await world.writes();
    let replayed = 0;
    proxy.lie({
      answer: (asked) => (replayed < 3 ? isResume(asked) : undefined),
      stream: (asked) => (asked.query.has('sendInitialEvents') && replayed++ < 2 ? old : undefined),
    });
    proxy.endWatches('break');
    await vi.waitFor(() => expect(replayed).toBeGreaterThan(2), minute);
    proxy.lie();
    await life.untilTrue();
    expect(await world.writes()).toEqual(before);
    await world.untilSound();
  });
});

describe.concurrent('watch events', () => {
  test('lost, all of them, are made up for by the full sync', async (t) => {
    const world = await trouble(t, { env: fast });
    const { proxy } = world;
    const life = await lifeIn(world);
    await life.begin();
    let lost = 0;
    proxy.lie({
      event: (event) => {
        if (event.type === 'BOOKMARK') return [event];
        lost++;
        return [];
      },
    });
    await life.upset();
    await vi.waitFor(() => expect(lost).toBeGreaterThan(3), minute);
    proxy.lie();
    // As a server does every five to ten minutes.
    const ends = setInterval(() => proxy.endWatches(), 6_000);
    t.onTestFinished(() => clearInterval(ends));
    await life.untilTrue();
    await world.untilSound();
  });

  test('repeated, each with all before it, repeat nothing', async (t) => {
    const world = await trouble(t);
    const life = await lifeIn(world);
    const said: WatchEvent[] = [];
    world.proxy.lie({
      event: (event, { query }) => {
        if (query.has('sendInitialEvents') && said.length === 0 && event.type === 'BOOKMARK') return [event];
        said.push(event);
        return [...said, event];
      },
    });
    await life.begin();
    await life.upset();
    await life.untilTrue();
    await world.untilSound();
  });

  test('in the wrong order do nothing wrong', async (t) => {
    const world = await trouble(t);
    const life = await lifeIn(world);
    let held: WatchEvent | undefined;
    const complete = new Set<Asked>();
    world.proxy.lie({
      event: (event, asked) => {
        if (event.type === 'BOOKMARK') complete.add(asked);
        // A list that is complete and lacks an object would be another lie.
        const isList = asked.query.has('sendInitialEvents') && !complete.has(asked);
        if (event.type === 'BOOKMARK' || isList) return [event];
        const out = held === undefined ? [] : [event, held];
        held = held === undefined ? event : undefined;
        return out;
      },
    });
    await life.begin();
    await life.upset();
    await delay(3_000); // what is held back comes with the next event, or with the next watch
    world.proxy.lie();
    world.proxy.endWatches('break');
    await life.untilTrue();
    await world.untilSound();
  });
});

describe.concurrent('410 Gone', () => {
  for (const how of ['as HTTP status', 'as event'] as const) {
    test(`to every watch that resumes, ${how}, for a while`, async (t) => {
      const world = await trouble(t);
      const life = await lifeIn(world);
      await life.begin();
      let refused = 0;
      const error = { type: 'ERROR', object: expired.body } as unknown as WatchEvent;
      world.proxy.lie(
        how === 'as event'
          ? { stream: (asked) => (isResume(asked) && ++refused ? [error] : undefined) }
          : { answer: (asked) => isResume(asked) && (++refused, expired) },
      );
      world.proxy.endWatches('break');
      await life.upset();
      const breaks = setInterval(() => world.proxy.endWatches('break'), 1_000);
      t.onTestFinished(() => clearInterval(breaks));
      await vi.waitFor(() => expect(refused).toBeGreaterThan(2), minute);
      clearInterval(breaks);
      await life.untilTrue();
      await world.untilSound();
    });
  }

  test('to the continuation of the first list, before anything was seen', async (t) => {
    const world = await trouble(t);
    const life = await lifeIn(world);
    let continued = 0;
    world.proxy.lie({
      answer: (asked) => {
        if (!ofObjects(asked)) return undefined;
        if (asked.query.has('sendInitialEvents')) return refusal(422, 'Invalid', 'sendInitialEvents: Forbidden');
        return asked.query.has('continue') && ++continued < 3 ? expired : undefined;
      },
      ask: ({ query }) => {
        const smaller = new URLSearchParams(query);
        if (query.get('limit') === '500') smaller.set('limit', '1');
        return smaller;
      },
    });
    await life.begin();
    const restarted = await world.start();
    await world.operator.kill();
    await vi.waitFor(() => expect(continued).toBeGreaterThan(2), minute);
    await life.upset();
    await life.untilTrue();
    expect(restarted.log().filter(({ message }) => /unhandled|failed/.test(message))).toEqual([]);
  });
});

describe.concurrent('a connection that stays open', () => {
  test('and over which nothing comes any more is given up, and what came meanwhile is found', async (t) => {
    const world = await trouble(t);
    const life = await lifeIn(world);
    await life.begin();
    const flow = world.proxy.stall();
    await life.upset();
    const silent = () =>
      world.operator.log().some(({ error }) => JSON.stringify(error ?? '').includes('silent for 90 s'));
    await vi.waitFor(() => expect(silent()).toBe(true), { timeout: 120_000, interval: 500 });
    flow();
    world.proxy.lie();
    await life.untilTrue();
    await world.untilSound();
  });
});

describe.concurrent('conflicts', () => {
  test('on every write for a while hold the work up and repeat none of it', async (t) => {
    const world = await trouble(t);
    const life = await lifeIn(world);
    await life.begin();
    let refused = 0;
    const conflict = refusal(
      409,
      'Conflict',
      'the object has been modified; please apply your changes to the latest version',
    );
    const isWrite = (method: string, path: string) =>
      method === 'PATCH' || (method === 'PUT' && path.includes('/registryreplications/'));
    world.proxy.lie({ answer: ({ method, path }) => (isWrite(method, path) ? (refused++, conflict) : undefined) });
    await life.upset();
    await vi.waitFor(() => expect(refused).toBeGreaterThan(8), minute);
    world.proxy.lie();
    await life.untilTrue();
    await world.untilSound();
  });

  test('with somebody who edits the labels without pause are won in the end, and Azure notices nothing', async (t) => {
    const world = await trouble(t);
    const life = await lifeIn(world);
    let edits = 0;
    const editing = new AbortController();
    t.onTestFinished(async () => editing.abort());
    const edit = async (name: string): Promise<void> => {
      while (!editing.signal.aborted) {
        const patch = { metadata: { labels: { edit: String(edits++) } } };
        await world.cluster.kube.patch(world.path(name), patch).catch(() => delay(20));
      }
    };
    const running = ['keeps', 'goesaway', 'again'].map(edit);
    await life.begin();
    await life.upset();
    await life.untilTrue();
    editing.abort();
    await Promise.all(running);
    expect(edits).toBeGreaterThan(100);
    await world.untilSound();
  });
});
