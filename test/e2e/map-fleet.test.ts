import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { comeIn } from '../support/map-page.ts';
import { startStaged } from '../support/staged-program.ts';

const startMap = (...flags: readonly string[]) => startStaged('test/sandbox/map/main.ts', ...flags);
const soon = { timeout: 60_000, interval: 50 };

// One after the other: each has an API server of its own.
describe('npm run map', { concurrent: false, timeout: 300_000 }, () => {
  test('shows forty registries whose states move, and ends with Ctrl-C, leaving nothing behind', async () => {
    const started = performance.now();
    const show = await startMap();
    await show.until(/\S/);
    expect(performance.now() - started).toBeLessThan(3_000); // a second, where nothing else runs
    const [link] = await show.until(/http:\/\/127\.0\.0\.1:\d+\/\S+/);
    const states = new Set<string>();
    const page = await comeIn(link, {
      onObject: ({ replicas }) => replicas.forEach(({ state }) => states.add(state)),
    });
    await expect.poll(page.isSynced, soon).toBe(true);
    expect(page.objects.size).toBe(40);
    expect(page.hello()).toMatchObject({ host: 'plugin', nodes: { eastus: 2, southeastasia: 2, westeurope: 3 } });
    await expect.poll(() => [...states], soon).toEqual(expect.arrayContaining(['ready', 'creating', 'syncing']));
    const before = new Map([...page.objects].map(([key, { version }]) => [key, version]));
    const moved = () => [...page.objects].filter(([key, { version }]) => before.get(key) !== version).length;
    await expect.poll(moved, soon).toBeGreaterThan(3);

    show.signal('SIGINT');
    await delay(30);
    show.signal('SIGINT');
    expect([130, 'SIGINT'], show.text()).toContain(await show.ended);
    await page.ended;
    expect(show.text()).toMatch(/\nStopped\. No process, port or temporary folder is left behind\.\n$/);
    expect(show.text()).not.toMatch(/error|✗|0\.0\.0\.0/i);
    expect(await show.leftovers()).toEqual([]);
  });

  test('when the operator dies it fails and shows what the operator said last', async () => {
    const show = await startMap();
    const [, pid] = await show.until(/operator, process (\d+)[^]*http:\/\/127/);
    process.kill(Number(pid), 'SIGKILL');
    expect(await show.ended).toBe(1);
    expect(show.text()).toMatch(/✗ the operator ended by itself: SIGKILL[^]*The operator said last:/);
    expect(await show.leftovers()).toEqual([]);
  });

  test('--help tells what it is, and a wrong flag is named, with exit code 2', async () => {
    const helped = await startMap('--help');
    expect(await helped.ended).toBe(0);
    expect(helped.text()).toMatch(/forty registries[^]*Usage: npm run map/);
    const wrong = await startMap('--once');
    expect(await wrong.ended).toBe(2);
    expect(wrong.text()).toMatch(/'--once'[^]*Usage: npm run map/);
  });
});
