import { describe, expect, test } from 'vitest';
import { clusterNameChecks, type Making, type Own, taggedReplicas } from '../../../../src/cli/doctor/cluster-names.ts';
import { warning } from '../../../../src/cli/doctor/finding.ts';
import { type Key } from '../../../../src/domain/key.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import { ownerTag } from '../../../../src/domain/replication.ts';
import { replica } from '../../../support/builders.ts';
import { told } from './told.ts';

describe('a CLUSTER_NAME that two clusters have', () => {
  const own: Own = {
    clusterName: 'prod',
    key: 'platform/contoso' as Key,
    since: '2026-06-01T00:00:00Z',
    hasObject: (namespace) => namespace === 'platform',
    rename: 'rename it',
  };
  const tagged = (region: string, tag: string) => replica(region, { tags: { [ownerTag]: tag } });
  const made = (...rows: readonly (readonly [string, string, string])[]) =>
    new Map(rows.map(([region, by, at]): [ReturnType<typeof regionOf>, Making] => [regionOf(region), { by, at }]));
  const check = (replicas: Parameters<typeof taggedReplicas>[0], making = made(), about = own) =>
    clusterNameChecks(taggedReplicas(replicas, about), making, about);
  const later = '2026-06-02T00:00:00Z';

  test('leaves no sign where all tags are of objects that are here', () => {
    const replicas = [tagged('japaneast', 'prod/platform/contoso'), tagged('uksouth', 'prod/platform/other')];
    expect(check(replicas, made(['japaneast', 'a', later]))).toEqual([]);
  });

  test('shows by the tag of an object that is not here', () => {
    expect(check([tagged('uksouth', 'prod/shop/web')])).toEqual([
      warning(
        'made by an object that is not here: uksouth (prod/shop/web); it was deleted, or another cluster has the CLUSTER_NAME prod too',
        'rename it',
      ),
    ]);
  });

  test('is no matter of objects that one may not list, nor of a name that is not known', () => {
    const replicas = [tagged('uksouth', 'prod/shop/web')];
    expect(check(replicas, made(), { ...own, hasObject: () => undefined })).toEqual([]);
    expect(check(replicas, made(), { ...own, clusterName: undefined })).toEqual([]);
  });

  test('shows by a replica that is older than the object it is tagged with', () => {
    const making = made(['japaneast', 'a', '2026-05-01T00:00:00.0000000+00:00'], ['uksouth', 'a', later]);
    const replicas = [tagged('japaneast', 'prod/platform/contoso'), tagged('uksouth', 'prod/platform/contoso')];
    expect(told(check(replicas, making))).toEqual([
      'warning: older than this object and tagged as its own: japaneast; an earlier object of this name made it, or another cluster has the CLUSTER_NAME prod too',
    ]);
  });

  test('does not show by a replica that differs in age by no more than clocks do', () => {
    const making = made(['japaneast', 'a', '2026-05-31T23:59:30Z']);
    expect(check([tagged('japaneast', 'prod/platform/contoso')], making)).toEqual([]);
  });

  test('shows by replicas of one tag that several identities made', () => {
    const making = made(['japaneast', 'b', later], ['uksouth', 'a', later]);
    const replicas = [tagged('japaneast', 'prod/platform/contoso'), tagged('uksouth', 'prod/platform/contoso')];
    expect(told(check(replicas, making))).toEqual([
      "warning: tagged as this object's and made by 2 identities (a, b): the operator's has changed, or another cluster has the CLUSTER_NAME prod too",
    ]);
  });

  test('tells the replicas of others apart', () => {
    const replicas = [
      tagged('uksouth', 'test/platform/contoso'),
      tagged('ukwest', 'prod/platform/other'),
      tagged('japaneast', 'prod/platform/contoso'),
      tagged('japanwest', 'prod/shop/web'),
      replica('eastus'),
    ];
    const { absent, others, own: ours } = taggedReplicas(replicas, own);
    expect([absent, others, ours].map((group) => group.map(({ region }) => region))).toEqual([
      ['japanwest'],
      ['uksouth', 'ukwest'],
      ['japaneast'],
    ]);
  });
});
