import { describe, expect, test } from 'vitest';
import type { Condition, RegistryReplication } from '../../../../src/api/registryreplication.ts';
import { lockChecks, neededActions, permissionChecks, registryChecks } from '../../../../src/cli/doctor/azure-side.ts';
import { type Check, failing, report, warning, well } from '../../../../src/cli/doctor/finding.ts';
import { crdChecks, type Deployment, leaderCheck, operatorChecks } from '../../../../src/cli/doctor/installation.ts';
import { claimChecks, objectChecks } from '../../../../src/cli/doctor/object.ts';
import { objectRights, rightsChecks } from '../../../../src/cli/doctor/rights.ts';
import { registryOf } from '../../../../src/domain/desired.ts';
import { ownerTag } from '../../../../src/domain/replication.ts';
import { actual, entry, minutesAfter, noon, registry, replica, resource } from '../../../support/builders.ts';
import { told } from './told.ts';

const cures = (checks: readonly Check[]) => checks.map(({ cure }) => cure);

describe('the report', () => {
  const findings = [
    { group: 'Kubernetes', ...well('you may see it') },
    { group: 'platform/contoso', ...failing('it is Basic', 'az acr update') },
    { group: 'platform/contoso', ...warning('only one region') },
  ];
  const paint = (_: unknown, text: string) => text;
  const columns = () => undefined;

  test('has a line per check, by group, with the cure below it', () => {
    expect(report(findings, { paint, columns, isUnicode: true })).toBe(`Kubernetes
  ✓ you may see it

platform/contoso
  ✗ it is Basic
    try: az acr update
  ! only one region

1 well, 1 to look at, 1 to cure
`);
  });

  test('does without signs beyond ASCII where the locale has none', () => {
    expect(report(findings, { paint, columns, isUnicode: false })).toBe(`Kubernetes
  ok you may see it

platform/contoso
  x  it is Basic
     try: az acr update
  !  only one region

1 well, 1 to look at, 1 to cure
`);
  });
});

test.each([60, 80, 200])('a long finding is broken between words at %s columns, its cure never is', (width) => {
  const says = 'only japaneast is in routing: nothing takes over when a region fails '.repeat(4).trim();
  const cure = 'kubectl edit registryreplications.acr-replication.dev contoso -n platform-of-a-long-name';
  const plain = { paint: (_: unknown, text: string) => text, isUnicode: true, columns: () => width };
  const lines = report([{ group: 'platform/contoso', ...warning(says, cure) }], plain).split('\n');
  const told = lines.slice(1, lines.indexOf(`    try: ${cure}`));
  expect(told.every((line) => line.length <= width)).toBe(true);
  expect(told.map((line) => line.slice(4)).join(' ')).toBe(says);
});

describe('rights in Kubernetes', () => {
  const may = (...verbs: readonly string[]) => rightsChecks('platform', ({ verb }) => verbs.includes(verb));

  test('all of them are one line each for seeing and changing', () => {
    const { see, change } = objectRights('platform');
    expect(told(may(...[...see, ...change].map(({ verb }) => verb)))).toEqual([
      'ok: you may see RegistryReplications in namespace platform',
      'ok: you may change RegistryReplications in namespace platform',
    ]);
  });

  test('who only sees is told so; who sees nothing must be helped', () => {
    expect(told(may('get', 'list', 'watch'))[1]).toBe(
      'warning: you may not create, patch, delete RegistryReplications in namespace platform',
    );
    const [seeing] = may('get');
    expect(seeing).toEqual({
      verdict: 'failing',
      says: 'you may not list, watch RegistryReplications in namespace platform',
      cure: 'kubectl create rolebinding acr-replication-view -n platform --clusterrole acr-replication-view --user YOU',
    });
  });
});

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
    expect(crdChecks(wrong)).toEqual([failing(says, 'kubectl apply --server-side -f crds/')]);
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
        'kubectl apply --server-side -f crds/',
      ),
      warning('the plugin is older than the operator system/operator', 'npm install -g acr-replication-operator@0.2.0'),
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

function condition(type: string, status: Condition['status'], reason: string, message: string): Condition {
  return { type, status, reason, message, lastTransitionTime: minutesAfter(-30).toISOString() };
}
const inSync = condition('Ready', 'True', 'InSync', 'All is well.');
const two = [entry('eastus', { managed: 'Home' }), entry('japaneast')];

/** platform/contoso, seen by an operator. */
function object(status: object, spec: object = {}): RegistryReplication {
  const made = resource(['japaneast'], {});
  return {
    ...made,
    spec: { ...made.spec, ...spec },
    status: { observedGeneration: made.metadata.generation, summary: '1/1', replicas: two, ...status },
  };
}

describe('an object', () => {
  const check = (...args: Parameters<typeof object>) => objectChecks(object(...args), noon);

  test('that is Ready is well', () => {
    expect(told(check({ conditions: [inSync] }))).toEqual(['ok: it is Ready, 1/1 regions']);
  });

  test('that is suspended says how it goes on', () => {
    const checks = check({ conditions: [inSync] }, { suspend: true });
    expect(told(checks)).toEqual(['warning: it is suspended: Azure is neither read nor changed']);
    expect(cures(checks)[0]).toMatch(/^kubectl acr-replication resume contoso -n /);
  });

  test('that is stalled is told with its reason, on one line and without ids', () => {
    const message = 'contoso is Basic.\nOnly Premium. Correlation id: 00000000-0000-0000-0000-000000000000.';
    const stalled = ['Ready', 'Stalled'].map((type) =>
      condition(type, type === 'Ready' ? 'False' : 'True', 'SkuNotPremium', message),
    );
    const checks = check({ conditions: stalled });
    expect(told(checks)).toEqual(['failing: SkuNotPremium: contoso is Basic. Only Premium.']);
    expect(cures(checks)[0]).toMatch(/^az acr update --name contoso --resource-group registries .*--sku Premium$/);
  });

  test('that is on its way is to be looked at', () => {
    const checks = check({
      conditions: [condition('Ready', 'False', 'Syncing', 'japaneast: images are being copied.')],
    });
    expect(told(checks)).toEqual(['warning: Syncing for 30m: japaneast: images are being copied.']);
  });

  test('whose spec is newer than its status is waited for', () => {
    expect(told(check({ observedGeneration: 0, conditions: [inSync] }))[0]).toMatch(
      /^warning: no operator has looked at its newest spec yet/,
    );
  });

  test('that nobody has looked at is told', () => {
    const { status: _, ...unseen } = object({});
    expect(told(objectChecks(unseen, noon))[0]).toMatch(/^warning: no operator has looked at it yet/);
  });

  test('with fewer than two regions in routing is told', () => {
    const one = [entry('eastus', { managed: 'Home', routing: 'Disabled' }), entry('japaneast', { routing: 'Enabled' })];
    expect(told(check({ conditions: [inSync], replicas: one }))[1]).toBe(
      'warning: only japaneast is in routing: nothing takes over when a region fails',
    );
  });

  test.each([
    ['All', 'prune: All has it deleted'],
    ['None', 'it stays, and nobody looks after it'],
  ])('with a replica that it does not list, prune: %s', (prune, fate) => {
    const replicas = [...two, entry('uksouth', { managed: 'Unlisted' })];
    expect(told(check({ conditions: [inSync], replicas }, { prune }))[1]).toBe(
      `warning: uksouth: a replica that the object does not list; ${fate}`,
    );
  });
});

describe('two objects about one registry', () => {
  const older = object({});
  const younger: RegistryReplication = {
    ...older,
    metadata: { ...older.metadata, name: 'late', creationTimestamp: minutesAfter(60).toISOString() },
    spec: { ...older.spec, registry: { ...older.spec.registry, name: 'CONTOSO' } },
  };
  const elsewhere = { ...younger, spec: { ...younger.spec, registry: { ...younger.spec.registry, name: 'other' } } };
  const refOf = ({ spec }: RegistryReplication) => registryOf(spec, 's');

  test('the younger is told who manages it, the older who waits', () => {
    const { namespace } = older.metadata;
    expect(told(claimChecks(younger, [younger, older], refOf))).toEqual([
      `failing: ${namespace}/contoso manages this registry: this object does nothing`,
    ]);
    expect(told(claimChecks(older, [younger, older], refOf))).toEqual([
      `warning: ${namespace}/late: also about this registry, and does nothing`,
    ]);
  });

  test('one alone is not in question', () => {
    expect(claimChecks(older, [older, elsewhere], refOf)).toEqual([]);
  });
});

describe('Azure', () => {
  const id = '/subscriptions/s/x';

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
  ])('permits %s', (_, permissions, says) => expect(told(permissionChecks(permissions, id))).toEqual([says]));

  test('tells of locks, and how they are taken away', () => {
    const lock = (level: string) => ({ id: `${id}/locks/keep`, name: 'keep', properties: { level } });
    expect(lockChecks([lock('ReadOnly'), lock('CanNotDelete')])).toEqual([
      failing('lock keep (ReadOnly) stops every change', `az lock delete --ids ${id}/locks/keep`),
      warning('lock keep (CanNotDelete) keeps replicas from being deleted', `az lock delete --ids ${id}/locks/keep`),
    ]);
    expect(told(lockChecks([lock('NotSpecified'), {}]))).toEqual(['ok: no lock']);
  });

  test('tells what the identity of a Secret may not, which stops the operator', () => {
    const grantee = { who: 'the identity of Secret azure-contoso', clientId: 'c' };
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
    const about = { name: 'contoso', others: [], update: 'az acr update' };
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
