import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

interface Instruction {
  readonly name: string;
  readonly text: string;
}
type Stage = readonly Instruction[];

/** The Dockerfile's stages, in order, each beginning with its FROM. */
export async function stages(): Promise<readonly Stage[]> {
  const text = await readFile(join(root, 'Dockerfile'), 'utf8');
  const all: Instruction[][] = [];
  for (const line of text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')) {
    const [, name, rest] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (name === undefined || rest === undefined) continue;
    if (name === 'FROM') all.push([]);
    all.at(-1)?.push({ name, text: rest });
  }
  return all;
}

/** The stages, in the order of the file. final is the image of the operator, which is built where no target is named. */
const stageNames = ['build', 'emulator', 'final'] as const;
export type StageName = (typeof stageNames)[number];

/** What follows the instructions of this name in one of the stages. */
export async function instructions(name: string, stage: StageName): Promise<readonly string[]> {
  const found = (await stages())[stageNames.indexOf(stage)] ?? [];
  return found.filter((instruction) => instruction.name === name).map(({ text }) => text);
}

export interface Copy {
  readonly sources: readonly string[];
  readonly target: string;
}

/** Files that a stage takes from the build's context, or from the stage before. */
export async function copies(stage: StageName, from: 'context' | 'build'): Promise<readonly Copy[]> {
  const lines = await instructions('COPY', stage);
  return lines
    .filter((line) => line.startsWith('--from=build ') === (from === 'build'))
    .map((line) => line.replace('--from=build ', '').split(/\s+/))
    .map((words) => ({ sources: words.slice(0, -1), target: words.at(-1) ?? '' }));
}

/** Paths that .dockerignore lets through; it ignores everything else. */
export async function sent(): Promise<readonly string[]> {
  const lines = (await readFile(join(root, '.dockerignore'), 'utf8')).split('\n');
  const [first, ...rest] = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (first !== '*') throw new Error('.dockerignore begins with something else than *');
  return rest.map((line) => {
    if (!/^![\w./-]+$/.test(line)) throw new Error(`.dockerignore: ${line} is no plain path that is let through`);
    return line.slice(1);
  });
}

/** Copies into `folder` what a build would be sent. */
export async function sendContext(folder: string): Promise<void> {
  for (const name of await sent()) await cp(join(root, name), join(folder, name), { recursive: true });
}
