/**
 * So many pages that follow the map, in a process of their own: `node pages.ts ORIGIN COUNT`. Prints a line of JSON each
 * second until it is killed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type MapPage, openMapPage } from '../../support/map-page.ts';

/** What each line tells. */
export interface PagesLine {
  readonly open: number;
  /** How many streams the server has ended, or refused. */
  readonly lost: number;
  /** Bytes that came to all pages, and those to the one that got the fewest. */
  readonly bytes: number;
  readonly fewestBytes: number;
}

const atOnce = 20;

if (import.meta.main) {
  const [origin = '', count = '0'] = process.argv.slice(2);
  const pages: MapPage[] = [];
  let lost = 0;
  const open = async (): Promise<void> => {
    try {
      const page = await openMapPage(origin, { isIdle: true });
      pages.push(page);
      void page.ended.then(() => (lost += 1));
    } catch {
      lost += 1;
    }
  };
  for (let begun = 0; begun < Number(count); begun += atOnce)
    await Promise.all(Array.from({ length: Math.min(atOnce, Number(count) - begun) }, open));
  for (;;) {
    const bytes = pages.map((page) => page.bytes());
    const line: PagesLine = {
      open: pages.length - lost,
      lost,
      bytes: bytes.reduce((sum, one) => sum + one, 0),
      fewestBytes: Math.min(...bytes),
    };
    console.log(JSON.stringify(line));
    await delay(1_000);
  }
}
