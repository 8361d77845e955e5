import { readFile, rename, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { State } from './model.ts';

/** Undefined when there is no such file; throws when it holds no JSON. */
export async function readStateFile(path: string | undefined): Promise<State | undefined> {
  if (path === undefined) return undefined;
  try {
    return JSON.parse(await readFile(path, 'utf8')) as State;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes the state soon after each change, at most five times a second, and never half. */
export function stateFile(
  path: string | undefined,
  state: () => State,
): { readonly changed: () => void; readonly flush: () => Promise<void> } {
  let writing: Promise<void> | undefined;
  const write = async () => {
    if (path === undefined) return;
    await writeFile(`${path}.new`, JSON.stringify(state(), undefined, 2));
    await rename(`${path}.new`, path);
  };
  const writeSoon = async () => {
    await sleep(200, undefined, { ref: false });
    writing = undefined;
    await write();
  };
  return {
    changed: () => {
      if (path !== undefined) writing ??= writeSoon();
    },
    flush: async () => {
      await writing;
      await write();
    },
  };
}
