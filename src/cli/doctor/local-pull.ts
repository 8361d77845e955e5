import { group, isDeleting, kind, type RegistryReplication } from '../../api/registryreplication.ts';
import { type Region, regionOf } from '../../domain/region.ts';
import { whyGlobal, whyUnkept } from '../../view/pull.ts';
import { program } from '../help.ts';
import { type Check, failing, warning, well } from './finding.ts';
import { nameOf } from './object.ts';

/** A MutatingAdmissionPolicy, the fields that are looked at. */
export interface Policy {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly paramKind?: { readonly apiVersion?: string; readonly kind?: string };
    readonly failurePolicy?: string;
    readonly matchConditions?: readonly { readonly expression: string }[];
    readonly variables?: readonly { readonly expression: string }[];
  };
}

/** A MutatingAdmissionPolicyBinding, the fields that are looked at. */
export interface Binding {
  readonly metadata: { readonly name: string };
  readonly spec?: {
    readonly policyName?: string;
    readonly paramRef?: {
      readonly namespace?: string;
      readonly name?: string;
      readonly parameterNotFoundAction?: string;
    };
    readonly matchResources?: { readonly namespaceSelector?: LabelSelector };
  };
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/ */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

/** What the cluster has of local pull. */
export interface Installed {
  /** Version of the API that serves policies; undefined: the cluster serves none. */
  readonly version: string | undefined;
  readonly policies: readonly Policy[];
  readonly bindings: readonly Binding[];
}

/** What the policy is bound to. */
export interface Bound {
  /** The object of that namespace and name; undefined: there is none; `unseen`: it was not looked at. */
  readonly objectOf: (namespace: string, name: string) => RegistryReplication | undefined | 'unseen';
  /** Whether a binding's selector chooses any namespace; undefined: that was not looked at. */
  readonly hasNamespace: (binding: Binding) => boolean | undefined;
  /** How many nodes there are in each region; empty where that is not known. */
  readonly nodes: ReadonlyMap<Region, number>;
}

const annotation = `${group}/region`;
const page = 'docs/local-pull.md';

/** Policies that take a RegistryReplication for their parameter, the chart's or others. */
export function pullPolicies({ policies }: Installed): readonly Policy[] {
  return policies.filter(
    ({ spec }) => spec?.paramKind?.kind === kind && spec.paramKind.apiVersion?.startsWith(`${group}/`),
  );
}

/** Whether Pods pull from the replica in their cluster's region, and if not, what is in the way. */
export function localPullChecks(installed: Installed, bound: Bound, hasEndpoints: boolean): readonly Check[] {
  const { version, bindings } = installed;
  if (version === undefined) {
    const says =
      'the cluster serves no MutatingAdmissionPolicy, so Pods pull from the global host: Kubernetes 1.36 has it';
    return hasEndpoints ? [well(`${says}, 1.34 and 1.35 behind a feature gate`)] : [];
  }
  const policies = pullPolicies(installed);
  if (policies.length === 0) {
    return hasEndpoints ? [well(`Pods pull from the global host: no policy lets them do otherwise, see ${page}`)] : [];
  }
  return policies.flatMap((policy) => {
    const { name, annotations } = policy.metadata;
    const own = bindings.filter(({ spec }) => spec?.policyName === name);
    const region = regionOf(annotations?.[annotation] ?? '');
    const torn = region === '' ? [] : tornChecks(policy, region);
    if (torn.length > 0) return torn;
    return [
      ...policyChecks(policy, version, own.length),
      ...regionChecks(policy, region, bound.nodes),
      ...own.flatMap((binding) => bindingChecks(binding, region, bound)),
    ];
  });
}

function policyChecks({ metadata, spec }: Policy, version: string, bindings: number): readonly Check[] {
  const { name } = metadata;
  const checks: Check[] = [];
  if (spec?.failurePolicy !== 'Ignore') {
    const cure = `kubectl patch mutatingadmissionpolicy ${name} --type merge -p '{"spec":{"failurePolicy":"Ignore"}}'`;
    checks.push(failing(`policy ${name} refuses Pods when it fails`, cure));
  }
  if (bindings === 0) {
    const cure = 'helm upgrade with localPull.objects, or apply deploy/local-pull';
    return [...checks, warning(`policy ${name} is bound to nothing, so Pods pull from the global host`, cure)];
  }
  return [...checks, well(`policy ${name} is installed by admissionregistration.k8s.io/${version}, and bound`)];
}

/** The chart names the region in conditions and in variables, and in the annotation, which an overlay may have changed alone. */
function tornChecks({ metadata, spec }: Policy, region: Region): readonly Check[] {
  const parts = [spec?.matchConditions ?? [], spec?.variables ?? []];
  if (parts.every((part) => part.some(({ expression }) => expression.includes(`'${region}'`)))) return [];
  const says = `policy ${metadata.name} is about ${region} by its annotation, and about another region by its expressions`;
  return [failing(says, 'helm upgrade with localPull.region, or the replacements that deploy/local-pull tells of')];
}

function regionChecks({ metadata }: Policy, region: Region, nodes: ReadonlyMap<Region, number>): readonly Check[] {
  const others = [...nodes.keys()].sort();
  if (region === '' || nodes.size === 0 || nodes.has(region)) return [];
  const says = `policy ${metadata.name} is about ${region}, and this cluster's nodes are in ${others.join(', ')}`;
  return [warning(says, `helm upgrade with --set localPull.region=${others[0]}`)];
}

function bindingChecks(binding: Binding, region: Region, { objectOf, hasNamespace }: Bound): readonly Check[] {
  const { metadata, spec } = binding;
  const { namespace, name, parameterNotFoundAction } = spec?.paramRef ?? {};
  const edit = `kubectl edit mutatingadmissionpolicybinding ${metadata.name}`;
  const refuses =
    parameterNotFoundAction === 'Deny' && spec?.paramRef !== undefined
      ? [
          warning(
            `binding ${metadata.name} has parameterNotFoundAction Deny: without the object its policy fails`,
            edit,
          ),
        ]
      : [];
  if (namespace === undefined || name === undefined)
    return [...refuses, well(`binding ${metadata.name} names no one object, so none was looked at for it`)];
  const object = objectOf(namespace, name);
  if (object === 'unseen') return refuses;
  if (object === undefined) {
    return [
      ...refuses,
      warning(`binding ${metadata.name} names RegistryReplication ${namespace}/${name}, which is not there`, edit),
    ];
  }
  if (region === '') return refuses;
  const pull = pullCheck(object, region);
  if (hasNamespace(binding) !== false) return [...refuses, pull];
  const selector = selectorText(spec?.matchResources?.namespaceSelector);
  const says = `binding ${metadata.name} is for namespaces with ${selector}, and there is none`;
  const none = warning(says, `kubectl label namespace NAMESPACE ${group}/local-pull=enabled`);
  return [...refuses, none, ...(pull.verdict === 'ok' ? [] : [pull])];
}

/** A selector in the words of kubectl's --selector, as the API takes it too; empty: it selects all. */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): string {
  return [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      if (operator === 'Exists') return key;
      if (operator === 'DoesNotExist') return `!${key}`;
      return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join()})`;
    }),
  ].join();
}

/** From where Pods pull what comes from the registry of an object. */
function pullCheck(object: RegistryReplication, region: Region): Check {
  const { metadata, spec, status } = object;
  const replica = status?.replicas?.find(({ location }) => location === region);
  const about = `${metadata.name} -n ${metadata.namespace}`;
  const show = `${program} status ${about}`;
  const global = (why: string, cure = show): Check =>
    warning(`${nameOf(object)}: Pods pull from the global host, for ${why}`, cure);
  if (status?.registry === undefined) return global('nobody has looked at the registry yet');
  const unkept = whyUnkept(object);
  if (unkept !== undefined) return global(unkept, isDeleting(object) ? show : `${program} resume ${about}`);
  if (replica === undefined) return global(`it has no replica in ${region}`);
  if (replica.endpoint === undefined) {
    const { subscriptionId } = spec.registry;
    const inSubscription = subscriptionId === undefined ? '' : ` --subscription ${subscriptionId}`;
    const cure = `az acr update --name ${spec.registry.name}${inSubscription} --regional-endpoints enabled, then ${program} reconcile ${about}`;
    return global('its registry has no regional endpoints, or the operator could not read them', cure);
  }
  const why = whyGlobal(object, replica);
  return why === undefined ? well(`${nameOf(object)}: Pods pull from ${replica.endpoint}`) : global(why);
}
