import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { operatorAccount, operatorNamespace } from '../sandbox/operator.ts';
import { controlPlane } from '../support/cluster.ts';

/** What the API server lets the operator's service account do, asked of the API server itself. */
const cluster = controlPlane();
const { kube } = cluster;
let namespace: string;
/** The operator's, and that of a service account to which nobody gave anything. */
const tokens = { operator: '', nobody: '' };
beforeAll(async () => {
  namespace = await kube.createNamespace('privileges');
  await kube.createServiceAccount(namespace, 'nobody');
  tokens.operator = await kube.tokenFor({ namespace: operatorNamespace, serviceAccount: operatorAccount });
  tokens.nobody = await kube.tokenFor({ namespace, serviceAccount: 'nobody' });
});
afterAll(() => cluster.close());

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

function rulesIn(file: string): readonly Rule[] {
  const documents = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS());
  return (documents as { readonly rules?: readonly Rule[] }[]).flatMap(({ rules = [] }) => rules);
}

/** `group/resource verb`, with the name where only one is meant. */
function flat(rules: readonly Rule[]): ReadonlySet<string> {
  const words = rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [''] }) =>
    apiGroups.flatMap((g) =>
      resources.flatMap((r) => verbs.flatMap((v) => resourceNames.map((n) => `${g}/${r} ${v} ${n}`.trim()))),
    ),
  );
  return new Set(words);
}

/** What a service account may do in a namespace, as `kubectl auth can-i --list` prints it. */
async function rightsOf(who: keyof typeof tokens, where: string): Promise<ReadonlySet<string>> {
  const answer = await kube.request<{ status: { resourceRules: readonly Rule[]; incomplete: boolean } }>(
    'POST',
    '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: where } },
    { token: tokens[who] },
  );
  expect(answer.status.incomplete).toBe(false);
  return flat(answer.status.resourceRules);
}

/** Beyond those of every service account, sorted. */
async function ownRights(where: string): Promise<readonly string[]> {
  const everybody = await rightsOf('nobody', where);
  return [...(await rightsOf('operator', where))].filter((right) => !everybody.has(right)).sort();
}

async function mayOperator(resourceAttributes: Readonly<Record<string, string>>): Promise<boolean> {
  const answer = await kube.request<{ status: { allowed: boolean } }>(
    'POST',
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } },
    { token: tokens.operator },
  );
  return answer.status.allowed;
}

test('in any namespace it has what deploy/cluster-role.yaml says beyond what every service account has, and no more', async () => {
  const more = await ownRights(namespace);
  expect(more).toEqual([...flat(rulesIn('deploy/cluster-role.yaml'))].sort());
});

test('in its own namespace it has what deploy/role.yaml says besides', async () => {
  const more = await ownRights(operatorNamespace);
  const stated = [...rulesIn('deploy/cluster-role.yaml'), ...rulesIn('deploy/role.yaml')];
  expect(more).toEqual([...flat(stated)].sort());
});

describe('of everything the API serves, by every verb, it may do nothing else', () => {
  const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
  const special: readonly Readonly<Record<string, string>>[] = [
    { group: '', resource: 'users', verb: 'impersonate' },
    { group: '', resource: 'groups', verb: 'impersonate', name: 'system:masters' },
    { group: '', resource: 'serviceaccounts', verb: 'impersonate' },
    { group: 'rbac.authorization.k8s.io', resource: 'clusterroles', verb: 'escalate' },
    { group: 'rbac.authorization.k8s.io', resource: 'clusterroles', verb: 'bind' },
    { group: 'rbac.authorization.k8s.io', resource: 'roles', verb: 'escalate' },
    { group: 'certificates.k8s.io', resource: 'signers', verb: 'approve' },
    { group: '', resource: 'nodes', subresource: 'proxy', verb: 'get' },
    { group: '', resource: 'pods', subresource: 'exec', verb: 'create' },
    { group: '', resource: 'pods', subresource: 'exec', verb: 'get' },
    {
      group: '',
      resource: 'secrets',
      verb: 'get',
      name: 'acr-replication-operator-azure',
      namespace: operatorNamespace,
    },
    { group: '', resource: 'secrets', verb: 'list', namespace: operatorNamespace },
    { group: '', resource: 'secrets', verb: 'list', namespace: 'kube-system' },
    { group: '', resource: 'secrets', verb: 'list' },
    { group: 'coordination.k8s.io', resource: 'leases', verb: 'update', name: 'another', namespace: operatorNamespace },
    { group: 'coordination.k8s.io', resource: 'leases', verb: 'delete', namespace: operatorNamespace },
    { group: 'coordination.k8s.io', resource: 'leases', verb: 'update', namespace: 'kube-node-lease' },
    { group: '*', resource: '*', verb: '*' },
  ];
  for (const attributes of special) {
    test(Object.values(attributes).filter(Boolean).join(' '), async () => {
      expect(await mayOperator(attributes)).toBe(false);
    });
  }

  test('in a namespace, where rights in the whole cluster count too', async () => {
    const { groups } = await kube.request<{ groups: readonly { preferredVersion: { groupVersion: string } }[] }>(
      'GET',
      '/apis',
    );
    const versions = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
    const stated = flat(rulesIn('deploy/cluster-role.yaml'));
    // What Kubernetes lets everybody do: ask about themselves.
    const everybody = /^(authorization|authentication)\.k8s\.io\/selfsubject\w+ create$/;
    let asked = 0;
    for (const version of versions) {
      const { resources } = await kube.request<{ resources: readonly { name: string }[] }>('GET', version);
      const group = version.startsWith('/apis/') ? (version.split('/')[2] ?? '') : '';
      const questions = resources.flatMap(({ name }) => verbs.map((verb) => ({ name, verb })));
      const allowed = await Promise.all(
        questions.map(async ({ name, verb }) => {
          const [resource = '', subresource = ''] = name.split('/');
          asked += 1;
          return mayOperator({ group, resource, subresource, verb, namespace });
        }),
      );
      const may = questions.filter((_, i) => allowed[i]).map(({ name, verb }) => `${group}/${name} ${verb}`);
      const expected = questions.map(({ name, verb }) => `${group}/${name} ${verb}`).filter((q) => stated.has(q));
      expect(may.filter((question) => !everybody.test(question))).toEqual(expected);
    }
    expect(asked).toBeGreaterThan(400);
  });
});
