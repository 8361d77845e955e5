import type { RegistryReplication } from '../../api/registryreplication.ts';
import { labelMatcher } from '../../kube/watch/label-selector.ts';

/** A setting of a running operator: its value, or that it cannot be told. Undefined: it is not set. */
type Value = { readonly text: string } | { readonly unknown: string } | undefined;

/** What an operator's Deployment says of how it works. */
export interface OperatorSettings {
  /** `Deployment acr-replication-system/acr-replication-operator`. */
  readonly source: string;
  /** Undefined: it comes from somewhere that is not read, such as a Secret. */
  readonly clusterName: string | undefined;
  readonly subscriptionId: string | undefined;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  readonly selector: string | undefined;
  /** Settings of what it looks after that cannot be read, and count as not set: `WATCH_NAMESPACES`. */
  readonly unread: readonly string[];
  /** Whether it is to run at all: not scaled to 0. */
  readonly runs: boolean;
}

interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly configMapKeyRef?: { readonly name: string; readonly key: string };
    readonly fieldRef?: { readonly fieldPath: string };
  };
}

/** A Deployment, what is read of it. */
export interface Deployment {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    /** Default 1. */
    readonly replicas?: number;
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly name: string;
          readonly args?: readonly string[];
          readonly env?: readonly EnvVar[];
          readonly envFrom?: readonly { readonly prefix?: string; readonly configMapRef?: { readonly name: string } }[];
        }[];
      };
    };
  };
}

/** The data of the ConfigMaps of a namespace, by name. */
export type ConfigMaps = ReadonlyMap<string, Readonly<Record<string, string>>>;

function containerOf({ spec }: Deployment) {
  const { containers } = spec.template.spec;
  return containers.find(({ name }) => name === 'operator') ?? containers[0];
}

/** The ConfigMaps that an operator's settings come from. */
export function configMapsOf(deployment: Deployment): readonly string[] {
  const { env = [], envFrom = [] } = containerOf(deployment) ?? {};
  const named = [
    ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef),
    ...envFrom.map((from) => from.configMapRef),
  ];
  return [...new Set(named.flatMap((ref) => ref?.name ?? []))];
}

/** The settings of an operator: flags go before variables, and those before whole ConfigMaps, as in the pod. */
export function settingsOf(deployment: Deployment, configMaps: ConfigMaps): OperatorSettings {
  const { name, namespace } = deployment.metadata;
  const read = (variable: string): Value =>
    flagValue(deployment, variable, configMaps) ?? variableValue(deployment, variable, configMaps);
  const text = (variable: string): string | undefined => textOf(read(variable));
  const clusterName = read('CLUSTER_NAME');
  return {
    source: `Deployment ${namespace}/${name}`,
    clusterName: clusterName === undefined || textOf(clusterName) === '' ? 'default' : textOf(clusterName),
    subscriptionId: text('AZURE_SUBSCRIPTION_ID') || undefined,
    namespaces: (text('WATCH_NAMESPACES') ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
    selector: text('WATCH_SELECTOR') || undefined,
    unread: ['WATCH_NAMESPACES', 'WATCH_SELECTOR'].filter((variable) => isUnknown(read(variable))),
    runs: deployment.spec.replicas !== 0,
  };
}

function textOf(value: Value): string | undefined {
  return value !== undefined && 'text' in value ? value.text : undefined;
}

function isUnknown(value: Value): boolean {
  return value !== undefined && 'unknown' in value;
}

/** `--cluster-name=x` or `--cluster-name x`. */
function flagValue(deployment: Deployment, variable: string, configMaps: ConfigMaps): Value {
  const flag = `--${variable.toLowerCase().replaceAll('_', '-')}`;
  const args = containerOf(deployment)?.args ?? [];
  const at = args.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  if (at === -1) return undefined;
  const text = args[at] === flag ? args[at + 1] : args[at]?.slice(flag.length + 1);
  return text === undefined ? undefined : expanded(text, (name) => variableValue(deployment, name, configMaps));
}

function variableValue(deployment: Deployment, variable: string, configMaps: ConfigMaps): Value {
  const { env = [], envFrom = [] } = containerOf(deployment) ?? {};
  const at = env.findLastIndex(({ name }) => name === variable);
  const own = env[at];
  if (own?.value !== undefined) {
    const isBefore = (name: string) => env.slice(0, at).some((one) => one.name === name);
    return expanded(own.value, (name) =>
      isBefore(name) ? variableValue(deployment, name, configMaps) : { unknown: name },
    );
  }
  if (own?.valueFrom?.fieldRef?.fieldPath === 'metadata.namespace') return { text: deployment.metadata.namespace };
  if (own !== undefined) {
    const { configMapKeyRef: ref } = own.valueFrom ?? {};
    const text = ref && configMaps.get(ref.name)?.[ref.key];
    return text === undefined ? { unknown: variable } : { text };
  }
  for (const { prefix = '', configMapRef } of envFrom.toReversed()) {
    const data = configMapRef && configMaps.get(configMapRef.name);
    const text = variable.startsWith(prefix) ? data?.[variable.slice(prefix.length)] : undefined;
    if (text !== undefined) return { text };
  }
  return undefined;
}

/**
 * The text with the variables that Kubernetes puts into it: in a variable those that come before it, in a flag all.
 * `$$(NAME)` stays `$(NAME)`. The source is the doc comment of EnvVar.value in k8s.io/api/core/v1.
 */
function expanded(text: string, valueOf: (variable: string) => Value): Value {
  let unknown: string | undefined;
  const filled = text.replace(/\$\$|\$\((\w+)\)/g, (whole, name?: string) => {
    if (name === undefined) return '$';
    const value = textOf(valueOf(name));
    if (value === undefined) unknown = whole;
    return value ?? whole;
  });
  return unknown === undefined ? { text: filled } : { unknown };
}

/** Whether an operator looks after an object. */
export function watches(operator: OperatorSettings, { metadata }: RegistryReplication): boolean {
  return looksInto(operator, metadata.namespace) && isSelected(operator.selector, metadata.labels);
}

/** Whether an operator sees the objects of a namespace, those that it leaves to others among them. */
export function looksInto({ namespaces }: OperatorSettings, namespace: string): boolean {
  return namespaces.length === 0 || namespaces.includes(namespace);
}

function isSelected(selector: string | undefined, labels: Readonly<Record<string, string>> | undefined): boolean {
  try {
    return labelMatcher(selector)(labels);
  } catch {
    return true; // the operator does not start with such a selector
  }
}
