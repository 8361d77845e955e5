import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheRoot, putInPlace } from '../sandbox/cache-folder.ts';
import { type CommandEnd, command } from '../sandbox/command.ts';
import { withLock } from '../sandbox/lock-folder.ts';
import { type Progress, type ProgressOutput, startProgress } from '../sandbox/progress.ts';

/** A program written in Python, in an environment of its own. */
export interface PythonProgram {
  /** For people: what it is, how long its installation takes, and what needs it. */
  readonly what: string;
  readonly takes: string;
  readonly neededBy: string;
  /** Name of its folder in the cache, but for Python and platform. */
  readonly name: string;
  /** As pip is told: `azure-cli==2.91.*`. */
  readonly requirement: string;
  /** Arguments that make Python run it, and what it prints then. `home` is an empty folder. */
  readonly check: { readonly args: readonly string[]; readonly prints: string; env(home: string): NodeJS.ProcessEnv };
}

const installLimitMs = 20 * 60_000;

export interface ObtainOptions {
  /** Default: process.env. pip finds its settings there too. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where to tell what goes on; nothing is told when it is there already. Default: stderr. */
  readonly output?: ProgressOutput;
}

/**
 * A Python that has the program. It is kept in the user's cache folder, one per requirement and Python. A cached one is trusted
 * when it has all its files and runs (a second or two); anything else is installed again. Needs Python 3.10.
 */
export async function obtainPython(
  program: PythonProgram,
  { env: given = process.env, output = process.stderr }: ObtainOptions = {},
): Promise<string> {
  const { what, takes, name } = program;
  const { PYTHONPATH: _path, PYTHONHOME: _home, ...env } = given;
  const version = await pythonVersion(program, env);
  const folder = join(cacheRoot(env), `${name}-python${version}-${process.platform}-${process.arch}`);
  if (await works(program, folder, env)) return pythonIn(folder);

  await mkdir(dirname(folder), { recursive: true });
  const progress = startProgress(output);
  try {
    const onWait = (): void => {
      progress.say(`Another process is installing ${what}: waiting for it.`);
      progress.now('waiting for the other installation');
    };
    await withLock(`${folder}.lock`, { signal: undefined, onWait }, async () => {
      if (await works(program, folder, env)) return;
      if (await exists(folder)) progress.say(`The cached ${what} in ${folder} is broken: installing it again.`);
      progress.say(`Installing ${what} with pip, ${takes}, once (kept in ${folder}).`);
      const started = Date.now();
      const fill = (partial: string): Promise<void> => install(program, partial, env, progress);
      await putInPlace(folder, fill, () => works(program, folder, env));
      if (!(await works(program, folder, env))) throw new Error(`${what} was installed in ${folder}, but does not run`);
      progress.say(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
    });
  } finally {
    progress.stop();
  }
  return pythonIn(folder);
}

function pythonIn(folder: string): string {
  return join(folder, 'bin', 'python');
}

/** The version of the Python that was found, such as `3.11`; throws an error that says what to install. */
async function pythonVersion(program: PythonProgram, env: NodeJS.ProcessEnv): Promise<string> {
  const code = 'import sys; print("%d.%d" % sys.version_info[:2]); import venv, ensurepip';
  const { end, stdout, stderr } = await command('python3', ['-c', code], { env }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(whatItNeeds(program, 'there is no program "python3" in PATH'));
  });
  const version = stdout.trim();
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (end !== '0' && version === '') throw new Error(whatItNeeds(program, `python3 does not run:\n${stderr.trim()}`));
  if (major < 3 || (major === 3 && minor < 10)) throw new Error(whatItNeeds(program, `python3 is ${version}`));
  if (end !== '0')
    throw new Error(whatItNeeds(program, `python3 (${version}) lacks them: ${stderr.trim().split('\n').at(-1)}`));
  return version;
}

function whatItNeeds({ neededBy }: PythonProgram, why: string): string {
  return `${neededBy} need Python 3.10 or newer with its modules venv and ensurepip (on Debian and Ubuntu:
apt install python3-venv), and ${why}. Nothing else needs Python: npm test runs without it.`;
}

async function install(
  program: PythonProgram,
  folder: string,
  env: NodeJS.ProcessEnv,
  progress: Progress,
): Promise<void> {
  const signal = AbortSignal.timeout(installLimitMs);
  progress.now('making a virtual environment');
  const { what, requirement } = program;
  must(what, 'python3 -m venv', await command('python3', ['-m', 'venv', folder], { env, signal }));
  let found = 0;
  const onLine = (line: string): void => {
    const collecting = /^\s*Collecting (\S+?)[=<>~!;]/.exec(line);
    if (collecting !== null) progress.now(`downloading packages: ${++found} so far, now ${collecting[1]}`);
    if (line.startsWith('Installing collected packages')) progress.now(`installing ${found} packages`);
  };
  const pip = ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off'];
  must(what, 'pip install', await command(pythonIn(folder), [...pip, requirement], { env, signal, onLine }));
}

function must(what: string, step: string, { end, stdout, stderr }: CommandEnd): void {
  if (end === '0') return;
  const said = (stderr.trim() === '' ? stdout : stderr).trim().split('\n').slice(-15).join('\n');
  throw new Error(`Installing ${what} failed: ${step} ended with ${end}:\n${said}`);
}

/** Whether every file that pip put there has its size, in one line of Python (0.4 s). */
const complete = `import importlib.metadata as m, sys; sys.exit(any(f.size is not None and
  not ((p := f.locate()).is_file() and p.stat().st_size == f.size) for d in m.distributions() for f in d.files or []))`;

async function works({ check }: PythonProgram, folder: string, given: NodeJS.ProcessEnv): Promise<boolean> {
  const home = await mkdtemp(join(tmpdir(), 'python-check-'));
  const env = { ...given, ...check.env(home) };
  const run = (...args: readonly string[]): Promise<CommandEnd> =>
    command(pythonIn(folder), args, { env, signal: AbortSignal.timeout(60_000) });
  try {
    if ((await run('-c', complete)).end !== '0') return false;
    const { end, stdout } = await run(...check.args);
    return end === '0' && stdout.includes(check.prints);
  } catch {
    return false;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function exists(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}
