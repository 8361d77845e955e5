import { rmSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cleanAtProcessEnd } from './leftovers.ts';

const beatMs = 2_000;
/**
 * A silence longer than any pause of a living owner's event loop. A dead owner on this machine is noticed at once by
 * its pid.
 */
const silentMs = 60_000;

/**
 * Holds `folder` as a lock while `work` runs; two processes never do at the same time unless one was silent for a
 * minute, so what `work` writes should still be put in place atomically. A lock whose owner is dead is taken over.
 */
export async function withLock<T>(
  folder: string,
  { signal, onWait }: { readonly signal: AbortSignal | undefined; readonly onWait: () => void },
  work: () => Promise<T>,
): Promise<T> {
  let told = false;
  while (!(await acquire(folder))) {
    if (!told) onWait();
    told = true;
    await delay(200);
    signal?.throwIfAborted();
  }
  const release = (): void => rmSync(folder, { recursive: true, force: true });
  const forget = cleanAtProcessEnd(release);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(folder, now, now).catch(() => {});
  }, beatMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    forget();
    release();
  }
}

async function acquire(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    signOwner(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (await abandoned(folder)) {
    const aside = `${folder}.abandoned-${process.pid}`;
    await rename(folder, aside).catch(() => {}); // another one was faster
    await rm(aside, { recursive: true, force: true });
  }
  return false;
}

async function abandoned(folder: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(folder);
    return Date.now() - mtimeMs > silentMs || (await ownerIsDead(folder));
  } catch {
    return false; // just made, or just released
  }
}

/** Writes into a folder which process owns it, for `ownerIsDead`. */
export function signOwner(folder: string): void {
  writeFileSync(join(folder, 'owner'), `${process.pid} ${hostname()}`);
}

/** Whether the process that signed was on this machine and is no more. Rejects when nobody signed. */
async function ownerIsDead(folder: string): Promise<boolean> {
  const [pid, host] = (await readFile(join(folder, 'owner'), 'utf8')).split(' ');
  return host === hostname() && !isAlive(Number(pid));
}

/** Removes the folders of `parent` with such names whose owners are dead: nobody else will. First `end` is called. */
export async function removeAbandoned(
  parent: string,
  isSuch: (name: string) => boolean,
  end: (folder: string) => Promise<void> = async () => {},
): Promise<void> {
  for (const name of (await readdir(parent)).filter(isSuch)) {
    const folder = join(parent, name);
    if (!(await ownerIsDead(folder).catch(() => false))) continue;
    await end(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
