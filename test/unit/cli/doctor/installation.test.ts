import { describe, expect, test } from 'vitest';
import { failing, warning } from '../../../../src/cli/doctor/finding.ts';
import { crdChecks, type Deployment, leaderCheck, operatorChecks } from '../../../../src/cli/doctor/installation.ts';
import { minutesAfter, noon } from '../../../support/builders.ts';
import { told } from './told.ts';

describe('the CRD', () => {
  const crd = (...conditions: readonly (readonly [string, string])[]) => ({
    spec: { versions: [{ name: 'v1alpha1', served: true }] },
    status: { conditions: conditions.map(([type, status]) => ({ type, status, message: 'why' })) },
  });

  test('is well when it is established, and says of which release it is', () => {
    const good = crd(['NamesAccepted', 'True'], ['Established', 'True']);
    const labelled = { ...good, metadata: { labels: { 'app.kubernetes.io/version': '0.1.0' } } };
    expect(told(crdChecks(labelled))).toEqual(['ok: the CRD of version 0.1.0 is established and serves v1alpha1']);
    expect(told(crdChecks(good))).toEqual(['ok: the CRD is established and serves v1alpha1']);
  });

  test.each([
    ['there is none', undefined, 'this cluster does not know RegistryReplication'],
    ['a name is taken', crd(['NamesAccepted', 'False']), 'the CRD has condition NamesAccepted False: why'],
    [
      'it is going',
      crd(['Established', 'True'], ['Terminating', 'True']),
      'the CRD has condition Terminating True: why',
    ],
    ['it is too new', crd(), 'the CRD is not Established yet'],
    [
      'it serves another version',
      { ...crd(['Established', 'True']), spec: { versions: [{ name: 'v1alpha1', served: false }] } },
      'the CRD does not serve v1alpha1, which this plugin speaks',
    ],
  ])('must be mended when %s', (_, wrong, says) => {
    expect(crdChecks(wrong)).toEqual([
      failing(
        says,
        'kubectl apply --server-side -f https://github.com/acr-replication-operator/acr-replication-operator/releases/download/v0.1.0/crds.yaml',
      ),
    ]);
  });
});

function deployment(image: string, ready: number | undefined, replicas = 2): Deployment {
  return {
    metadata: { name: 'operator', namespace: 'system', creationTimestamp: minutesAfter(-180).toISOString() },
    spec: { replicas, template: { spec: { containers: [{ name: 'operator', image }] } } },
    status: ready === undefined ? {} : { readyReplicas: ready },
  };
}

describe('the operator', () => {
  const versions = { plugin: '0.1.0', crd: '0.1.0' };
  const check = (...args: Parameters<typeof deployment>) => told(operatorChecks([deployment(...args)], versions, noon));

  test('runs in a version, since when, with how many Pods', () => {
    expect(check('registry.io:5000/op:v0.1.0@sha256:00', 2)).toEqual([
      'ok: it runs: system/operator, version 0.1.0, 3h old, 2 of 2 Pods ready',
    ]);
  });

  test('is missed', () => {
    expect(told(operatorChecks([], versions, noon))).toEqual(['failing: the operator is not installed']);
  });

  test.each([
    [undefined, 2, 'failing: it does not run: system/operator, version 0.1.0, 3h old, 0 of 2 Pods ready'],
    [1, 2, 'warning: not all of it runs: system/operator, version 0.1.0, 3h old, 1 of 2 Pods ready'],
    [0, 0, 'failing: it is scaled to nothing: system/operator, version 0.1.0, 3h old, 0 of 0 Pods ready'],
  ])('with %s of %s Pods', (ready, replicas, says) => expect(check('op:0.1.0', ready, replicas)).toEqual([says]));

  test('of another version than the plugin and the CRD is told, with the commands that make them fit', () => {
    expect(operatorChecks([deployment('op:0.2.0', 2)], versions, noon).slice(1)).toEqual([
      failing(
        'the CRD is older than the operator system/operator, whose newer fields are refused or dropped',
        'kubectl apply --server-side -f https://github.com/acr-replication-operator/acr-replication-operator/releases/download/v0.2.0/crds.yaml',
      ),
      warning(
        'the plugin is older than the operator system/operator',
        'npm install --global https://github.com/acr-replication-operator/acr-replication-operator/releases/download/v0.2.0/kubectl-acr_replication-0.2.0.tgz',
      ),
    ]);
  });

  test('that differs by a patch alone fits', () => expect(check('op:0.1.7', 2)).toHaveLength(1));
});

describe('the leader', () => {
  const lease = (renewed: number) => ({
    holderIdentity: 'operator-abc',
    leaseDurationSeconds: 15,
    renewTime: minutesAfter(renewed).toISOString(),
  });
  const check = (spec: Parameters<typeof leaderCheck>[0]) => told([leaderCheck(spec, deployment('op', 2), noon)])[0];

  test('has just renewed its Lease', () => expect(check(lease(-0.1))).toBe('ok: operator-abc is the leader'));
  test('has been silent', () =>
    expect(check(lease(-10))).toBe('failing: operator-abc was the leader and has been silent for 10m'));
  test('released its Lease', () =>
    expect(check({ ...lease(0), holderIdentity: '' })).toBe(
      'warning: none of its Pods is the leader: the Lease was released',
    ));
  test('never was', () =>
    expect(check(undefined)).toBe('failing: none of its Pods has ever been the leader: there is no Lease'));
});
