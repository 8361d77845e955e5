import { expect, test } from 'vitest';
import { readManifestFile } from '../../sandbox/manifests.ts';
import { type Observed, podMemoryMiB, readyRule, runtimeVariables } from './contender.ts';

const object = (status: Observed['status'], generation = 2): Observed => ({
  metadata: { name: 'one', generation },
  ...(status === undefined ? {} : { status }),
});

const cases: readonly { name: string; rule: string; status?: Observed['status']; then: boolean }[] = [
  { name: 'a condition that is True', rule: 'condition:Ready', status: condition('True', 2), then: true },
  { name: 'a condition that is False', rule: 'condition:Ready', status: condition('False', 2), then: false },
  { name: 'a condition about an older spec', rule: 'condition:Ready', status: condition('True', 1), then: false },
  { name: 'a condition that does not say about which', rule: 'condition:Ready', status: condition('True'), then: true },
  { name: 'no status', rule: 'condition:Ready', then: false },
  { name: 'another condition', rule: 'condition:Synced', status: condition('True', 2), then: false },
  { name: 'a value below status', rule: 'phase=Ready', status: { phase: 'Ready', observedGeneration: 2 }, then: true },
  {
    name: 'a status about an older spec',
    rule: 'phase=Ready',
    status: { phase: 'Ready', observedGeneration: 1 },
    then: false,
  },
  { name: 'a value deeper down', rule: 'sync.state=Done', status: { sync: { state: 'Done' } }, then: true },
  { name: 'a path that ends before', rule: 'sync.state=Done', status: {}, then: false },
];

for (const { name, rule, status, then } of cases)
  test(`${rule}: ${name} is ${then ? '' : 'not '}ready`, () => expect(readyRule(rule)(object(status))).toBe(then));

test('a rule that is neither is refused', () => {
  expect(() => readyRule('Ready')).toThrow("--against-ready is condition:TYPE or PATH=VALUE, not 'Ready'");
});

test('the operator runs with what deploy/ tells Node and the C library, and with nothing else of it', async () => {
  const variables = runtimeVariables(await readManifestFile('deploy/deployment.yaml'));
  expect(variables).toHaveProperty('MALLOC_ARENA_MAX', '2');
  expect(variables).toHaveProperty('NODE_OPTIONS');
  expect(variables).not.toHaveProperty('CLUSTER_NAME');
});

test('the memory limit of deploy/ is known', async () => expect(await podMemoryMiB()).toBeGreaterThan(0));

function condition(status: string, observedGeneration?: number): Observed['status'] {
  return {
    conditions: [{ type: 'Ready', status, ...(observedGeneration === undefined ? {} : { observedGeneration }) }],
  };
}
