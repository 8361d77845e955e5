import { describe, expect, test } from 'vitest';
import { type Condition, type RegistryReplication } from '../../../../src/api/registryreplication.ts';
import { type Check } from '../../../../src/cli/doctor/finding.ts';
import { claimChecks, objectChecks } from '../../../../src/cli/doctor/object.ts';
import { registryOf } from '../../../../src/domain/desired.ts';
import { entry, minutesAfter, noon, resource } from '../../../support/builders.ts';
import { told } from './told.ts';

const cures = (checks: readonly Check[]) => checks.map(({ cure }) => cure);

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
