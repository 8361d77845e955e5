import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants, link, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { cacheRoot, putInPlace } from './cache-folder.ts';
import { GoMissing, goBuild } from './go-build.ts';
import { withLock } from './lock-folder.ts';
import { type ProgressOutput, startProgress } from './progress.ts';

export interface ControlPlanePrograms {
  readonly etcd: string;
  readonly kubeApiserver: string;
}

export interface ObtainOptions {
  readonly signal?: AbortSignal;
  /** Where to tell what goes on; nothing is told when the programs are there already. Default: stderr. */
  readonly output?: ProgressOutput;
  /** Read for KUBEBUILDER_ASSETS, PATH, XDG_CACHE_HOME and Go's own settings. Default: process.env. */
  readonly env?: NodeJS.ProcessEnv;
}

const source = join(import.meta.dirname, 'controlplane');

/**
 * The programs of the control plane: those of KUBEBUILDER_ASSETS when set, else our own build of them, which is kept in
 * the user's cache folder and takes about four minutes the first time. An unchanged cache is trusted by size and time
 * of its file and by running `--version` (0.1 s); anything else is hashed and, if wrong, built again.
 */
export async function obtainControlPlane(options: ObtainOptions = {}): Promise<ControlPlanePrograms> {
  const { signal, output = process.stderr, env = process.env } = options;
  const assets = env['KUBEBUILDER_ASSETS'];
  if (assets !== undefined && assets !== '') return assetsIn(assets);
  const args = await buildArgs();
  const folder = join(cacheRoot(env), `controlplane-${await fingerprint(args)}`);
  const known = await intact(folder);
  if (known === 'intact') return programsIn(folder);

  await mkdir(dirname(folder), { recursive: true });
  const progress = startProgress(output);
  try {
    const onWait = (): void => {
      progress.say('Another process is building kube-apiserver and etcd: waiting for it.');
      progress.now('waiting for the other build');
    };
    await withLock(`${folder}.lock`, { signal, onWait }, async () => {
      const now = await intact(folder);
      if (now === 'intact') return;
      if (now === 'broken') progress.say(`The cached kube-apiserver in ${folder} is broken: building it again.`);
      const started = Date.now();
      progress.say(
        `Building kube-apiserver and etcd from their Go modules, about four minutes, once (kept in ${folder}).`,
      );
      await build(folder, args, (partial) =>
        goBuild(
          { cwd: source, env: goEnvironment(env, partial), signal },
          args,
          programsIn(partial).kubeApiserver,
          progress,
        ),
      );
      progress.say(`Built in ${Math.round((Date.now() - started) / 1000)} s.`);
    });
  } catch (error) {
    throw error instanceof GoMissing ? new Error(waysToGetIt(error.message)) : error;
  } finally {
    progress.stop();
  }
  return programsIn(folder);
}

function programsIn(folder: string): ControlPlanePrograms {
  return { etcd: join(folder, 'etcd'), kubeApiserver: join(folder, 'kube-apiserver') };
}

async function assetsIn(folder: string): Promise<ControlPlanePrograms> {
  const programs = programsIn(folder);
  for (const program of Object.values(programs)) {
    await access(program, constants.X_OK).catch(() => {
      throw new Error(
        `KUBEBUILDER_ASSETS is ${folder}, but there is no program ${program}. ` +
          'Set it to what `setup-envtest use -p path` prints, or unset it to build both programs with Go.',
      );
    });
  }
  return programs;
}

function waysToGetIt(why: string): string {
  return `The tests and the demo need kube-apiserver and etcd, and ${why}. Either
  - install Go 1.26 or newer (https://go.dev/dl/): they are then built here once, in about four minutes; or
  - download them: take setup-envtest from https://github.com/kubernetes-sigs/controller-runtime/releases,
    run \`setup-envtest use -p path\` and set KUBEBUILDER_ASSETS to the folder it prints.`;
}

async function buildArgs(): Promise<readonly string[]> {
  const version = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\S*)/.exec(await readFile(join(source, 'go.mod'), 'utf8'));
  const stamp = { gitVersion: version?.[1], gitMajor: version?.[2], gitMinor: version?.[3], gitTreeState: 'clean' };
  const flags = Object.entries(stamp).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return ['-buildvcs=false', '-trimpath', '-gcflags=all=-dwarf=false', `-ldflags=-s -w ${flags.join(' ')}`];
}

/** GOGC=800 and no debug data save a quarter of the time. User settings that change what is built are left out. */
function goEnvironment(env: NodeJS.ProcessEnv, temporary: string): NodeJS.ProcessEnv {
  const { GOOS: _os, GOARCH: _arch, ...kept } = env;
  return { ...kept, CGO_ENABLED: '0', GOGC: '800', GOFLAGS: '-mod=readonly', GOWORK: 'off', GOTMPDIR: temporary };
}

async function fingerprint(args: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(`${process.platform}/${process.arch} ${args.join(' ')}\n`);
  for (const name of ['go.mod', 'go.sum', 'main.go']) hash.update(await readFile(join(source, name)));
  return hash.digest('hex').slice(0, 16);
}

interface Manifest {
  readonly size: number;
  readonly mtimeMs: number;
  readonly sha256: string;
}

async function intact(folder: string): Promise<'intact' | 'broken' | 'missing'> {
  const { etcd, kubeApiserver } = programsIn(folder);
  const manifestFile = join(folder, 'manifest.json');
  try {
    const manifest = JSON.parse(await readFile(manifestFile, 'utf8')) as Manifest;
    const { size, mtimeMs } = await stat(kubeApiserver);
    if (size !== manifest.size || (await stat(etcd)).size !== size) return 'broken';
    if (mtimeMs !== manifest.mtimeMs) {
      if ((await sha256(kubeApiserver)) !== manifest.sha256) return 'broken';
      await writeFile(manifestFile, JSON.stringify({ ...manifest, mtimeMs }));
    }
    await runs(kubeApiserver);
    return 'intact';
  } catch {
    return await stat(folder).then(
      () => 'broken' as const,
      () => 'missing' as const,
    );
  }
}

/** Lets `compile` make kube-apiserver in a folder beside `folder`, completes and checks it, and puts it in place. */
function build(folder: string, args: readonly string[], compile: (partial: string) => Promise<void>): Promise<void> {
  const fill = async (partial: string): Promise<void> => {
    await compile(partial);
    const { etcd, kubeApiserver } = programsIn(partial);
    await runs(kubeApiserver);
    await link(kubeApiserver, etcd);
    const { size, mtimeMs } = await stat(kubeApiserver);
    const manifest: Manifest = { size, mtimeMs, sha256: await sha256(kubeApiserver) };
    await writeFile(join(partial, 'manifest.json'), JSON.stringify({ ...manifest, args }));
  };
  return putInPlace(folder, fill, async () => (await intact(folder)) === 'intact');
}

async function runs(program: string): Promise<void> {
  await promisify(execFile)(program, ['--version'], { timeout: 30_000 });
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
