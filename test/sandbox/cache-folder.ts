import { rmSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { cleanAtProcessEnd } from './leftovers.ts';
import { removeAbandoned, signOwner } from './lock-folder.ts';

/** The folder in which this project keeps what takes minutes to make, below the user's own cache folder. */
export function cacheRoot(env: NodeJS.ProcessEnv): string {
  const native = { darwin: 'Library/Caches', win32: 'AppData/Local' }[process.platform as string] ?? '.cache';
  const xdg = env['XDG_CACHE_HOME'];
  return join(xdg === undefined || xdg === '' ? join(homedir(), native) : xdg, 'acr-replication-operator');
}

/**
 * Lets `fill` fill a folder beside `folder` and puts it in place in one step, over whatever is there. When another
 * process is faster, its folder stays if `isGood` says so. Nothing half-filled is left, however this process ends.
 */
export async function putInPlace(
  folder: string,
  fill: (partial: string) => Promise<void>,
  isGood: () => Promise<boolean>,
): Promise<void> {
  await removeAbandoned(dirname(folder), (name) => name.includes('.partial-'));
  const partial = `${folder}.partial-${process.pid}`;
  const remove = (): void => rmSync(partial, { recursive: true, force: true, maxRetries: 5 });
  const forget = cleanAtProcessEnd(remove);
  try {
    await mkdir(partial);
    signOwner(partial);
    await fill(partial);
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder).catch(async (error: unknown) => {
      if (!(await isGood())) throw error;
    });
  } finally {
    remove();
    forget();
  }
}
