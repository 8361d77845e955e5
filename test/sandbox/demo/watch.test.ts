import { expect, test } from 'vitest';
import { terminal } from '../../support/terminal.ts';
import type { KubeAdmin } from '../kube-admin.ts';
import { openScreen } from './screen.ts';
import { Missed, watchObject } from './watch.ts';
import { within } from './world.ts';

const conditions = [{ type: 'Ready', status: 'False', reason: 'Creating', message: 'japaneast is being created.' }];
const table = { columnDefinitions: [], rows: [{ cells: [], object: { metadata: {}, status: { conditions } } }] };
const kube = { request: () => Promise.resolve(table) } as unknown as KubeAdmin;
const watch = { done: 'done', waitingFor: 'waiting for Ready', holds: () => false };

test('a step that misses its deadline says what it waited for and what the object says', async () => {
  const screen = openScreen(terminal(undefined).output);
  const missed = watchObject(screen, kube, 'platform', AbortSignal.timeout(60_000), { ...watch, deadlineMs: 0 });
  await expect(missed).rejects.toThrow(/^Still waiting for Ready after .* s\. Creating: japaneast is being created\.$/);
  await expect(missed).rejects.toBeInstanceOf(Missed);
});

test('an interruption ends the watch', async () => {
  const stop = new AbortController();
  const screen = openScreen(terminal(undefined).output);
  const watching = watchObject(screen, kube, 'platform', stop.signal, { ...watch, deadlineMs: 60_000 });
  stop.abort(new Error('Ctrl-C'));
  await expect(watching).rejects.toThrow();
});

test('work that does not end is left at its deadline, or at an interruption with its reason', async () => {
  const never = () => new Promise<never>(() => {});
  const stop = new AbortController();
  await expect(within(1, 'Waiting for Godot', stop.signal, never)).rejects.toThrow('Waiting for Godot: not done');
  const interrupted = within(60_000, 'Waiting for Godot', stop.signal, never);
  stop.abort(new Error('Ctrl-C'));
  await expect(interrupted).rejects.toThrow('Ctrl-C');
});
