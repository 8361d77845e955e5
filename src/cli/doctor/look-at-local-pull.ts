import { apiVersion, plural, type RegistryReplication } from '../../api/registryreplication.ts';
import { nodeLabels, nodesByRegion } from '../../view/nodes.ts';
import type { Call } from '../command.ts';
import { type Check, warning } from './finding.ts';
import {
  type Binding,
  type Bound,
  type Installed,
  localPullChecks,
  type Policy,
  pullPolicies,
  selectorText,
} from './local-pull.ts';
import { readable, unlessForbidden } from './look.ts';
import { nodeChecks } from './nodes.ts';
import { nameOf } from './object.ts';

const path = '/apis/admissionregistration.k8s.io';
/** Newest first: v1 is Kubernetes 1.36, v1beta1 is 1.34 and 1.35. */
const versions = ['v1', 'v1beta1'] as const;

/** What doctor knows already. */
export interface Known {
  /** Whether a registry has regional endpoints. */
  readonly hasEndpoints: boolean;
  readonly all: readonly RegistryReplication[];
  /** Whether there are no other objects than `all`. */
  readonly isAll: boolean;
}

/**
 * One LIST of MutatingAdmissionPolicies in each version of their API until one answers, one of their bindings where there is
 * one of ours, for each of them one LIST of at most one namespace that it chooses and one GET of the object that it names if that
 * is not known yet, and a LIST of the nodes where there is such a policy or a registry has regional endpoints.
 */
export async function lookAtLocalPull(call: Call, known: Known): Promise<LocalPull> {
  const { hasEndpoints } = known;
  const installed = await readInstalled(call);
  const isOurs = installed.ok && pullPolicies(installed.value).length > 0;
  const nodes =
    isOurs || hasEndpoints ? await unlessForbidden(nodeLabels(call.cluster().client, call.signal)) : unasked;
  const labels = (nodes.ok ? nodes.value : undefined) ?? [];
  const objectOf = installed.ok ? await boundObjects(call, installed.value, known) : () => 'unseen' as const;
  const namespaces = installed.ok ? await chosenNamespaces(call, installed.value) : noNamespaces;
  const unseen = hasEndpoints && !installed.ok ? [warning(`policies were not looked at: ${installed.why}`)] : [];
  return {
    pull: installed.ok
      ? [
          ...localPullChecks(
            installed.value,
            { objectOf, hasNamespace: namespaces.has, nodes: nodesByRegion(labels) },
            hasEndpoints,
          ),
          ...namespaces.unseen,
        ]
      : unseen,
    nodes: nodes.ok ? nodeChecks(labels) : [warning(`the nodes were not looked at: ${nodes.why}`)],
  };
}

export interface LocalPull {
  readonly pull: readonly Check[];
  readonly nodes: readonly Check[];
}

/** The objects that bindings name: those that are known, and one GET for each that is not, unless all are. */
async function boundObjects(call: Call, { bindings }: Installed, { all, isAll }: Known): Promise<Bound['objectOf']> {
  const found = new Map<string, ReturnType<Bound['objectOf']>>(all.map((object) => [nameOf(object), object]));
  for (const { spec } of bindings) {
    const { namespace, name } = spec?.paramRef ?? {};
    if (isAll || namespace === undefined || name === undefined || found.has(`${namespace}/${name}`)) continue;
    const path = `/apis/${apiVersion}/namespaces/${namespace}/${plural}/${name}`;
    const read = await readable<RegistryReplication>(call, path);
    found.set(`${namespace}/${name}`, read.ok ? read.value : 'unseen');
  }
  return (namespace, name) => found.get(`${namespace}/${name}`);
}

interface Namespaces {
  readonly has: Bound['hasNamespace'];
  /** At most one, for the user may either list namespaces or not. */
  readonly unseen: readonly Check[];
}
const noNamespaces: Namespaces = { has: () => undefined, unseen: [] };

/** Whether there is a namespace for each binding of ours. */
async function chosenNamespaces(call: Call, installed: Installed): Promise<Namespaces> {
  const ours = new Set(pullPolicies(installed).map(({ metadata }) => metadata.name));
  const found = new Map<string, boolean>();
  for (const { metadata, spec } of installed.bindings) {
    if (!ours.has(spec?.policyName ?? '')) continue;
    const labelSelector = selectorText(spec?.matchResources?.namespaceSelector);
    const read = await readable<{ readonly items?: readonly unknown[] }>(call, '/api/v1/namespaces', {
      limit: '1',
      ...(labelSelector !== '' && { labelSelector }),
    });
    if (!read.ok) return { ...noNamespaces, unseen: [warning(`the namespaces were not looked at: ${read.why}`)] };
    found.set(metadata.name, (read.value?.items ?? []).length > 0);
  }
  return { has: ({ metadata }) => found.get(metadata.name), unseen: [] };
}

const unasked = { ok: true, value: undefined } as const;

async function readInstalled(
  call: Call,
): Promise<{ readonly ok: true; readonly value: Installed } | { readonly ok: false; readonly why: string }> {
  for (const version of versions) {
    const policies = await readable<{ readonly items?: readonly Policy[] }>(
      call,
      `${path}/${version}/mutatingadmissionpolicies`,
    );
    if (!policies.ok) return policies;
    if (policies.value === undefined) continue;
    const found: Installed = { version, policies: policies.value.items ?? [], bindings: [] };
    if (pullPolicies(found).length === 0) return { ok: true, value: found };
    const bindings = await readable<{ readonly items?: readonly Binding[] }>(
      call,
      `${path}/${version}/mutatingadmissionpolicybindings`,
    );
    return bindings.ok ? { ok: true, value: { ...found, bindings: bindings.value?.items ?? [] } } : bindings;
  }
  return { ok: true, value: { version: undefined, policies: [], bindings: [] } };
}
