import { join } from 'node:path';
import { GoMissing } from './go-build.ts';
import { type GoProgram, type ObtainOptions, obtainGoProgram } from './go-program.ts';

const helm3 = 'helm.sh/helm/v3';
/** For which Kubernetes it renders where it is not told: its Makefile stamps that of its client library too. */
const kubeVersion = ['Major=1', 'Minor=36'].map((part) => `${helm3}/pkg/chartutil.k8sVersion${part}`);
const krew = 'sigs.k8s.io/krew/cmd';
const prometheus = 'github.com/prometheus/prometheus/cmd';

/**
 * How other people's programs that the tests use are built, each from a Go module in tools/, and how long that takes.
 */
const tools = {
  actionlint: { takes: 'half a minute' },
  dockerfile: { takes: 'half a minute' },
  health: { takes: 'a minute' },
  helm: { takes: 'three minutes' },
  helm3: { takes: 'two minutes', main: `${helm3}/cmd/helm`, stamp: kubeVersion },
  'kube-score': { takes: 'a minute', main: 'github.com/zegl/kube-score/cmd/kube-score' },
  kubeconform: { takes: 'half a minute', main: 'github.com/yannh/kubeconform/cmd/kubeconform' },
  krew: { takes: 'a minute', main: `${krew}/krew` },
  kubectl: { takes: 'two minutes' },
  'kubectl-kyverno': {
    takes: 'five minutes',
    module: 'kyverno',
    main: 'github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno',
  },
  kustomize: { takes: 'two minutes' },
  prometheus: { takes: 'three minutes', main: `${prometheus}/prometheus`, tags: ['remove_all_sd'] },
  promtool: { takes: 'a minute', module: 'prometheus', main: `${prometheus}/promtool`, tags: ['remove_all_sd'] },
  rollout: { takes: 'three minutes' },
  'validate-krew-manifest': { takes: 'a minute', module: 'krew', main: `${krew}/validate-krew-manifest` },
} as const satisfies Record<
  string,
  Pick<GoProgram, 'takes' | 'main' | 'tags' | 'stamp'> & { readonly module?: string }
>;

export type Tool = keyof typeof tools;
/** Those that `npm test` needs. */
export const toolNames = (Object.keys(tools) as readonly Tool[]).filter((name) => name !== 'kubectl-kyverno');

/** Gives the path of the program, which is built the first time; that needs Go. */
export async function obtainTool(name: Tool, options: ObtainOptions = {}): Promise<string> {
  const { module = name, ...how } = { ...tools[name] } as (typeof tools)[Tool] & { readonly module?: string };
  const source = join(import.meta.dirname, 'tools', module);
  try {
    const folder = await obtainGoProgram({ name, what: name, source, names: [name], ...how }, options);
    return join(folder, name);
  } catch (error) {
    if (!(error instanceof GoMissing)) throw error;
    throw new Error(`${name} is built from its Go modules, and ${error.message}. Install Go (https://go.dev/dl/).`, {
      cause: error,
    });
  }
}
