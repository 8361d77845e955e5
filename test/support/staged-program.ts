import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/**
 * Runs a program of the sandbox until the test is over. Its temporary folder is its mark: everything it starts has it in its
 * arguments or its environment.
 */
export async function startStaged(program: string, ...flags: readonly string[]) {
  return startStagedIn(await mkdtemp(join(tmpdir(), 'acr-staged-test-')), program, ...flags);
}

/** The same in a folder that another one may have left something in. */
export async function startStagedIn(folder: string, program: string, ...flags: readonly string[]) {
  const child = spawn(process.execPath, [program, ...flags], {
    env: { ...process.env, TMPDIR: folder, NO_COLOR: '1', FORCE_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  return {
    folder,
    ended,
    text: () => text,
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    async until(sight: RegExp): Promise<RegExpMatchArray> {
      for (const deadline = Date.now() + 90_000; Date.now() < deadline && child.exitCode === null; await delay(20)) {
        const match = sight.exec(text);
        if (match !== null) return match;
      }
      throw new Error(`no ${String(sight)} in:\n${text}`);
    },
    leftovers: async () => [...(await readdir(folder)), ...(await processesMarked(folder))],
  };
}

/** The processes that have this text in their arguments or their environment. */
export async function processesMarked(mark: string): Promise<readonly string[]> {
  if (!existsSync('/proc/self/environ')) return [];
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    const [command, environment] = [await read('cmdline'), await read('environ')];
    if (command.includes(mark) || environment.includes(mark)) found.push(`${pid} ${command.replaceAll('\0', ' ')}`);
  }
  return found;
}
