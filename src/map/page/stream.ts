import type { Clock } from '../../time/clock.ts';
import type { FleetEvent } from './fleet.ts';

/** Pauses before the next try, in milliseconds; the last one is kept. Short, as all there is to reach is one server. */
const pausesMs = [300, 1_000, 2_000, 4_000] as const;
/** Changes are gathered for so long before they are shown: a fleet that moves is drawn 20 times a second at most. */
const gatheredMs = 50;

/**
 * Follows the server's stream for as long as the page is open, and begins anew whenever it breaks. `on` is given what has
 * come since the last call.
 */
export function followStream(on: (events: readonly FleetEvent[]) => void, clock: Clock): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let tries = 0;
  let gathered: FleetEvent[] = [];

  const gather = (event: FleetEvent): void => {
    gathered.push(event);
    if (gathered.length > 1) return;
    setTimeout(() => {
      const events = gathered;
      gathered = [];
      on(events);
    }, gatheredMs);
  };

  const open = (): void => {
    const stream = new EventSource('/api/stream');
    source = stream;
    const hear = (name: string, toEvent: (data: never) => FleetEvent): void =>
      stream.addEventListener(name, ({ data }: MessageEvent<string>) => gather(toEvent(JSON.parse(data) as never)));
    hear('hello', (hello) => ({ kind: 'hello', hello }));
    hear('objects', (objects) => ({ kind: 'objects', objects }));
    hear('gone', (keys) => ({ kind: 'gone', keys }));
    hear('trouble', (trouble) => ({ kind: 'trouble', trouble }));
    stream.addEventListener('hello', () => {
      tries = 0;
    });
    stream.addEventListener('synced', () => gather({ kind: 'synced' }));
    stream.addEventListener('error', () => {
      stream.close();
      gather({ kind: 'lost', at: clock.now() });
      again();
    });
  };

  const again = (): void => {
    clearTimeout(timer);
    timer = setTimeout(open, pausesMs[Math.min(tries, pausesMs.length - 1)]);
    tries += 1;
  };

  const retryNow = (): void => {
    if (source?.readyState !== EventSource.CLOSED) return;
    clearTimeout(timer);
    open();
  };
  addEventListener('online', retryNow);
  open();
  return () => {
    removeEventListener('online', retryNow);
    clearTimeout(timer);
    source?.close();
  };
}
