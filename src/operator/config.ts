import type { KubeSource } from '../kube/http/kubeconfig.ts';
import type { Level } from '../telemetry/log.ts';
import { type AzureConfig, azureConfig } from './azure-config.ts';
import { parseFlags } from './flags.ts';
import { kubeSource, type LeaseConfig, leaseConfig, type WatchConfig, watchConfig } from './kube-config.ts';
import { problemsOf, type Readers } from './part.ts';
import { type ProxyConfig, proxyConfig } from './proxy-config.ts';
import { type ServersConfig, serversConfig } from './servers-config.ts';
import { areRight, type Environment, readValues } from './values.ts';

/** All that the operator is told when it starts. */
export interface Config extends ServersConfig {
  readonly azure: AzureConfig;
  readonly proxy: ProxyConfig;
  readonly kube: KubeSource;
  readonly watch: WatchConfig;
  /** The Lease to hold before any work; undefined means to work at once. */
  readonly lease: LeaseConfig | undefined;
  /** Name of this cluster in the owner tag of replicas. */
  readonly clusterName: string;
  /** How many objects are worked on at the same time. */
  readonly maxConcurrentReconciles: number;
  /** How many replicas of one registry are requested at the same time. */
  readonly maxConcurrentCreates: number;
  /** The operator's share of Azure's request limits, 0.05 to 1. */
  readonly armQuotaShare: number;
  /** Whether registries at rest are looked at by Azure Resource Graph. */
  readonly resourceGraph: boolean;
  readonly logLevel: Level;
  /** Texts that must never be logged. */
  readonly secrets: readonly string[];
}

export type ParsedConfig =
  | { readonly kind: 'ok'; readonly config: Config }
  | { readonly kind: 'help' | 'version'; readonly text: string }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/**
 * Makes the configuration from flags (without the program's name) and environment; flags win, and an empty value counts
 * as unset. Lists every problem at once. Looks at the machine through `readers` only.
 */
export function parseConfig(argv: readonly string[], env: Environment, readers: Readers): ParsedConfig {
  const flags = parseFlags(argv);
  if (flags.kind !== 'ok') return flags;
  const { values, problems } = readValues(flags.values, env);
  const azure = azureConfig(values, readers);
  const proxy = proxyConfig(env, azure);
  const kube = kubeSource(values, env, readers);
  const watch = watchConfig(values);
  const lease = leaseConfig(values, kube, watch, readers);
  const servers = serversConfig(values, readers);
  if (
    !areRight(values) ||
    !azure.ok ||
    !proxy.ok ||
    !kube.ok ||
    !watch.ok ||
    !lease.ok ||
    !servers.ok ||
    flags.problems.length > 0
  ) {
    const between = problemsOf(azure, proxy, kube, watch, lease, servers);
    return { kind: 'invalid', problems: [...flags.problems, ...problems, ...between] };
  }
  const config: Config = {
    azure: azure.value,
    proxy: proxy.value,
    kube: kube.value,
    watch: watch.value,
    lease: lease.value,
    ...servers.value,
    clusterName: values.clusterName,
    maxConcurrentReconciles: values.maxConcurrentReconciles,
    maxConcurrentCreates: values.maxConcurrentCreates,
    armQuotaShare: values.armQuotaShare,
    resourceGraph: values.resourceGraph,
    logLevel: values.logLevel,
    secrets: [values.clientSecret, values.clientCertificatePassword, ...proxy.value.secrets].filter(
      (secret) => secret !== undefined,
    ),
  };
  return { kind: 'ok', config: Object.freeze(config) };
}
