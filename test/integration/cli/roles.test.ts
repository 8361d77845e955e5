import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aggregateRoles, userWith } from '../../support/cli-users.ts';
import { controlPlane } from '../../support/cluster.ts';
import { manifest } from '../../support/kube-session.ts';

/** What users may do to objects by Kubernetes' own roles and by those of deploy/, asked of the API server. */
const cluster = controlPlane();
const { kube } = cluster;
let namespace: string;
beforeAll(async () => {
  await aggregateRoles(cluster);
  namespace = await kube.createNamespace('roles');
  await kube.apply(manifest(namespace, 'contoso'));
});
afterAll(() => cluster.close());

const reads = ['get', 'list', 'watch'];
const all = [...reads, 'create', 'update', 'patch', 'delete', 'deletecollection'];

const roles: readonly { readonly role: string | undefined; readonly may: readonly string[] }[] = [
  { role: undefined, may: [] },
  { role: 'view', may: reads },
  { role: 'edit', may: all },
  { role: 'admin', may: all },
  { role: 'acr-replication-view', may: reads },
  { role: 'acr-replication-edit', may: all },
  { role: 'acr-replication-admin', may: all },
];
describe.each(roles)('a user with $role', ({ role, may }) => {
  test(`may ${may.join(', ') || 'nothing'}`, async () => {
    const token = await tokenWith(role);
    const allowed = await Promise.all(all.map((verb) => isAllowed(token, { verb })));
    expect(all.filter((_, i) => allowed[i])).toEqual(may);
  });

  test('may not write status', async () => {
    expect(await isAllowed(await tokenWith(role), { verb: 'patch', subresource: 'status' })).toBe(false);
  });
});

async function tokenWith(role: string | undefined): Promise<string> {
  await userWith(cluster, namespace, role === undefined ? [] : [role]);
  return kube.tokenFor({ namespace, serviceAccount: role === undefined ? 'user' : `user-${role}` });
}

async function isAllowed(token: string, attributes: Readonly<Record<string, string>>): Promise<boolean> {
  const answer = await kube.request<{ status: { allowed: boolean } }>(
    'POST',
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: {
        resourceAttributes: {
          group: 'acr-replication.dev',
          resource: 'registryreplications',
          namespace,
          ...attributes,
        },
      },
    },
    { token },
  );
  return answer.status.allowed;
}
