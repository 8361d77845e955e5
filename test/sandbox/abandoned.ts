import { execFile } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { removeAbandoned } from './lock-folder.ts';

const pidsFile = 'pids';

/** Writes beside a process's log which process it is, for those who come after this program was killed. */
export function notePid(logFile: string, pid: number | undefined): void {
  if (pid !== undefined) appendFileSync(join(dirname(logFile), pidsFile), `${pid}\n`);
}

/**
 * Removes the folders of `parent` that begin so and whose owners are dead, and first ends the processes that are noted in
 * them, at whatever depth: SIGKILL of their owner does not end them.
 */
export function endAbandoned(parent: string, prefix: string): Promise<void> {
  return removeAbandoned(parent, (name) => name.startsWith(prefix), endNoted);
}

async function endNoted(folder: string): Promise<void> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isFile() && entry.name === pidsFile)
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of files) {
    const pids = (await readFile(file, 'utf8').catch(() => '')).split('\n').map(Number);
    for (const pid of pids) if (pid > 0 && (await commandOf(pid)).includes(dirname(file))) end(pid);
  }
}

/** The arguments of a process, in which its folder is: by now the number may be that of another process. */
async function commandOf(pid: number): Promise<string> {
  const shown = await promisify(execFile)('ps', ['-ww', '-o', 'args=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return shown.stdout;
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in this very moment.
  }
}
