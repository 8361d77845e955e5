import { installCrd, installOperator, installPlugin } from './releases.ts';

/** The versions in use; undefined: there is one that does not say it. */
export interface Versions {
  readonly plugin: string;
  /** Undefined: nobody could look. */
  readonly operators: readonly OperatorVersion[] | undefined;
  /** Undefined: nobody could look. `absent`: the cluster has no such CRD. */
  readonly crd: CrdVersion | 'absent' | undefined;
}

export interface OperatorVersion {
  /** `<namespace>/<name>` of its Deployment. */
  readonly deployment: string;
  readonly version: string | undefined;
  readonly image: string | undefined;
  readonly ready: number;
  readonly wanted: number;
}

export interface CrdVersion {
  readonly version: string | undefined;
  /** Versions of the API that it serves. */
  readonly served: readonly string[];
}

/** Something that does not fit, and what helps. */
export interface Misfit {
  /** `bad`: something does not work; `warning`: something may be missed. */
  readonly kind: 'bad' | 'warning';
  readonly text: string;
  readonly cure: string;
}

/** What does not fit together: versions are one when major and minor are, for a patch changes no contract. */
export function misfitsOf({ plugin, operators, crd }: Versions, apiVersion: string): readonly Misfit[] {
  return [
    ...crdMisfits(crd, plugin, apiVersion),
    ...(operators ?? []).flatMap((one) => operatorMisfits(one, plugin, crd)),
    ...(operators?.length === 0
      ? [
          {
            kind: 'bad',
            text: 'there is no operator in this cluster',
            cure: installOperator(plugin),
          } as const,
        ]
      : []),
  ];
}

function crdMisfits(crd: Versions['crd'], plugin: string, apiVersion: string): readonly Misfit[] {
  if (crd === undefined) return [];
  if (crd === 'absent') return [{ kind: 'bad', text: 'the CRD is not installed', cure: installCrd(plugin) }];
  if (crd.served.includes(apiVersion)) return [];
  const text = `the CRD serves ${crd.served.join(', ') || 'nothing'}, and this plugin speaks ${apiVersion}`;
  return [{ kind: 'bad', text, cure: installCrd(plugin) }];
}

function operatorMisfits(operator: OperatorVersion, plugin: string, crd: Versions['crd']): readonly Misfit[] {
  const { deployment, version, ready, wanted } = operator;
  const misfits: Misfit[] = [];
  if (ready === 0) {
    const [namespace, name] = deployment.split('/');
    misfits.push({
      kind: 'bad',
      text: `${deployment} has no ready pod of ${wanted}`,
      cure: `kubectl describe deployment ${name} -n ${namespace}`,
    });
  }
  const known = crd === 'absent' ? undefined : crd?.version;
  return [...misfits, ...versionMisfits({ deployment, version }, { plugin, crd: known })];
}

/** How the versions of CRD and plugin do not fit an operator's. Versions that nobody knows fit. */
export function versionMisfits(
  { deployment, version }: Pick<OperatorVersion, 'deployment' | 'version'>,
  { plugin, crd }: { readonly plugin: string; readonly crd: string | undefined },
): readonly Misfit[] {
  const misfits: Misfit[] = [];
  const toCrd = order(crd, version);
  if (toCrd < 0) {
    const text = `the CRD is older than the operator ${deployment}, whose newer fields are refused or dropped`;
    misfits.push({ kind: 'bad', text, cure: installCrd(version) });
  }
  if (toCrd > 0) {
    const text = `the operator ${deployment} is older than the CRD, and does not heed its newer fields`;
    misfits.push({ kind: 'warning', text, cure: installOperator(crd) });
  }
  if (order(plugin, version) !== 0) {
    const text = `the plugin is ${order(plugin, version) < 0 ? 'older' : 'newer'} than the operator ${deployment}`;
    misfits.push({ kind: 'warning', text, cure: installPlugin(version ?? plugin) });
  }
  return misfits;
}

/** Negative: `a` is older by its major and minor version. 0: they are one, or nobody can tell. */
function order(a: string | undefined, b: string | undefined): number {
  const [left, right] = [a, b].map((text) => /^v?(\d+)\.(\d+)\./.exec(text ?? ''));
  if (left == null || right == null) return 0;
  return Number(left[1]) - Number(right[1]) || Number(left[2]) - Number(right[2]);
}

/** The version in the tag of an image; undefined for a digest or a tag that is none. */
export function versionInImage(image: string): string | undefined {
  return /:v?(\d+\.\d+\.\d+(?:-[\w.]+)?)(?:@sha256:\w+)?$/.exec(image)?.[1];
}
