import { expect, test } from 'vitest';
import { mayNot } from '../../../src/cli/may-not.ts';

/** As kube-apiserver 1.36 words it. */
const said = (user: string, right: string, where: string) => `x is forbidden: User "${user}" cannot ${right} ${where}`;
const objects = 'resource "registryreplications" in API group "acr-replication.dev"';
const here = 'in the namespace "platform"';
const everywhere = 'at the cluster scope';
const ask = 'ask who administers the cluster for: kubectl create';

const cases: readonly (readonly [name: string, text: string, message: string, cure: string])[] = [
  [
    'seeing objects',
    said('jane', `list ${objects}`, here),
    'jane may not list RegistryReplications in namespace platform',
    `${ask} rolebinding acr-replication-view-jane --clusterrole=acr-replication-view --user='jane' --namespace=platform`,
  ],
  [
    'changing objects, as a service account',
    said('system:serviceaccount:ci:deployer', `patch ${objects}`, here),
    'system:serviceaccount:ci:deployer may not patch RegistryReplications in namespace platform',
    `${ask} rolebinding acr-replication-edit-deployer --clusterrole=acr-replication-edit --serviceaccount=ci:deployer --namespace=platform`,
  ],
  [
    'seeing objects everywhere, with an address for a name',
    said('Jane@example.com', `watch ${objects}`, everywhere),
    'Jane@example.com may not watch RegistryReplications in the whole cluster',
    `${ask} clusterrolebinding acr-replication-view-jane-example-com --clusterrole=acr-replication-view --user='Jane@example.com'`,
  ],
  [
    'the log of the operator',
    said('jane', 'get resource "pods/log" in API group ""', here),
    'jane may not get pods/log in namespace platform',
    `${ask} rolebinding view-jane --clusterrole=view --user='jane' --namespace=platform`,
  ],
  [
    'what no role for people has',
    said('jane', 'list resource "nodes" in API group ""', everywhere),
    'jane may not list nodes in the whole cluster',
    'ask who administers the cluster for the right to list nodes',
  ],
  [
    'being somebody else',
    said('jane', 'impersonate resource "users" in API group ""', everywhere),
    'jane may not act as another user',
    'leave out --as',
  ],
  [
    'being somebody else, as 1.36 words it',
    said('jane', `impersonate-on:user-info:list ${objects}`, here),
    'jane may not act as another user',
    'leave out --as',
  ],
];
test.each(cases)('a refusal of %s', (_, text, message, cure) => expect(mayNot(text)).toEqual({ message, cure }));

test('a refusal that is not by RBAC is left as it is', () => {
  expect(mayNot('admission webhook "x" denied the request')).toBeUndefined();
});
