import { describe, expect, test } from 'vitest';
import {
  type CrdVersion,
  misfitsOf,
  type OperatorVersion,
  type Versions,
  versionInImage,
} from '../../../src/cli/versions.ts';

const operator = (version: string | undefined, more: Partial<OperatorVersion> = {}): OperatorVersion => ({
  deployment: 'acr-replication-system/acr-replication-operator',
  version,
  image: undefined,
  ready: 2,
  wanted: 2,
  ...more,
});
const crd = (version: string | undefined, served = ['v1alpha1']): CrdVersion => ({ version, served });

const cases: readonly (readonly [string, Partial<Versions>, readonly string[]])[] = [
  ['all of one version', {}, []],
  ['another patch', { operators: [operator('0.1.7')] }, []],
  ['nobody could look', { operators: undefined, crd: undefined }, []],
  ['a CRD that says no version', { crd: crd(undefined) }, []],
  ['no CRD', { crd: 'absent' }, ['bad: the CRD is not installed']],
  ['a CRD of another API', { crd: crd('0.1.0', ['v1']) }, ['bad: the CRD serves v1, and this plugin speaks v1alpha1']],
  ['no operator', { operators: [] }, ['bad: there is no operator in this cluster']],
  [
    'no pod',
    { operators: [operator('0.1.0', { ready: 0 })] },
    ['bad: acr-replication-system/acr-replication-operator has no ready pod of 2'],
  ],
  [
    'a CRD that was not updated',
    { plugin: '0.2.0', operators: [operator('0.2.0')] },
    [
      'bad: the CRD is older than the operator acr-replication-system/acr-replication-operator, whose newer fields are refused or dropped',
    ],
  ],
  [
    'an operator that was not updated',
    { plugin: '0.1.0', crd: crd('0.2.0') },
    [
      'warning: the operator acr-replication-system/acr-replication-operator is older than the CRD, and does not heed its newer fields',
    ],
  ],
  [
    'a plugin that was not updated',
    { operators: [operator('0.10.0')], crd: crd('0.10.0') },
    ['warning: the plugin is older than the operator acr-replication-system/acr-replication-operator'],
  ],
  [
    'a plugin before its operator',
    { plugin: '1.0.0' },
    ['warning: the plugin is newer than the operator acr-replication-system/acr-replication-operator'],
  ],
];
describe('what does not fit', () => {
  for (const [what, changes, then] of cases) {
    test(what, () => {
      const versions = { plugin: '0.1.0', operators: [operator('0.1.0')], crd: crd('0.1.0'), ...changes };
      expect(misfitsOf(versions, 'v1alpha1').map(({ kind, text }) => `${kind}: ${text}`)).toEqual(then);
    });
  }
});

const images: readonly (readonly [string, string | undefined])[] = [
  ['acr-replication-operator:0.1.0', '0.1.0'],
  ['registry.example:5000/a/b:v1.2.3-rc.1', '1.2.3-rc.1'],
  ['a/b:1.2.3@sha256:abc', '1.2.3'],
  ['a/b@sha256:abc', undefined],
  ['a/b:latest', undefined],
  ['registry.example:5000/a/b', undefined],
];
for (const [image, version] of images) {
  test(`${image} is ${version ?? 'of a version that it does not say'}`, () =>
    expect(versionInImage(image)).toBe(version));
}
