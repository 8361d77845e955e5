import { setTimeout as delay } from 'node:timers/promises';
import { firstLooks, forget, looks } from './fleet.ts';
import { type Entrant, type Lab, start, until } from './lab.ts';
import { figure, inTurn, type Sample, type Section } from './section.ts';
import { median } from './statistics.ts';

const everyMs = 500;
const scrapesInRest = 20;

/** How long the operator keeps others waiting: a scrape, and its event loop by its own metric. */
export async function measureLoop(lab: Lab, objects: number, runs: number): Promise<Section> {
  const what = `event loop and scrapes at ${objects} objects`;
  return {
    id: `loop.${objects}`,
    title: `Event loop and scrape at ${objects.toLocaleString('en')} objects`,
    figures: [
      figure('restartScrapeMs', 'scrape while restarting, median', 'ms'),
      figure('restartScrapeMaxMs', '… slowest', 'ms'),
      figure('restartLoopMs', 'longest delay of the event loop until then', 'ms'),
      figure('restScrapeMs', 'scrape in rest, median', 'ms'),
      figure('restScrapeMaxMs', '… slowest', 'ms'),
      figure('restLoopMs', 'longest delay of the event loop in rest', 'ms'),
      figure('scrapeKiB', 'size of a scrape, in KiB', ''),
    ],
    results: await inTurn(lab, { runs, what }, (entrant) => loopOf(lab, entrant, objects)),
    legend: [
      `A scrape every ${everyMs} ms until all were looked at after a restart, and ${scrapesInRest} in rest after it: from the request to the last`,
      'byte. Event loop: what the operator says of itself in the last scrape of each part, where it says it.',
    ],
  };
}

async function loopOf(lab: Lab, entrant: Entrant, objects: number): Promise<Sample> {
  const { control } = lab.azure;
  await forget(control);
  const operator = await start(lab, entrant, { run: 'loop' });
  const running = [operator];
  try {
    const ready = () => scrape(operator.metricsUrl).catch(() => undefined);
    await until(ready, { what: 'metrics', deadlineMs: 60_000, running });
    const restarting = await scrapesWhile(operator.metricsUrl, async () => {
      operator.mustRun();
      return (await looks(control)) < objects || (await firstLooks(control)).size < objects;
    });
    await delay(2_000);
    let left = scrapesInRest;
    const before = await scrape(operator.metricsUrl);
    const rest = await scrapesWhile(operator.metricsUrl, async () => --left > 0);
    const last = rest.at(-1);
    return {
      restartScrapeMs: median(restarting.map(({ ms }) => ms)),
      restartScrapeMaxMs: Math.max(...restarting.map(({ ms }) => ms)),
      restartLoopMs: longestDelayMs(restarting.at(-1)?.text ?? ''),
      restScrapeMs: median(rest.map(({ ms }) => ms)),
      restScrapeMaxMs: Math.max(...rest.map(({ ms }) => ms)),
      restLoopMs: longestDelayMs(last?.text ?? '', before.text),
      scrapeKiB: (last?.text.length ?? 0) / 1_024,
    };
  } finally {
    await operator.stop();
  }
}

interface Scrape {
  readonly ms: number;
  readonly text: string;
}

async function scrapesWhile(url: string, goesOn: () => Promise<boolean>): Promise<readonly Scrape[]> {
  const scrapes: Scrape[] = [];
  do {
    scrapes.push(await scrape(url));
    await delay(everyMs);
  } while (await goesOn());
  return scrapes;
}

async function scrape(url: string): Promise<Scrape> {
  const began = performance.now();
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return { ms: performance.now() - began, text };
}

/**
 * The longest delay of the event loop in the metrics' text, in milliseconds: a gauge's value, or the upper bound of the
 * highest bucket into which something has come since `before`. NaN where there is none.
 */
export function longestDelayMs(text: string, before = ''): number {
  const buckets = bucketsOf(text).map(({ bound, count }) => {
    const earlier = bucketsOf(before).find((one) => one.bound === bound)?.count ?? 0;
    return { bound, count: count - earlier };
  });
  const all = buckets.at(-1)?.count ?? 0;
  const highest = buckets.find(({ count }) => count === all);
  if (highest !== undefined) return all === 0 ? 0 : highest.bound * 1_000;
  const gauge = /^acr_replication_event_loop_delay\w*_seconds(?:\{[^}]*\})? (\S+)$/m.exec(text)?.[1];
  return Number(gauge ?? 'NaN') * 1_000;
}

function bucketsOf(text: string): readonly { readonly bound: number; readonly count: number }[] {
  const lines = text.matchAll(/^acr_replication_event_loop_delay\w*_bucket\{[^}]*le="([^"]+)"[^}]*\} (\S+)$/gm);
  return [...lines].map(([, bound, count]) => ({
    bound: bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound),
    count: Number(count),
  }));
}
