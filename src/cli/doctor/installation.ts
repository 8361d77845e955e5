import { version as apiVersion } from '../../api/registryreplication.ts';
import type { LeaseSpec } from '../../kube/election/lease.ts';
import { age } from '../output/age.ts';
import { installCrd, installOperator } from '../releases.ts';
import { versionMisfits } from '../versions.ts';
import { type Check, failing, warning, well } from './finding.ts';

/** A CustomResourceDefinition, the fields that are looked at. */
export interface Crd {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: { readonly versions?: readonly { readonly name: string; readonly served?: boolean }[] };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** Whether the cluster serves our objects. `crd` is undefined when there is none. */
export function crdChecks(crd: Crd | undefined): readonly Check[] {
  if (crd === undefined) return [failing('this cluster does not know RegistryReplication', installCrd())];
  const served = (crd.spec?.versions ?? []).filter(({ served }) => served === true).map(({ name }) => name);
  const conditions = crd.status?.conditions ?? [];
  const wrong = conditions.filter(({ type, status }) => (wanted[type] ?? status) !== status);
  const isEstablished = conditions.some(({ type, status }) => type === 'Established' && status === 'True');
  const checks = wrong.map(({ type, status, message = '' }) =>
    failing(`the CRD has condition ${type} ${status}: ${message}`.replace(/: $/, ''), installCrd()),
  );
  if (!isEstablished && checks.length === 0) checks.push(failing('the CRD is not Established yet', installCrd()));
  if (!served.includes(apiVersion)) {
    checks.push(failing(`the CRD does not serve ${apiVersion}, which this plugin speaks`, installCrd()));
  }
  const version = crdVersion(crd);
  const which = version === undefined ? '' : ` of version ${version}`;
  return checks.length > 0 ? checks : [well(`the CRD${which} is established and serves ${served.join(', ')}`)];
}

/** The release that the CRD is of; undefined: it does not say so. */
export function crdVersion(crd: Crd | undefined): string | undefined {
  return crd?.metadata?.labels?.['app.kubernetes.io/version'];
}

/** What the status of a condition must be. */
const wanted: Readonly<Record<string, string>> = {
  Established: 'True',
  NamesAccepted: 'True',
  NonStructuralSchema: 'False',
  Terminating: 'False',
};

/** A Deployment of the operator, the fields that are looked at. */
export interface Deployment {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly creationTimestamp: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly replicas?: number;
    readonly template: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
      readonly spec: {
        readonly serviceAccountName?: string;
        readonly containers: readonly {
          readonly name: string;
          readonly image: string;
          readonly env?: readonly { readonly name: string; readonly value?: string }[];
          readonly envFrom?: readonly {
            readonly configMapRef?: { readonly name: string };
            readonly secretRef?: { readonly name: string; readonly optional?: boolean };
          }[];
        }[];
      };
    };
  };
  readonly status?: { readonly readyReplicas?: number };
}

/** The labels by which the operator's Deployments are found. */
const operatorSelector = 'app.kubernetes.io/name=acr-replication-operator,app.kubernetes.io/component=controller';

/** Whether the operator runs, in which version, since when it is there, and whether CRD and plugin fit it. */
export function operatorChecks(
  deployments: readonly Deployment[],
  versions: { readonly plugin: string; readonly crd: string | undefined },
  now: Date,
): readonly Check[] {
  if (deployments.length === 0) {
    return [failing('the operator is not installed', installOperator())];
  }
  return deployments.flatMap((deployment) => {
    const { metadata, spec, status } = deployment;
    const { name, namespace, creationTimestamp } = metadata;
    const [wants, ready] = [spec.replicas ?? 1, status?.readyReplicas ?? 0];
    const version = versionOf(deployment);
    const text = `${namespace}/${name}, version ${version ?? 'unknown'}, ${age(creationTimestamp, now)} old, ${ready} of ${wants} Pods ready`;
    const runs =
      wants === 0
        ? failing(`it is scaled to nothing: ${text}`, `kubectl -n ${namespace} scale deployment ${name} --replicas 2`)
        : ready === 0
          ? failing(`it does not run: ${text}`, `kubectl -n ${namespace} logs deployment/${name}`)
          : ready < wants
            ? warning(`not all of it runs: ${text}`, `kubectl -n ${namespace} describe pods -l ${operatorSelector}`)
            : well(`it runs: ${text}`);
    const misfits = versionMisfits({ deployment: `${namespace}/${name}`, version }, versions);
    return [
      runs,
      ...misfits.map(({ kind, text: says, cure }) => (kind === 'bad' ? failing(says, cure) : warning(says, cure))),
    ];
  });
}

/** By the image's tag, or by the label where the image is named by its digest. */
function versionOf({ metadata, spec }: Deployment): string | undefined {
  const [, tag] = /:v?([^:/@]+)(?:@|$)/.exec(spec.template.spec.containers[0]?.image.replace(/@.*$/, '') ?? '') ?? [];
  return tag ?? metadata.labels?.['app.kubernetes.io/version'];
}

/** The value of an environment variable of the operator; undefined where it is not written in the Deployment. */
export function settingOf({ spec }: Deployment, name: string): string | undefined {
  const env = spec.template.spec.containers.flatMap((container) => container.env ?? []);
  return env.find((variable) => variable.name === name)?.value || undefined;
}

/** The Lease that lets one of the operator's Pods work; undefined: there is none. */
export function leaseOf(deployment: Deployment): { readonly namespace: string; readonly name: string } | undefined {
  if (settingOf(deployment, 'LEADER_ELECTION') === 'false') return undefined;
  return {
    namespace: settingOf(deployment, 'LEASE_NAMESPACE') ?? deployment.metadata.namespace,
    name: settingOf(deployment, 'LEASE_NAME') ?? 'acr-replication-operator',
  };
}

/** Whether one of the operator's Pods works now. `lease` is undefined when there is none. */
export function leaderCheck(lease: LeaseSpec | undefined, { metadata }: Deployment, now: Date): Check {
  const { holderIdentity = '', renewTime, leaseDurationSeconds = 15 } = lease ?? {};
  const cure = `kubectl -n ${metadata.namespace} logs deployment/${metadata.name}`;
  if (lease === undefined) return failing('none of its Pods has ever been the leader: there is no Lease', cure);
  if (holderIdentity === '') return warning('none of its Pods is the leader: the Lease was released', cure);
  const silentMs = now.getTime() - Date.parse(renewTime ?? '');
  if (silentMs < leaseDurationSeconds * 1_000 + clockSkewMs) return well(`${holderIdentity} is the leader`);
  return failing(`${holderIdentity} was the leader and has been silent for ${age(renewTime, now) || 'ever'}`, cure);
}

/** The clocks of people and nodes differ. */
const clockSkewMs = 30_000;
