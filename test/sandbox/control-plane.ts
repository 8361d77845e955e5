import { access, constants, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GoMissing } from './go-build.ts';
import { type ObtainOptions, obtainGoProgram } from './go-program.ts';

export interface ControlPlanePrograms {
  readonly etcd: string;
  readonly kubeApiserver: string;
}

const source = join(import.meta.dirname, 'controlplane');

/**
 * The programs of the control plane: those of KUBEBUILDER_ASSETS when set, else our own build of them, which takes about
 * four minutes the first time.
 */
export async function obtainControlPlane(options: ObtainOptions = {}): Promise<ControlPlanePrograms> {
  const assets = (options.env ?? process.env)['KUBEBUILDER_ASSETS'];
  if (assets !== undefined && assets !== '') return assetsIn(assets);
  const program = {
    name: 'controlplane',
    what: 'kube-apiserver and etcd',
    takes: 'about four minutes',
    source,
    names: ['kube-apiserver', 'etcd'],
    stamp: await kubernetesVersion(),
    check: ['--version'],
  } as const;
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
  - install Go 1.26 or newer (https://go.dev/dl/): they are then built here once, in about four minutes; or
  - download them: take setup-envtest from https://github.com/kubernetes-sigs/controller-runtime/releases,
    run \`setup-envtest use -p path\` and set KUBEBUILDER_ASSETS to the folder it prints.`;
}

async function kubernetesVersion(): Promise<readonly string[]> {
  const version = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\S*)/.exec(await readFile(join(source, 'go.mod'), 'utf8'));
  const stamp = { gitVersion: version?.[1], gitMajor: version?.[2], gitMinor: version?.[3], gitTreeState: 'clean' };
  return Object.entries(stamp).map(([name, value]) => `k8s.io/component-base/version.${name}=${value}`);
}
