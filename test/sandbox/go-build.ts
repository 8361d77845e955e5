import { tmpdir } from 'node:os';
import { remainingText } from './build-progress.ts';
import { command } from './command.ts';
import type { Progress } from './progress.ts';

export interface GoCall {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
}

export class GoMissing extends Error {}

export interface GoBuild {
  readonly args: readonly string[];
  /** The package to build. */
  readonly main: string;
  readonly output: string;
}

/**
 * `go build` in the module of `cwd`, telling what it is doing. An abort, or the end of this process, kills
 * go and the compilers it started. `env` should set GOTMPDIR, which a killed go leaves full.
 */
export async function goBuild(call: GoCall, { args, main, output }: GoBuild, progress: Progress): Promise<void> {
  await requireGo(call);
  let downloads = 0;
  const download = (line: string): boolean => {
    const module = /^go: downloading (\S+) (\S+)/.exec(line);
    if (module !== null) progress.now(`downloading modules: ${++downloads} so far, now ${module[1]} ${module[2]}`);
    return module !== null;
  };
  progress.now('reading the list of packages');
  const listed = ['list', '-deps', '-f', '{{if .Stale}}{{.ImportPath}}{{end}}', ...args, main];
  const packages = (await go(call, listed, download)).split('\n').filter((line) => line !== '');
  const last = packages.at(-1);
  const began = performance.now();
  let begun = 0;
  progress.now(`compiling ${packages.length} packages`);
  await go(call, ['build', '-v', ...args, '-o', output, main], (line) => {
    if (download(line)) return true;
    if (/\s/.test(line)) return false;
    begun++;
    const linking = line === last;
    const left = remainingText({ begun, packages: packages.length, elapsedMs: performance.now() - began, linking });
    progress.now(`${linking ? 'linking' : `compiling package ${begun} of ${packages.length}`}${left}`);
    return true;
  });
}

/** Fails with what to do when go is absent or too old for the module. */
async function requireGo(call: GoCall): Promise<void> {
  try {
    await go(call, ['env', 'GOVERSION'], () => false);
  } catch (error) {
    call.signal?.throwIfAborted();
    if (error instanceof GoMissing) throw error;
    const version = await go(
      { ...call, cwd: tmpdir(), env: { ...call.env, GOTOOLCHAIN: 'local' } },
      ['version'],
      () => false,
    );
    throw new GoMissing(`${version.trim()} cannot build it: ${(error as Error).message}`);
  }
}

/** Runs go; `onLine` gets its stderr line by line and returns whether the line was no error. Resolves to its stdout. */
async function go(call: GoCall, args: readonly string[], onLine: (line: string) => boolean): Promise<string> {
  const errors: string[] = [];
  const { end, stdout } = await command('go', args, {
    ...call,
    onLine(line, stream) {
      if (stream === 'stderr' && !onLine(line)) errors.push(line);
    },
  }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new GoMissing('there is no program "go" in PATH');
  });
  if (end !== '0') throw new Error(`go ${args[0]} failed (${end}):\n${errors.slice(-20).join('\n')}`);
  return stdout;
}
