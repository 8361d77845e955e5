import { describe, expect, test } from 'vitest';
import { configMapsOf, type Deployment, settingsOf, watches } from '../../../../src/cli/plan/operators.ts';
import { resource } from '../../../support/builders.ts';

type Container = Deployment['spec']['template']['spec']['containers'][number];

function deployment(container: Omit<Container, 'name'>): Deployment {
  const containers = [{ name: 'mesh' }, { name: 'operator', ...container }];
  return { metadata: { name: 'operator', namespace: 'system' }, spec: { template: { spec: { containers } } } };
}

const none = new Map<string, Readonly<Record<string, string>>>();
const clusterName = (container: Omit<Container, 'name'>, maps = none) =>
  settingsOf(deployment(container), maps).clusterName;
const literal = { configMapKeyRef: { name: 'settings', key: 'literal' } };
const fromMap = { configMapKeyRef: { name: 'settings', key: 'cluster' } };

describe('the CLUSTER_NAME of an operator', () => {
  test.each([
    ['is default where nothing is set', {}, 'default'],
    ['is default where it is empty', { env: [{ name: 'CLUSTER_NAME', value: '' }] }, 'default'],
    ['is that of the variable', { env: [{ name: 'CLUSTER_NAME', value: 'prod' }] }, 'prod'],
    [
      'is that of the flag first',
      { args: ['--cluster-name=east'], env: [{ name: 'CLUSTER_NAME', value: 'prod' }] },
      'east',
    ],
    ['is that of a flag in two words', { args: ['--cluster-name', 'east'] }, 'east'],
    ['comes out of a ConfigMap', { env: [{ name: 'CLUSTER_NAME', valueFrom: fromMap }] }, 'mapped'],
    ['comes out of a whole ConfigMap', { envFrom: [{ configMapRef: { name: 'settings' } }] }, 'whole'],
    ['is unknown from a Secret', { env: [{ name: 'CLUSTER_NAME', valueFrom: {} }] }, undefined],
    [
      'is unknown where it is made of another variable that is not told',
      { env: [{ name: 'CLUSTER_NAME', value: '$(NODE)' }] },
      undefined,
    ],
    [
      'is made of the variables before it',
      {
        env: [
          { name: 'STAGE', value: 'prod' },
          { name: 'CLUSTER_NAME', value: '$(STAGE)-eu' },
        ],
      },
      'prod-eu',
    ],
    [
      'is unknown where it is made of a variable after it',
      {
        env: [
          { name: 'CLUSTER_NAME', value: '$(STAGE)-eu' },
          { name: 'STAGE', value: 'prod' },
        ],
      },
      undefined,
    ],
    [
      'is that of the flag with its variables',
      { args: ['--cluster-name=$(STAGE)'], env: [{ name: 'STAGE', value: 'prod' }] },
      'prod',
    ],
    ['is as it stands in a ConfigMap', { env: [{ name: 'CLUSTER_NAME', valueFrom: literal }] }, '$(STAGE)'],
  ] as const)('%s', (_name, container, expected) => {
    const maps = new Map([['settings', { cluster: 'mapped', literal: '$(STAGE)', CLUSTER_NAME: 'whole' }]]);
    expect(clusterName(container, maps)).toBe(expected);
  });
});

test('the ConfigMaps that are to be read are those that are named', () => {
  const container = { env: [{ name: 'A', valueFrom: fromMap }], envFrom: [{ configMapRef: { name: 'more' } }, {}] };
  expect(configMapsOf(deployment(container))).toEqual(['settings', 'more']);
});

test('an operator looks after the objects of its namespaces that its selector selects', () => {
  const field = { fieldRef: { fieldPath: 'metadata.namespace' } };
  const env = [
    { name: 'WATCH_NAMESPACES', value: 'platform, payments' },
    { name: 'WATCH_SELECTOR', value: 'shard=a' },
  ];
  const operator = settingsOf(deployment({ env }), none);
  expect(operator.namespaces).toEqual(['platform', 'payments']);
  expect(watches(operator, resource([], { metadata: { labels: { shard: 'a' } } }))).toBe(true);
  expect(watches(operator, resource([]))).toBe(false);
  expect(watches(operator, resource([], { metadata: { namespace: 'other', labels: { shard: 'a' } } }))).toBe(false);
  const own = settingsOf(deployment({ env: [{ name: 'WATCH_NAMESPACES', valueFrom: field }] }), none);
  expect(own.namespaces).toEqual(['system']);
});

test('an operator in its own namespace, as a chart writes it, and one whose namespaces cannot be told', () => {
  const pod = { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } };
  const own = settingsOf(deployment({ env: [pod, { name: 'WATCH_NAMESPACES', value: '$(POD_NAMESPACE)' }] }), none);
  expect([own.namespaces, own.unread]).toEqual([['system'], []]);
  const secret = settingsOf(deployment({ env: [{ name: 'WATCH_NAMESPACES', valueFrom: {} }] }), none);
  expect([secret.namespaces, secret.unread]).toEqual([[], ['WATCH_NAMESPACES']]);
});

test('an operator that is scaled to 0 does not run', () => {
  const { metadata, spec } = deployment({});
  expect(settingsOf({ metadata, spec: { ...spec, replicas: 0 } }, none).runs).toBe(false);
  expect(settingsOf({ metadata, spec }, none).runs).toBe(true);
});
