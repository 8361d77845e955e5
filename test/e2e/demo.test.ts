import { existsSync, mkdtempSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { comeIn } from '../support/map-page.ts';
import { atTerminal, hasPseudoTerminals } from '../support/pseudo-terminal.ts';
import { processesMarked, startStaged, startStagedIn } from '../support/staged-program.ts';

const startDemo = (...flags: readonly string[]) => startStaged('test/sandbox/demo/main.ts', ...flags);

/** A demo in a terminal of that width, with its own folder for what is temporary: a short path, as a real one has. */
function demoAt(columns: number) {
  const folder = mkdtempSync('/tmp/d');
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const words = [process.execPath, 'start.mjs', 'test/sandbox/demo/main.ts'];
  return { folder, sitting: atTerminal(words, { columns, rows: 40 }, { TMPDIR: folder }) };
}

/** What the map of a demo shows, from its first minute to its end: `japaneast creating`. Filled as it goes. */
async function seenOnMap(demo: Awaited<ReturnType<typeof startDemo>>): Promise<ReadonlySet<string>> {
  const [, link = ''] = await demo.until(/The map: (http:\S+)/);
  const seen = new Set<string>();
  await comeIn(link, {
    onObject: ({ replicas }) => replicas.forEach(({ region, state }) => seen.add(`${region} ${state}`)),
  });
  return seen;
}

// One after the other: each has an API server of its own.
describe('npm run demo', { concurrent: false, timeout: 300_000 }, () => {
  test('two at once, one of them with --map, each show the whole job, mend the drift and leave nothing behind', async () => {
    const demos = await Promise.all([startDemo('--once'), startDemo('--once', '--map')]);
    const seen = await seenOnMap(demos[1]);
    for (const demo of demos) {
      expect(await demo.ended, demo.text()).toBe(0);
      const [applied = '', edited = '', drifted = ''] = demo.text().split(/^(?=Edit the set|Delete westeurope)/m);
      expect(applied).toMatch(/^NAME +REGISTRY +REGIONS +STATUS +REASON +AGE$/m);
      expect(applied).toMatch(/^contoso +contoso +0\/3 +Syncing +Creating +\d+s$/m);
      for (const part of [applied, edited, drifted]) expect(part).toMatch(/^contoso +contoso +3\/3 +Ready +InSync/m);
      expect(edited).toMatch(/^ {2}uksouth +Creating$[^]*^ {2}brazilsouth +Deleting +Ready$[^]*brazilsouth +gone$/m);
      expect(drifted).toMatch(/^contoso +contoso +2\/3 +Syncing +Creating[^]*^ {2}westeurope +Creating$/m);
      for (const part of [edited, drifted])
        expect(listing(part)).toEqual(['eastus', 'japaneast', 'uksouth', 'westeurope']);
      expect(demo.text()).not.toContain('\x1b');
      expect(await demo.leftovers()).toEqual([]);
    }
    expect(demos[1].text()).toMatch(/The map: [^]*Apply deploy\/samples/); // served before anything happens
    const story = 'japaneast creating,uksouth creating,uksouth ready,brazilsouth deleting,westeurope ready'.split(',');
    expect([...seen]).toEqual(expect.arrayContaining(story));
  });

  test('at 60, 80 and 120 columns nothing is wider, no path is broken, and it shows the plugin', async ({ skip }) => {
    skip(!hasPseudoTerminals, 'there is no `script` here');
    const sittings = [60, 80, 120].map((columns) => ({ columns, ...demoAt(columns) }));
    for (const { columns, sitting, folder } of sittings) {
      await vi.waitFor(() => expect(sitting.text()).toMatch(/^Metrics +http/m), { timeout: 200_000, interval: 200 });
      const lines = sitting.text().split('\n');
      // The link of the map cannot be shorter.
      const wide = lines.filter((line) => line.length > columns && !/^ *http:\S+$/.test(line));
      expect(wide, `${columns} columns`).toEqual([]);
      for (const file of ['kubeconfig', 'operator.log', 'replicas.curl', 'ca.pem']) {
        const [path = ''] = new RegExp(`${folder}/acr-demo-\\w+/${file}$`, 'm').exec(sitting.text()) ?? [];
        expect(existsSync(path), `${file} in ${sitting.text()}`).toBe(true);
      }
      expect(sitting.text()).toMatch(/\$ kubectl acr-replication list -n platform\n[^]*contoso[^]*Delete westeurope/);
      expect(sitting.text()).toMatch(/\$ kubectl acr-replication status contoso -n platform\n[^]*DriftDetected/);
    }
    for (const { sitting, folder } of sittings) {
      sitting.ctrlC();
      expect(await sitting.ended).toEqual({ code: 130, isTerminalAsBefore: true });
      expect([await readdir(folder), await processesMarked(folder)]).toEqual([[], []]);
    }
  });

  test('what kill -9 leaves, the next start ends', async () => {
    const killed = await startDemo();
    await killed.until(/japaneast +Creating/);
    const [, own = ''] = /(acr-demo-\w+)/.exec((await readdir(killed.folder)).join()) ?? [];
    killed.signal('SIGKILL');
    await killed.ended;
    expect((await processesMarked(own)).join('\n')).toContain('dist/main.js');
    const next = await startStagedIn(killed.folder, 'test/sandbox/demo/main.ts');
    await next.until(/From a manifest/);
    expect([await processesMarked(own), (await readdir(killed.folder)).includes(own)]).toEqual([[], false]);
    next.signal('SIGINT');
    await next.ended;
    expect(await next.leftovers()).toEqual([]);
  });

  const moments: readonly (readonly [when: string, sight: RegExp, signal: NodeJS.Signals, code: number])[] = [
    ['right after the start', /From a manifest/, 'SIGINT', 130],
    ['while the API server starts', /at hand/, 'SIGINT', 130],
    ['while the operator starts', /deploy\/ installed/, 'SIGTERM', 143],
    ['while replicas are created', /japaneast +Creating/, 'SIGINT', 130],
    ['when the terminal goes while the set is edited', /uksouth +Creating/, 'SIGHUP', 129],
  ];
  for (const [when, sight, signal, code] of moments) {
    test(`${signal} ${when}, and again, leaves no process and no folder`, async () => {
      const demo = await startDemo();
      await demo.until(sight);
      demo.signal(signal);
      await delay(30);
      demo.signal(signal);
      // The second one may meet the very end of the process; a shell tells the same of both.
      expect([code, signal], demo.text()).toContain(await demo.ended);
      expect(demo.text()).toMatch(/\nStopped\. No process, port or temporary folder is left behind\.\n$/);
      expect(demo.text()).not.toMatch(/error|✗/i);
      expect(await demo.leftovers()).toEqual([]);
    });
  }

  test('when the operator dies the demo fails and shows what the operator said last', async () => {
    const demo = await startDemo('--once');
    const [, pid] = await demo.until(/operator, process (\d+)[^]*japaneast +Creating/);
    process.kill(Number(pid), 'SIGKILL');
    expect(await demo.ended).toBe(1);
    expect(demo.text()).toMatch(
      /✗ the operator ended by itself: SIGKILL[^]*creating replica {2}object="platform\/contoso"/,
    );
    expect(await demo.leftovers()).toEqual([]);
  });

  test('a wrong flag is named, with exit code 2', async () => {
    const demo = await startDemo('--twice');
    expect(await demo.ended).toBe(2);
    expect(demo.text()).toMatch(/'--twice'[^]*Usage: npm run demo/);
  });
});

/** The locations of the part's `az acr replication list` table, all of them Succeeded and Ready. */
function listing(part: string): readonly string[] {
  const [, rows = ''] = /^NAME +LOCATION +PROVISIONING STATE +STATUS\n[- ]+\n((?:\S.*\n)+)/m.exec(part) ?? [];
  return [...rows.matchAll(/^(\w+) +\1 +Succeeded +Ready$/gm)].map(([, region = '']) => region).sort();
}
