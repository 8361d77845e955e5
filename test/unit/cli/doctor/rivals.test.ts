import { describe, expect, test } from 'vitest';
import { failing } from '../../../../src/cli/doctor/finding.ts';
import { type Deployment } from '../../../../src/cli/doctor/installation.ts';
import { rivalChecks } from '../../../../src/cli/doctor/rivals.ts';
import { settingsOf } from '../../../../src/cli/plan/operators.ts';
import { minutesAfter } from '../../../support/builders.ts';

interface Made {
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly label?: boolean;
  readonly replicas?: number;
}

function deployment({ name = 'operator', env = {}, label = true, replicas = 2 }: Made = {}): Deployment {
  const variables = Object.entries(env).map(([key, value]) => ({ name: key, value }));
  return {
    metadata: { name, namespace: 'system', creationTimestamp: minutesAfter(-180).toISOString() },
    spec: {
      replicas,
      template: {
        metadata: { labels: label ? { 'azure.workload.identity/use': 'true' } : {} },
        spec: { serviceAccountName: 'operator', containers: [{ name: 'operator', image: 'op', env: variables }] },
      },
    },
  };
}

describe('two operators in one cluster', () => {
  const check = (...made: readonly Made[]) =>
    rivalChecks(
      made.map((one) => {
        const it = deployment(one);
        return { deployment: it, settings: settingsOf(it, new Map()) };
      }),
    );
  const [one, other] = [
    { name: 'one', env: { LEASE_NAME: 'one' } },
    { name: 'other', env: { LEASE_NAME: 'other' } },
  ];

  test('with Leases of their own work on the same objects', () => {
    expect(check(one, other)).toEqual([
      failing(
        'two operators look after the same objects: Deployment system/one and Deployment system/other',
        'kubectl -n system scale deployment other --replicas 0',
      ),
    ]);
  });

  test.each([
    ['one Lease', [one, { ...other, env: one.env }]],
    [
      'namespaces of their own',
      [
        { ...one, env: { ...one.env, WATCH_NAMESPACES: 'a,b' } },
        { ...other, env: { ...other.env, WATCH_NAMESPACES: 'c' } },
      ],
    ],
    [
      'shards of their own',
      [
        { ...one, env: { ...one.env, WATCH_SELECTOR: 'shard=1' } },
        { ...other, env: { ...other.env, WATCH_SELECTOR: 'shard=2' } },
      ],
    ],
    ['one of them scaled to nothing', [one, { ...other, replicas: 0 }]],
  ])('with %s are well', (_, made) => expect(check(...made)).toEqual([]));
});
