import { describe, expect, test } from 'vitest';
import { lockChecks, neededActions, permissionChecks, registryChecks } from '../../../../src/cli/doctor/azure-side.ts';
import { failing, warning } from '../../../../src/cli/doctor/finding.ts';
import { ownerTag } from '../../../../src/domain/replication.ts';
import { actual, registry, replica } from '../../../support/builders.ts';
import { told } from './told.ts';

describe('Azure', () => {
  const id = '/subscriptions/s/x';
  const you = { who: 'your own login', isOperators: false, id: undefined };

  test.each([
    ['everything', [{ actions: ['*'] }], 'ok: your own login may read and change replicas'],
    [
      'a role of its own, from two assignments',
      [{ actions: neededActions.slice(0, 2) }, { actions: ['microsoft.containerregistry/registries/replications/*'] }],
      'ok: your own login may read and change replicas',
    ],
    [
      'reading',
      [{ actions: ['*/read'] }],
      "warning: your own login may not replications/write, replications/delete; the operator's may differ",
    ],
    [
      'everything but deleting',
      [{ actions: ['*'], notActions: ['Microsoft.ContainerRegistry/registries/replications/delete'] }],
      "warning: your own login may not replications/delete; the operator's may differ",
    ],
    [
      'what looks alike',
      [{ actions: ['Microsoft.ContainerRegistry/registries/rea'] }],
      "warning: your own login may not read, replications/read, replications/write, replications/delete; the operator's may differ",
    ],
  ])('permits %s', (_, permissions, says) => expect(told(permissionChecks(permissions, id, you))).toEqual([says]));

  test('tells of locks, and how they are taken away', () => {
    const lock = (level: string) => ({ id: `${id}/locks/keep`, name: 'keep', properties: { level } });
    expect(lockChecks([lock('ReadOnly'), lock('CanNotDelete')])).toEqual([
      failing('lock keep (ReadOnly) stops every change', `az lock delete --ids ${id}/locks/keep`),
      warning('lock keep (CanNotDelete) keeps replicas from being deleted', `az lock delete --ids ${id}/locks/keep`),
    ]);
    expect(told(lockChecks([lock('NotSpecified'), {}]))).toEqual(['ok: no lock']);
  });

  test('tells what the identity of a Secret may not, which stops the operator', () => {
    const grantee = { who: 'the identity of Secret azure-contoso', isOperators: true, id: 'c' };
    expect(permissionChecks([{ actions: ['*/read'] }], id, grantee)).toEqual([
      failing(
        'the identity of Secret azure-contoso may not replications/write, replications/delete',
        `az role assignment create --assignee c --role "Container Registry Contributor and Data Access Configuration Administrator" --scope ${id}`,
      ),
    ]);
    expect(told(permissionChecks([{ actions: ['*'] }], id, grantee))).toEqual([
      'ok: the identity of Secret azure-contoso may read and change replicas',
    ]);
  });

  test("tells of the SKU, and of another owner's replicas", () => {
    const about = { name: 'contoso', others: [], cures: { upgrade: 'az acr update', edit: 'kubectl edit' } };
    const others = [replica('uksouth', { tags: { [ownerTag]: 'test/platform/contoso' } })];
    expect(told(registryChecks(actual(), { ...about, others }))).toEqual([
      'ok: registry contoso is there: Premium, at home in eastus',
      "warning: another owner's replicas, never changed while that owner lives: uksouth (test/platform/contoso)",
    ]);
    const basic = { ...actual(), registry: registry({ sku: 'Basic' }) };
    expect(registryChecks(basic, about)).toEqual([
      failing('registry contoso is Basic: only Premium registries have replicas', 'az acr update'),
    ]);
  });
});
