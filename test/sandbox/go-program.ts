import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { cacheRoot, putInPlace } from './cache-folder.ts';
import { goBuild } from './go-build.ts';
import { withLock } from './lock-folder.ts';
import { type ProgressOutput, startProgress } from './progress.ts';

/** A program that is built from Go modules, once, and kept in the user's cache folder. */
export interface GoProgram {
  /** Name of its folder in the cache. */
  readonly name: string;
  /** For people: what is built, and how long that takes. */
  readonly what: string;
  readonly takes: string;
  /** Folder with go.mod and go.sum, which say exactly what is built, and perhaps main.go. */
  readonly source: string;
  /** The package to build; default: the folder's own. */
  readonly main?: string;
  /** The names that it is called by: the first is that of the file, the others are links to it. */
  readonly names: readonly [string, ...string[]];
  /** Values for the linker, `-X`'s argument. */
  readonly stamp?: readonly string[];
  readonly tags?: readonly string[];
  /** Arguments that make it print something and end well; without them its file is only compared. */
  readonly check?: readonly string[];
}

export interface ObtainOptions {
  readonly signal?: AbortSignal;
  /** Output that is told what goes on; nothing is told when the program is there already. Default: stderr. */
  readonly output?: ProgressOutput;
  /** The environment that PATH, XDG_CACHE_HOME and Go's own settings are read from. Default: process.env. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Gives the folder that holds the program under its names. An unchanged cache is trusted by size and time of its file and by
 * running the check (0.1 s); anything else is hashed and, if wrong, built again. Throws GoMissing.
 */
export async function obtainGoProgram(program: GoProgram, options: ObtainOptions = {}): Promise<string> {
  const { signal, output = process.stderr, env = process.env } = options;
  const args = buildArgs(program);
  const folder = await folderOf(program, env);
  if ((await intact(program, folder)) === 'intact') return folder;

  await mkdir(dirname(folder), { recursive: true });
  const progress = startProgress(output);
  try {
    const onWait = (): void => {
      progress.say(`Another process is building ${program.what}: waiting for it.`);
      progress.now('waiting for the other build');
    };
    await withLock(`${folder}.lock`, { signal, onWait }, async () => {
      const now = await intact(program, folder);
      if (now === 'intact') return;
      const [file] = program.names;
      if (now === 'broken') progress.say(`The cached ${file} in ${folder} is broken: building it again.`);
      const started = Date.now();
      progress.say(`Building ${program.what} from Go modules, ${program.takes}, once (kept in ${folder}).`);
      const compile = (partial: string) => {
        const call = { cwd: program.source, env: goEnvironment(env, partial), signal };
        return goBuild(call, { args, main: program.main ?? '.', output: join(partial, file) }, progress);
      };
      await build(program, folder, args, compile);
      progress.say(`Built in ${Math.round((Date.now() - started) / 1000)} s.`);
    });
  } finally {
    progress.stop();
  }
  return folder;
}

/** Whether it was built before, and is whole. */
export async function isGoProgramThere(program: GoProgram, env: NodeJS.ProcessEnv): Promise<boolean> {
  return (await intact(program, await folderOf(program, env))) === 'intact';
}

async function folderOf(program: GoProgram, env: NodeJS.ProcessEnv): Promise<string> {
  return join(cacheRoot(env), `${program.name}-${await fingerprint(program, buildArgs(program))}`);
}

function buildArgs({ stamp = [], tags = [] }: GoProgram): readonly string[] {
  const flags = ['-s', '-w', ...stamp.map((value) => `-X ${value}`)].join(' ');
  const chosen = tags.length === 0 ? [] : [`-tags=${tags.join(',')}`];
  return ['-buildvcs=false', '-trimpath', ...chosen, '-gcflags=all=-dwarf=false', `-ldflags=${flags}`];
}

/**
 * The environment for Go. GOGC=800 and no debug data save a quarter of the time; user settings that change what is
 * built are left out.
 */
function goEnvironment(env: NodeJS.ProcessEnv, temporary: string): NodeJS.ProcessEnv {
  const { GOOS: _os, GOARCH: _arch, ...kept } = env;
  return { ...kept, CGO_ENABLED: '0', GOGC: '800', GOFLAGS: '-mod=readonly', GOWORK: 'off', GOTMPDIR: temporary };
}

async function fingerprint({ source, main }: GoProgram, args: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(`${process.platform}/${process.arch} ${args.join(' ')}\n`);
  for (const name of ['go.mod', 'go.sum']) hash.update(await readFile(join(source, name)));
  hash.update(main ?? (await readFile(join(source, 'main.go'))));
  return hash.digest('hex').slice(0, 16);
}

interface Manifest {
  readonly size: number;
  readonly mtimeMs: number;
  readonly sha256: string;
}

async function intact(program: GoProgram, folder: string): Promise<'intact' | 'broken' | 'missing'> {
  const [file, ...links] = program.names.map((name) => join(folder, name)) as [string, ...string[]];
  const manifestFile = join(folder, 'manifest.json');
  try {
    const manifest = JSON.parse(await readFile(manifestFile, 'utf8')) as Manifest;
    const { size, mtimeMs } = await stat(file);
    for (const same of links) if ((await stat(same)).size !== size) return 'broken';
    if (size !== manifest.size) return 'broken';
    if (mtimeMs !== manifest.mtimeMs) {
      if ((await sha256(file)) !== manifest.sha256) return 'broken';
      await writeFile(manifestFile, JSON.stringify({ ...manifest, mtimeMs }));
    }
    await runs(program, file);
    return 'intact';
  } catch {
    return await stat(folder).then(
      () => 'broken' as const,
      () => 'missing' as const,
    );
  }
}

/** Lets `compile` make the program in a folder beside `folder`, completes and checks it, and puts it in place. */
function build(
  program: GoProgram,
  folder: string,
  args: readonly string[],
  compile: (partial: string) => Promise<void>,
): Promise<void> {
  const fill = async (partial: string): Promise<void> => {
    await compile(partial);
    const [file, ...links] = program.names.map((name) => join(partial, name)) as [string, ...string[]];
    await runs(program, file);
    for (const same of links) await link(file, same);
    const { size, mtimeMs } = await stat(file);
    const manifest: Manifest = { size, mtimeMs, sha256: await sha256(file) };
    await writeFile(join(partial, 'manifest.json'), JSON.stringify({ ...manifest, args }));
  };
  return putInPlace(folder, fill, async () => (await intact(program, folder)) === 'intact');
}

async function runs({ check }: GoProgram, file: string): Promise<void> {
  if (check !== undefined) await promisify(execFile)(file, check, { timeout: 30_000 });
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
