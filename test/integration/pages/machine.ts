import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { command } from '../../sandbox/command.ts';
import { obtainTool } from '../../sandbox/tool.ts';
import type { Lifetime } from '../../support/operator-world.ts';
import { type Block, blocksOf } from '../../support/pages.ts';
import { pageCommands } from '../../unit/repository/page-commands.ts';

/** A block of commands by its place: the page, the heading, and which of those under it, from 0. */
export function commands(page: string, heading: string, nth = 0): Block {
  const found = blocksOf(page).filter((block) => block.language === 'sh' && block.heading === heading)[nth];
  if (found === undefined) throw new Error(`${page} has no block ${nth} of commands under ${heading}`);
  return found;
}

const blocksTyped = new Set<string>();
const idOf = ({ page, heading, text }: Block): string => [page, heading, text].join('\n');

/** The blocks that the table says are run by this test file, and that nobody has typed, as they are. */
export function untyped(file: string): readonly string[] {
  return Object.entries(pageCommands).flatMap(([page, rows]) =>
    Object.entries(rows).flatMap(([heading, fates]) =>
      fates.flatMap((fate, nth) => {
        if (!('run' in fate) || fate.run !== file) return [];
        return blocksTyped.has(idOf(commands(page, heading, nth))) ? [] : [`${page}, ${heading}, ${nth}`];
      }),
    ),
  );
}

/** Where a reader of the pages types: a checkout of this repository, and the programs that the pages name. */
export interface Machine {
  /** The checkout; what commands write into it goes with the test. */
  readonly folder: string;
  /** Types the blocks as they are and gives what they print. Variables last from one call to the next. */
  readonly type: (...blocks: readonly Block[]) => Promise<string>;
  /** Types a block that does not end by itself; `lines` has what it has printed so far. It ends with the test. */
  readonly leave: (block: Block, before?: string) => { readonly lines: readonly string[] };
  /** What a stand-in was asked, a line for each time. */
  readonly asked: (program: string) => Promise<readonly string[]>;
}

export interface MachineOptions {
  readonly kubeconfig: string;
  /** Variables that the page says to have. */
  readonly env?: Readonly<Record<string, string>>;
  /** Programs that cannot be had here, as shell scripts that are run in their place. */
  readonly standIns?: Readonly<Record<string, string>>;
}

const limitMs = 110_000;

export async function machineOf({ onTestFinished }: Lifetime, options: MachineOptions): Promise<Machine> {
  const { kubeconfig, env: given = {}, standIns = {} } = options;
  const home = await mkdtemp(join(tmpdir(), 'acr-replication-machine-'));
  const ends = new AbortController();
  onTestFinished(async () => {
    ends.abort();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });
  const [folder, bin, variables] = [join(home, 'checkout'), join(home, 'bin'), join(home, 'variables')];
  await mkdir(folder);
  await mkdir(bin);
  for (const entry of await readdir('.')) await symlink(resolve(entry), join(folder, entry));
  for (const tool of ['helm', 'kubectl', 'kustomize'] as const) await symlink(await obtainTool(tool), join(bin, tool));
  const plugin = `exec '${process.execPath}' '${resolve('dist/kubectl-acr_replication.mjs')}' "$@"`;
  const scripts = { 'kubectl-acr_replication': plugin, ...standIns };
  for (const [name, script] of Object.entries(scripts)) {
    const noted = `echo "$*" >> '${join(home, `asked-${name}`)}'`;
    await writeFile(join(bin, name), `#!/bin/sh\n${noted}\n${script}\n`, { mode: 0o755 });
  }
  await writeFile(variables, '');
  const path = [bin, dirname(process.execPath), process.env['PATH']].join(delimiter);
  const env = { PATH: path, HOME: home, KUBECONFIG: kubeconfig, NO_COLOR: '1', ...given };

  /** What is typed, and then what the variables that it sets are. */
  function scriptOf(text: string): string {
    const set = [...text.matchAll(/^(?:export )?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);
    const kept = set.map((name) => `printf 'export %s=%q\\n' ${name} "$${name}" >> '${variables}'`);
    return [`set -euo pipefail; . '${variables}'`, text, ...kept].join('\n');
  }

  return {
    folder,
    async type(...blocks) {
      const script = scriptOf(blocks.map(({ text }) => text).join(''));
      const signal = AbortSignal.timeout(limitMs);
      const { end, stdout, stderr } = await command('bash', ['-c', script], { env, cwd: folder, signal });
      for (const block of blocks) blocksTyped.add(idOf(block));
      if (end !== '0') throw new Error(`it ended with ${end}:\n${script}\n${stdout}${stderr}`);
      return stdout;
    },
    leave(block, before = '') {
      blocksTyped.add(idOf(block));
      const lines: string[] = [];
      const script = [`set -euo pipefail`, before, block.text].join('\n');
      const onLine = (line: string) => lines.push(line);
      command('bash', ['-c', script], { env, cwd: folder, signal: ends.signal, onLine }).catch(() => {}); // by the test's end
      return { lines };
    },
    async asked(program) {
      const text = await readFile(join(home, `asked-${program}`), 'utf8').catch(() => '');
      return text.split('\n').filter((line) => line !== '');
    },
  };
}
