import { readFile, rename, writeFile } from 'node:fs/promises';
import { STATE } from './control-arguments.ts';
import type { State } from './model.ts';
import { problemWith } from './shapes.ts';

const WRITE_AFTER_MS = 200;

/** Reads a state; undefined when there is no such file. Throws when the file holds no state. */
export async function readStateFile(path: string | undefined): Promise<State | undefined> {
  if (path === undefined) return undefined;
  try {
    const state: unknown = JSON.parse(await readFile(path, 'utf8'));
    const problem = problemWith(state, STATE, 'the state');
    if (problem !== undefined) throw new TypeError(problem);
    return state as State;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Error(`${path}: ${error instanceof Error ? error.message : 'unreadable'}`, { cause: error });
  }
}

/** Writes the state soon after each change, at most five times a second, and never half. */
export function stateFile(
  path: string | undefined,
  state: () => State,
): { readonly changed: () => void; readonly flush: () => Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> | undefined;
  const write = async (previous: Promise<void> | undefined) => {
    await previous;
    if (path === undefined) return;
    await writeFile(`${path}.new`, JSON.stringify(state(), undefined, 2));
    await rename(`${path}.new`, path);
  };
  return {
    changed: () => {
      if (path === undefined) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        last = write(last);
      }, WRITE_AFTER_MS).unref();
    },
    flush: async () => {
      clearTimeout(timer);
      await write(last);
    },
  };
}
