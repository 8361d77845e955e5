/** The tool that keeps an object as Git says, and what a person does to keep a change of the object. */
export interface GitTool {
  /** `Flux's Kustomization flux-system/apps`. */
  readonly name: string;
  /** Pauses the tool for this object. */
  readonly pause: string;
  readonly keeper: Keeper;
}

/** The object of the tool that keeps ours. */
export interface Keeper {
  readonly kind: 'Kustomization' | 'HelmRelease' | 'Application';
  /** Undefined: nothing tells. */
  readonly name?: string;
  /** Undefined: nothing tells; that of an Application is Argo CD's own then. */
  readonly namespace?: string;
}

/** The fields of an object that tell which tool applies it. */
export interface Applied {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly manager?: string }[];
  };
}

const flux = [
  {
    kind: 'Kustomization',
    group: 'kustomize.toolkit.fluxcd.io',
    word: 'kustomization',
    manager: 'kustomize-controller',
  },
  { kind: 'HelmRelease', group: 'helm.toolkit.fluxcd.io', word: 'helmrelease', manager: 'helm-controller' },
] as const;
/** The field managers of Argo CD: with and without server-side apply. */
const argoManagers = /^argocd-(controller|application-controller)$/;

/** Undefined when nothing tells that Git would undo a change. */
export function gitToolOf({ metadata }: Applied): GitTool | undefined {
  const { labels = {}, annotations = {}, managedFields = [] } = metadata;
  const managers = managedFields.map(({ manager = '' }) => manager);
  for (const { kind, group, word, manager } of flux) {
    const name = labels[`${group}/name`];
    const namespace = labels[`${group}/namespace`];
    if (name !== undefined && namespace !== undefined) {
      return {
        name: `Flux's ${kind} ${namespace}/${name}`,
        pause: `flux suspend ${word} ${name} -n ${namespace}`,
        keeper: { kind, name, namespace },
      };
    }
    if (managers.includes(manager)) {
      return { name: `a ${kind} of Flux`, pause: `flux suspend ${word} NAME`, keeper: { kind } };
    }
  }
  const [tracked] = annotations['argocd.argoproj.io/tracking-id']?.split(':') ?? [];
  const instance = labels['argocd.argoproj.io/instance'];
  const application =
    tracked ?? instance ?? (managers.some((m) => argoManagers.test(m)) ? labels[instanceLabel] : undefined);
  if (application !== undefined) {
    // An application in another namespace than Argo CD's is tracked as NAMESPACE_NAME; argocd takes NAMESPACE/NAME.
    const app = application.replace('_', '/');
    const [name = app, namespace] = app.split('/').reverse();
    return {
      name: `Argo CD's Application ${app}`,
      pause: `argocd app set ${app} --sync-policy none`,
      keeper: { kind: 'Application', name, ...(namespace === undefined ? {} : { namespace }) },
    };
  }
  if (managers.some((m) => argoManagers.test(m))) {
    return {
      name: 'an Application of Argo CD',
      pause: 'argocd app set NAME --sync-policy none',
      keeper: { kind: 'Application' },
    };
  }
  return undefined;
}

/** Argo CD's label by default, which Helm and others set too: alone it tells nothing. */
const instanceLabel = 'app.kubernetes.io/instance';
