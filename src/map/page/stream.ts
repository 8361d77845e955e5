import type { Clock } from '../../time/clock.ts';
import { eventReader, type ServerEvent } from './event-stream.ts';
import type { FleetEvent } from './fleet.ts';
import { Refused, refusalIn } from './requests.ts';

/** Pauses before the next try, in milliseconds; the last one is kept. Short, as all there is to reach is one server. */
const pausesMs = [300, 1_000, 2_000, 4_000] as const;
/** Changes are gathered for so long before they are shown: a fleet that moves is drawn 20 times a second at most. */
const gatheredMs = 50;
/** A server that says nothing for so long is gone: it sends a comment every 15 seconds. */
const silenceMs = 40_000;

const readers: Readonly<Record<string, (data: never) => FleetEvent>> = {
  hello: (hello) => ({ kind: 'hello', hello }),
  objects: (objects) => ({ kind: 'objects', objects }),
  gone: (keys) => ({ kind: 'gone', keys }),
  synced: () => ({ kind: 'synced' }),
  trouble: (trouble) => ({ kind: 'trouble', trouble }),
};

/**
 * Follows the server's stream for as long as the page is open, and begins anew whenever it breaks. `on` is given what has
 * come since the last call. Read with fetch, because an EventSource tells neither why it was refused nor that a
 * connection has gone silent.
 */
export function followStream(on: (events: readonly FleetEvent[]) => void, clock: Clock): () => void {
  const stopped = new AbortController();
  let gathered: FleetEvent[] = [];
  let tries = 0;
  let wake: (() => void) | undefined;

  const gather = (event: FleetEvent): void => {
    gathered.push(event);
    if (gathered.length > 1) return;
    setTimeout(() => {
      const events = gathered;
      gathered = [];
      if (!stopped.signal.aborted) on(events);
    }, gatheredMs);
  };

  const take = ({ name, data }: ServerEvent): void => {
    const reader = readers[name];
    if (reader === undefined) return;
    if (name === 'hello') tries = 0;
    gather(reader((data === '' ? null : JSON.parse(data)) as never));
  };

  async function followOnce(): Promise<void> {
    const silent = new AbortController();
    let timer = setTimeout(() => silent.abort(), silenceMs);
    try {
      const signal = AbortSignal.any([stopped.signal, silent.signal]);
      const response = await fetch('/api/stream', { signal, headers: { accept: 'text/event-stream' } });
      if (!response.ok) throw new Refused(refusalIn(await response.text()) ?? { error: String(response.status) });
      const pieces = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      const read = eventReader();
      for (let piece = await pieces?.read(); piece !== undefined && !piece.done; piece = await pieces?.read()) {
        clearTimeout(timer);
        timer = setTimeout(() => silent.abort(), silenceMs);
        for (const event of read(piece.value)) take(event);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async function follow(): Promise<void> {
    while (!stopped.signal.aborted) {
      const refusal = await followOnce().then(
        () => undefined,
        (error: unknown) => (error instanceof Refused ? error : undefined),
      );
      gather({ kind: 'lost', at: clock.now(), ...(refusal === undefined ? {} : { refusal }) });
      const pauseMs = pausesMs[Math.min(tries, pausesMs.length - 1)];
      tries += 1;
      await new Promise<void>((done) => {
        wake = done;
        setTimeout(done, pauseMs);
      });
    }
  }

  const retryNow = (): void => wake?.();
  addEventListener('online', retryNow);
  void follow();
  return () => {
    removeEventListener('online', retryNow);
    stopped.abort();
  };
}
