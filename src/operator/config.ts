import { createHash } from 'node:crypto';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Cloud, cloudAt, clouds } from '../azure/cloud.ts';
import { type CredentialChoice, chooseCredential } from '../azure/identity/credential.ts';
import { nearest } from '../domain/nearest.ts';
import { certificateFiles } from '../http/certificate.ts';
import type { Address } from '../http/server.ts';
import type { KubeSource } from '../kube/http/kubeconfig.ts';
import type { Level } from '../telemetry/log.ts';
import { version } from '../version.ts';
import { flagOf, type Parsed, type Setting, type SettingKey, settings } from './settings.ts';
import { helpText } from './settings-table.ts';

export interface Config {
  readonly azure: {
    /** Of registries whose object names none. */
    readonly subscriptionId: string | undefined;
    readonly cloud: Cloud;
    readonly credential: CredentialChoice;
    readonly disableInstanceDiscovery: boolean;
  };
  readonly kube: KubeSource;
  readonly watch: {
    /** Sorted; empty: all. */
    readonly namespaces: readonly string[];
    readonly selector: string | undefined;
  };
  /** The Lease to hold before any work; undefined: work at once. */
  readonly lease: { readonly namespace: string; readonly name: string } | undefined;
  readonly clusterName: string;
  readonly maxConcurrentReconciles: number;
  /** Per registry. */
  readonly maxConcurrentCreates: number;
  /** Of Azure's request limits, 0.05 to 1. */
  readonly armQuotaShare: number;
  readonly logLevel: Level;
  readonly metricsAddress: Address;
  readonly metricsRequireToken: boolean;
  /** Folder with tls.crt and tls.key; undefined: plain HTTP. */
  readonly metricsTlsDir: string | undefined;
  readonly healthAddress: Address;
  /** What must never be logged. */
  readonly secrets: readonly string[];
}

export type ParsedConfig =
  | { readonly kind: 'ok'; readonly config: Config }
  | { readonly kind: 'help' | 'version'; readonly text: string }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

export interface Readers {
  isFile(path: string): boolean;
  /** Undefined: there is no such file. */
  readText(path: string): string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Values = { readonly [K in SettingKey]: ValueOf<(typeof settings)[K]> };
type ValueOf<S> = S extends { parse(text: string): Parsed<infer T> }
  ? T | (S extends { readonly default: string } ? never : undefined)
  : never;

/** Flags (without program name) win over the environment; an empty value counts as unset. Reads nothing but `readers`. */
export function parseConfig(argv: readonly string[], env: Environment, readers: Readers): ParsedConfig {
  const flags = parseFlags(argv);
  if (flags.kind !== 'ok') return flags;
  const problems = [...flags.problems];

  const given = new Map<SettingKey, { readonly text: string; readonly source: string }>();
  const values: Partial<Record<SettingKey, unknown>> = {};
  for (const [key, setting] of entries(settings)) {
    const flag = flags.values.get(flagOf(setting))?.trim();
    const variable = env[setting.name]?.trim();
    if (flag) given.set(key, { text: flag, source: `--${flagOf(setting)}` });
    else if (variable) given.set(key, { text: variable, source: setting.name });

    const { text = setting.default, source = setting.name } = given.get(key) ?? {};
    if (text === undefined) continue;
    const parsed: Parsed<unknown> = setting.parse(text);
    if (parsed.ok) values[key] = parsed.value;
    else
      problems.push(`${source} is ${shown(setting, text)}, it must be ${parsed.wanted}. Example: ${setting.example}`);
  }
  // A wrong value is undefined below; its problem is known, so the config made from it is never seen.
  const { credential: kind, subscriptionId, disableInstanceDiscovery, ...value } = values as Values;

  const texts = {
    ...Object.fromEntries([...given].map(([key, { text }]) => [settings[key].name, text])),
    [settings.credential.name]: kind,
  };
  const credential = credentialOf(texts, kind !== undefined || !given.has('credential'), readers, problems);
  const cloud = cloudOf(values as Values, problems);
  const known = Object.values(clouds).some(({ authorityHost }) => authorityHost === cloud.authorityHost);
  const kube = kubeSourceOf(value.kubeconfig, env, readers, problems);
  const watch = { namespaces: value.watchNamespaces ?? [], selector: value.watchSelector };
  const lease =
    (value.leaderElection ?? kube?.kind === 'in-cluster') ? leaseOf(value, watch, readers, problems) : undefined;
  const { metricsAddress: metrics, healthAddress: health } = value;
  if (
    metrics?.port !== 0 &&
    metrics?.port === health?.port &&
    (metrics?.host ?? health?.host) === (health?.host ?? metrics?.host)
  ) {
    problems.push('METRICS_ADDRESS and HEALTH_ADDRESS are the same, they must differ. Example: :8080 and :8081');
  }
  const { metricsTlsDir: tls } = value;
  const missing = tls === undefined ? [] : certificateFiles.filter((name) => !readers.isFile(join(tls, name)));
  if (missing.length > 0) {
    problems.push(`METRICS_TLS_DIR is ${JSON.stringify(tls)}, where there is no readable ${missing.join(' and no ')}`);
  }
  if (problems.length > 0 || credential === undefined || kube === undefined) return { kind: 'invalid', problems };

  const config: Config = {
    azure: { subscriptionId, cloud, credential, disableInstanceDiscovery: disableInstanceDiscovery ?? !known },
    kube,
    watch,
    lease,
    clusterName: value.clusterName,
    maxConcurrentReconciles: value.maxConcurrentReconciles,
    maxConcurrentCreates: value.maxConcurrentCreates,
    armQuotaShare: value.armQuotaShare,
    logLevel: value.logLevel,
    metricsAddress: value.metricsAddress,
    metricsRequireToken: value.metricsRequireToken,
    metricsTlsDir: value.metricsTlsDir,
    healthAddress: value.healthAddress,
    secrets: [value.clientSecret, value.clientCertificatePassword].filter((secret) => secret !== undefined),
  };
  return { kind: 'ok', config: Object.freeze(config) };
}

type Flags =
  | { readonly kind: 'ok'; readonly values: ReadonlyMap<string, string>; readonly problems: readonly string[] }
  | { readonly kind: 'help' | 'version'; readonly text: string };

function parseFlags(argv: readonly string[]): Flags {
  const byFlag = new Map<string, Setting<unknown>>(Object.values(settings).map((s) => [flagOf(s), s]));
  const flags = [...byFlag].filter(([, { secret }]) => secret === undefined).map(([flag]) => flag);
  const { tokens } = parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries(flags.map((flag) => [flag, { type: 'string' as const }])),
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
    },
    strict: false, // strict stops at the first problem
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string>();
  const problems: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      // Not shown: it may be a secret that belongs to the flag before it.
      problems.push(`argument ${token.index + 1} belongs to no flag; --help lists the flags`);
    } else if (token.name === 'help') return { kind: 'help', text: helpText() };
    else if (token.name === 'version') return { kind: 'version', text: `acr-replication-operator ${version}` };
    else if (byFlag.get(token.name)?.secret !== undefined) {
      const { name } = byFlag.get(token.name) as Setting<unknown>;
      problems.push(`${token.rawName} is not a flag, because other processes can read the command line; set ${name}`);
    } else if (!flags.includes(token.name)) {
      const near = nearest(token.name, flags);
      problems.push(
        `${token.rawName} is not a flag; ${near === undefined ? '--help lists the flags' : `did you mean --${near}?`}`,
      );
    } else if (token.value === undefined || (!token.inlineValue && token.value.startsWith('-'))) {
      problems.push(`${token.rawName} has no value. Example: ${token.rawName}=${byFlag.get(token.name)?.example}`);
    } else values.set(token.name, token.value);
  }
  return { kind: 'ok', values, problems };
}

function credentialOf(
  texts: Environment,
  isKindKnown: boolean,
  readers: Readers,
  problems: string[],
): CredentialChoice | undefined {
  if (!isKindKnown) return undefined;
  const chosen = chooseCredential(texts);
  if (!chosen.ok) {
    problems.push(...chosen.problems);
    return undefined;
  }
  const { choice } = chosen;
  const file =
    choice.kind === 'workload-identity'
      ? choice.tokenFilePath
      : 'certificatePath' in choice
        ? choice.certificatePath
        : undefined;
  if (file !== undefined && !readers.isFile(file)) {
    const { name } = choice.kind === 'workload-identity' ? settings.federatedTokenFile : settings.clientCertificatePath;
    problems.push(`${name} is ${JSON.stringify(file)}, where there is no readable file`);
  }
  return choice;
}

/** Addresses win over the name; a known token issuer, as the workload identity webhook gives it, names its cloud. */
function cloudOf({ environment, resourceManagerEndpoint, authorityHost }: Values, problems: string[]): Cloud {
  const issuer = Object.values(clouds).find((cloud) => cloud.authorityHost === authorityHost);
  if (resourceManagerEndpoint !== undefined) {
    const host = authorityHost ?? environment?.authorityHost;
    if (host === undefined) {
      problems.push(
        'AZURE_RESOURCE_MANAGER_ENDPOINT is set without AZURE_AUTHORITY_HOST: set both, or AZURE_ENVIRONMENT',
      );
    }
    return cloudAt(resourceManagerEndpoint, host ?? clouds.AzurePublicCloud.authorityHost);
  }
  if (authorityHost !== undefined && issuer === undefined) {
    problems.push(
      `AZURE_AUTHORITY_HOST is ${JSON.stringify(authorityHost)}, which belongs to no known cloud: set AZURE_RESOURCE_MANAGER_ENDPOINT too`,
    );
  }
  if (environment !== undefined && issuer !== undefined && environment !== issuer) {
    problems.push(
      `AZURE_AUTHORITY_HOST is ${JSON.stringify(authorityHost)}, which belongs to another cloud than AZURE_ENVIRONMENT: unset one of them`,
    );
  }
  return environment ?? issuer ?? clouds.AzurePublicCloud;
}

/** As kubectl finds it, but a pod's service account goes before ~/.kube/config. */
function kubeSourceOf(
  kubeconfig: string | undefined,
  env: Environment,
  readers: Readers,
  problems: string[],
): KubeSource | undefined {
  if (kubeconfig !== undefined) {
    const named = kubeconfig.split(delimiter).filter((file) => file !== '');
    const files = named.filter((file) => readers.isFile(file));
    if (files.length === 0)
      problems.push(`KUBECONFIG is ${JSON.stringify(kubeconfig)}, where there is no readable file`);
    return { kind: 'files', files };
  }
  if (env['KUBERNETES_SERVICE_HOST']) return { kind: 'in-cluster' };
  const own = join(env['HOME'] ?? env['USERPROFILE'] ?? '', '.kube', 'config');
  if (readers.isFile(own)) return { kind: 'files', files: [own] };
  problems.push(`KUBECONFIG is not set, this is no pod, and there is no ${own}: set KUBECONFIG`);
  return undefined;
}

const ownNamespaceFile = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

function leaseOf(
  { leaseNamespace, leaseName }: Pick<Values, 'leaseNamespace' | 'leaseName'>,
  watch: Config['watch'],
  readers: Readers,
  problems: string[],
): Config['lease'] {
  const namespace = leaseNamespace ?? readers.readText(ownNamespaceFile)?.trim();
  if (namespace) return { namespace, name: leaseName ?? defaultLeaseName(watch) };
  problems.push(
    `LEASE_NAMESPACE is not set, and there is no ${ownNamespaceFile}: set LEASE_NAMESPACE, or LEADER_ELECTION=false for an operator that is alone`,
  );
  return undefined;
}

/** Operators that look after different objects must not wait for each other; those of the same objects must. */
function defaultLeaseName({ namespaces, selector = '' }: Config['watch']): string {
  const name = 'acr-replication-operator';
  if (namespaces.length === 0 && selector === '') return name;
  const requirements = selector.split(/,(?![^(]*\))/).map((requirement) => requirement.replace(/\s/g, ''));
  const shard = JSON.stringify([namespaces, requirements.sort()]);
  return `${name}-${createHash('sha256').update(shard).digest('hex').slice(0, 8)}`;
}

function shown(setting: Setting<unknown>, text: string): string {
  if (setting.secret) return 'wrong';
  const safe = text.replace(/\/\/[^/@]*@/, '//…@');
  return JSON.stringify(safe.length > 100 ? `${safe.slice(0, 100)}…` : safe);
}

function entries<K extends string, V>(record: Readonly<Record<K, V>>): readonly (readonly [K, Setting<unknown>])[] {
  return Object.entries(record) as unknown as readonly (readonly [K, Setting<unknown>])[];
}
