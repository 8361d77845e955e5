import type { Writable } from 'node:stream';
import type { Key } from '../domain/key.ts';
import type { SeenObjects } from '../ports/store.ts';
import type { Clock } from '../time/clock.ts';
import { Roll, Slots } from './roll.ts';
import { sceneOf } from './scene.ts';
import type { Hello, Trouble } from './wire.ts';

/** Where the map's objects come from: all that may be shown, and nothing else. */
export interface Scenery {
  readonly objects: Pick<SeenObjects, 'get' | 'keys' | 'onChange'>;
  /** Whether all objects have been told once. */
  readonly isSynced: () => boolean;
  /** Why nothing is heard of the API server at the moment; undefined: it is heard. */
  readonly trouble: () => string | undefined;
}

export interface AudienceOptions extends Scenery {
  readonly hello: () => Hello;
  readonly clock: Clock;
}

/** The open pages, which are told of every change. */
export interface Audience {
  /** Tells a page, whose headers were sent, of all that there is and will be. */
  join(response: Writable): void;
  readonly size: () => number;
  /** Ends all streams. */
  close(): void;
}

/** How long changes are gathered before they are told. */
const gatherMs = 200;
/** How often it is looked whether something else is to be told. */
const tickMs = 1_000;
/** A stream in which nothing was said for so long gets a comment, or proxies would take it for dead. */
const heartbeatMs = 15_000;
/** A page that takes nothing for so long is cut; if it lives it comes back, and starts anew. */
const stalledMs = 60_000;
/** How many characters are given to all pages in step at once. The rest is told when they have taken them. */
const sharedCharacters = 48 * 1024;
/** How long pages in step are waited for before the rest is told without those that have not taken all. */
const patienceMs = 500;
/** How often it is looked whether they have. */
const restMs = 20;
/** How many characters are given at once to a page that is not in step. The rest waits as a bit for each object. */
const ownCharacters = 16 * 1024;
/** So many pages at once get text that is made for them alone; a page that has not taken its own after `ownMs` is not counted. */
const mostOwn = 32;
const ownMs = 1_000;
/** Of how many characters of JSON it is known for all pages; that of further objects is made anew for each. */
const keptCharacters = 16 * 1024 * 1024;
/** How many pages are given something before other work has its turn: a piece takes about 0.1 ms. */
const pagesAtOnce = 16;
/** So many numbers of objects that are gone are no burden. */
const idleSlots = 1_000;

const heartbeat = Buffer.from(': \n\n');

interface Page {
  readonly response: Writable;
  /** What is to be told: at first everything. */
  owed: Slots;
  /** Whether it takes what was given to it last. It is given nothing more meanwhile. */
  isTaking: boolean;
  /** Whether what it takes was made for it alone, and counts as that. */
  hasOwn: boolean;
  isSynced: boolean;
  /** The trouble that it was told of. */
  trouble: string | undefined;
  lastMs: number;
}

/**
 * One page costs its connection, a bit for each object, and at most one piece of text on its way. Changes are gathered,
 * and pages that have taken everything before get the same bytes; others get them when they can, and only some at once:
 * five hundred pages that are given text of their own at once would take the memory of a thousand objects.
 */
export function createAudience({ objects, isSynced, trouble, hello, clock }: AudienceOptions): Audience {
  const pages = new Set<Page>();
  const kept = new Map<Key, string>();
  const changed = new Set<Key>();
  let keptSize = 0;
  let roll = new Roll();
  let gathering: NodeJS.Timeout | undefined;
  /** Pages that wait for their turn to be given text of their own, in this order. */
  const queue = new Set<Page>();
  let owning = 0;
  /** Pages that take what was shared last. */
  let sharing = new Set<Page>();
  let sharedMs = 0;
  let ticking: NodeJS.Timeout | undefined;
  /** Pages that may be given the next piece, in their order. */
  const due = new Set<Page>();
  let serving: NodeJS.Immediate | undefined;

  objects.onChange((key) => {
    if (pages.size === 0) return;
    forget(key);
    changed.add(key);
    gathering ??= setTimeout(tellChanges, gatherMs);
  });

  function forget(key: Key): void {
    keptSize -= kept.get(key)?.length ?? 0;
    kept.delete(key);
  }

  /** The object's JSON; undefined when it is gone. */
  function jsonOf(key: Key): string | undefined {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const object = objects.get(key);
    if (object === undefined) return undefined;
    const json = JSON.stringify(sceneOf(object));
    if (keptSize + json.length <= keptCharacters) {
      kept.set(key, json);
      keptSize += json.length;
    }
    return json;
  }

  /** The events that tell of the next objects, until they fill a piece of so many characters. */
  function textOf(next: () => Key | undefined, most: number): string {
    const here: string[] = [];
    const gone: string[] = [];
    let size = 0;
    while (size < most) {
      const key = next();
      if (key === undefined) break;
      const json = jsonOf(key);
      if (json === undefined) gone.push(JSON.stringify(key));
      else here.push(json);
      size += (json ?? key).length;
    }
    return `${listed('objects', here)}${listed('gone', gone)}`;
  }

  function tellChanges(): void {
    gathering = undefined;
    const isWaitedFor = clock.monotonicMs() - sharedMs < patienceMs && [...sharing].some(({ isTaking }) => isTaking);
    if (!isWaitedFor) tellPiece();
    if (changed.size > 0) gathering = setTimeout(tellChanges, restMs);
    else tidy();
  }

  /** Tells as many changes as fill a piece: those in step at once, the others when they can. */
  function tellPiece(): void {
    const keys: Key[] = [];
    const waiting = changed.values();
    const text = textOf(() => {
      const key = waiting.next().value;
      if (key !== undefined) keys.push(key);
      return key;
    }, sharedCharacters);
    for (const key of keys) changed.delete(key);
    const slots = keys.map((key) => roll.slotOf(key));
    const shared = Buffer.from(text);
    sharing = new Set([...pages].filter(isInStep));
    sharedMs = clock.monotonicMs();
    for (const page of pages) {
      if (sharing.has(page)) {
        send(page, shared);
        continue;
      }
      for (const slot of slots) page.owed.add(slot);
      ask(page);
    }
  }

  function isInStep(page: Page): boolean {
    return page.isSynced && !page.isTaking && page.owed.size === 0;
  }

  /** Numbers the objects anew when most numbers are of those that are gone, and nobody is to be told of any. */
  function tidy(): void {
    const isIdle = [...pages].every(({ owed }) => owed.size === 0);
    if (roll.size <= idleSlots || !isIdle) return;
    const live = [...objects.keys()];
    if (roll.size <= 2 * live.length) return;
    roll = rollOf(live);
    for (const page of pages) page.owed = new Slots();
  }

  function send(page: Page, bytes: Buffer): void {
    page.isTaking = true;
    page.lastMs = clock.monotonicMs();
    page.response.write(bytes, (error) => {
      if (error) return; // the page is gone
      page.isTaking = false;
      disown(page);
      if (!isInStep(page)) ask(page);
    });
  }

  /** What the page takes does not count any more: it is another one's turn. */
  function disown(page: Page): void {
    if (!page.hasOwn) return;
    page.hasOwn = false;
    owning -= 1;
    const [next] = queue;
    if (next === undefined) return;
    queue.delete(next);
    ask(next);
  }

  function ask(page: Page): void {
    due.add(page);
    serving ??= setImmediate(serveSome);
  }

  function serveSome(): void {
    serving = undefined;
    let served = 0;
    for (const page of due) {
      due.delete(page);
      goOn(page);
      served += 1;
      if (served === pagesAtOnce) break;
    }
    if (due.size > 0) serving = setImmediate(serveSome);
  }

  /** Gives the page the next piece of what it is owed, unless it has not taken the last one. */
  function goOn(page: Page): void {
    if (page.isTaking || !pages.has(page)) return;
    const text = nextFor(page);
    if (text !== '') send(page, Buffer.from(text));
  }

  function nextFor(page: Page): string {
    const why = trouble();
    if (page.trouble !== why) {
      page.trouble = why;
      return eventOf('trouble', JSON.stringify({ why: why ?? null } satisfies Trouble));
    }
    if (page.owed.size > 0) {
      if (owning >= mostOwn) {
        queue.add(page);
        return '';
      }
      owning += 1;
      page.hasOwn = true;
      return textOf(() => {
        const slot = page.owed.take();
        return slot === undefined ? undefined : roll.keyAt(slot);
      }, ownCharacters);
    }
    if (page.isSynced || !isSynced()) return '';
    page.isSynced = true;
    return eventOf('synced', 'null');
  }

  function tick(): void {
    const nowMs = clock.monotonicMs();
    for (const page of pages) {
      const quietMs = nowMs - page.lastMs;
      if (page.isTaking && quietMs > ownMs) disown(page);
      if (page.isTaking && quietMs > stalledMs) page.response.destroy();
      goOn(page);
      if (!page.isTaking && quietMs >= heartbeatMs) send(page, heartbeat);
    }
  }

  function leave(page: Page): void {
    pages.delete(page);
    due.delete(page);
    queue.delete(page);
    sharing.delete(page);
    disown(page);
    if (pages.size > 0) return;
    clearInterval(ticking);
    clearTimeout(gathering);
    [ticking, gathering] = [undefined, undefined];
    changed.clear();
    kept.clear();
    keptSize = 0;
    roll = new Roll();
  }

  return {
    join(response) {
      if (pages.size === 0) roll = rollOf(objects.keys());
      const owed = new Slots();
      for (let slot = 0; slot < roll.size; slot += 1) owed.add(slot);
      const page: Page = {
        response,
        owed,
        isTaking: false,
        hasOwn: false,
        isSynced: false,
        trouble: undefined,
        lastMs: 0,
      };
      pages.add(page);
      ticking ??= setInterval(tick, tickMs);
      response.once('close', () => leave(page)).on('error', () => response.destroy());
      send(page, Buffer.from(`retry: 1000\n${eventOf('hello', JSON.stringify(hello()))}`));
    },
    size: () => pages.size,
    close() {
      for (const { response } of pages) response.end();
    },
  };
}

function rollOf(keys: Iterable<Key>): Roll {
  const roll = new Roll();
  for (const key of keys) roll.slotOf(key);
  return roll;
}

function listed(name: string, items: readonly string[]): string {
  return items.length === 0 ? '' : eventOf(name, `[${items.join()}]`);
}

/** A server-sent event; `json` is one line. */
function eventOf(name: string, json: string): string {
  return `event: ${name}\ndata: ${json}\n\n`;
}
