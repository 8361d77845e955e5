import { access, constants, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadEnvtest, loadedBefore, NotLoaded, type Release } from './envtest.ts';
import { GoMissing } from './go-build.ts';
import { type GoProgram, isGoProgramThere, type ObtainOptions, obtainGoProgram } from './go-program.ts';

export interface ControlPlanePrograms {
  readonly etcd: string;
  readonly kubeApiserver: string;
}

export interface ControlPlaneSource extends ObtainOptions {
  /** The archive to load. Default: that of envtest.json. */
  readonly release?: Release;
}

const source = join(import.meta.dirname, 'controlplane');

/** How the programs are had: `download`, `build`, or, unset, whichever is there already, then whichever works. */
const choice = 'ACR_REPLICATION_CONTROLPLANE';

/**
 * The programs of the control plane: those of KUBEBUILDER_ASSETS when set. Else the official archive is loaded, in
 * seconds; where it cannot be had, which shows within three seconds, they are built from Go modules, in about four
 * minutes. Either is done once.
 */
export async function obtainControlPlane(options: ControlPlaneSource = {}): Promise<ControlPlanePrograms> {
  const { env = process.env, output = process.stderr, signal = new AbortController().signal, release } = options;
  const assets = env['KUBEBUILDER_ASSETS'];
  if (assets !== undefined && assets !== '') return assetsIn(assets);
  const chosen = env[choice] ?? '';
  if (!['', 'download', 'build'].includes(chosen)) {
    throw new Error(`${choice} is ${chosen}, and is download or build; unset, whichever works is taken.`);
  }
  const program = await ownBuild();
  const load = { env, output, signal, ...(release === undefined ? {} : { release }) };
  if (chosen !== 'build') {
    const loaded = await loadedBefore(load);
    if (loaded !== undefined) return programsIn(loaded);
  }
  const isBuilt = chosen === '' && (await isGoProgramThere(program, env));
  if (chosen === 'build' || isBuilt) return built(program, options);
  try {
    return programsIn(await loadEnvtest(load));
  } catch (error) {
    if (!(error instanceof NotLoaded)) throw error;
    if (chosen === 'download') throw new Error(waysToGetIt(error.message), { cause: error });
    output.write(`Not loaded: ${error.message}.\n`);
    return built(program, options);
  }
}

async function ownBuild(): Promise<GoProgram> {
  return {
    name: 'controlplane',
    what: 'kube-apiserver and etcd',
    takes: 'about four minutes',
    source,
    names: ['kube-apiserver', 'etcd'],
    stamp: await kubernetesVersion(),
    check: ['--version'],
  };
}

async function built(program: GoProgram, options: ObtainOptions): Promise<ControlPlanePrograms> {
  try {
    return programsIn(await obtainGoProgram(program, options));
  } catch (error) {
    throw error instanceof GoMissing ? new Error(waysToGetIt(error.message)) : error;
  }
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
  - let this machine reach https://github.com, HTTPS_PROXY counts: they are then loaded, in seconds; or
  - install Go 1.26 or newer (https://go.dev/dl/): they are then built here once, in about four minutes; or
  - bring them: take setup-envtest from https://github.com/kubernetes-sigs/controller-runtime/releases,
    run \`setup-envtest use -p path\` and set KUBEBUILDER_ASSETS to the folder it prints.`;
}

async function kubernetesVersion(): Promise<readonly string[]> {
  const version = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\S*)/.exec(await readFile(join(source, 'go.mod'), 'utf8'));
  const stamp = { gitVersion: version?.[1], gitMajor: version?.[2], gitMinor: version?.[3], gitTreeState: 'clean' };
  return Object.entries(stamp).map(([name, value]) => `k8s.io/component-base/version.${name}=${value}`);
}
