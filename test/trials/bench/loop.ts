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
      figure('restartLoopMs', 'event loop blocked while restarting, at most', 'ms'),
      figure('restScrapeMs', 'scrape in rest, median', 'ms'),
      figure('restScrapeMaxMs', '… slowest', 'ms'),
      figure('restLoopMs', 'event loop blocked in rest, at most', 'ms'),
      figure('scrapeKiB', 'size of a scrape, in KiB', ''),
    ],
    results: await inTurn(lab, { runs, what }, (entrant) => loopOf(lab, entrant, objects)),
    legend: [
      `A scrape every ${everyMs} ms until all were looked at after a restart, and ${scrapesInRest} in rest: from the request to the`,
      'last byte. Event loop: nodejs_eventloop_lag_max_seconds, which is about the time since the scrape before.',
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
    await scrape(operator.metricsUrl); // which tells of all that was before
    const rest = await scrapesWhile(operator.metricsUrl, async () => --left > 0);
    const last = rest.at(-1);
    return {
      restartScrapeMs: median(restarting.map(({ ms }) => ms)),
      restartScrapeMaxMs: Math.max(...restarting.map(({ ms }) => ms)),
      restartLoopMs: Math.max(...restarting.map(({ text }) => longestDelayMs(text))),
      restScrapeMs: median(rest.map(({ ms }) => ms)),
      restScrapeMaxMs: Math.max(...rest.map(({ ms }) => ms)),
      restLoopMs: Math.max(...rest.map(({ text }) => longestDelayMs(text))),
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

/** How long the event loop was blocked at most since the scrape before, in milliseconds; NaN where it is not told. */
export function longestDelayMs(metrics: string): number {
  return Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(metrics)?.[1] ?? 'NaN') * 1_000;
}
