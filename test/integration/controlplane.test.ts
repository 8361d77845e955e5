import { expect, test } from 'vitest';
import { controlPlane } from '../support/cluster.ts';

const { kube } = controlPlane();

test('a service account without a role may read nothing', async () => {
  const namespace = await kube.createNamespace('rbac');
  await kube.createServiceAccount(namespace, 'nobody');
  const token = await kube.tokenFor({ namespace, serviceAccount: 'nobody' });
  await expect(
    kube.request('GET', `/api/v1/namespaces/${namespace}/secrets`, undefined, { token }),
  ).rejects.toMatchObject({
    code: 403,
    reason: 'Forbidden',
  });
});
