import { expect, test } from 'vitest';
import type { ReplicaStatus } from '../../../src/api/registryreplication.ts';
import { accountsOf } from '../../../src/domain/account.ts';
import { because } from '../../../src/domain/explanation.ts';
import { plan } from '../../../src/domain/plan.ts';
import { regionOf } from '../../../src/domain/region.ts';
import type { Desired } from '../../../src/domain/replication.ts';
import type { Situation } from '../../../src/domain/situation.ts';
import { desired, entry, minutesAfter, replica, situation, stranger } from '../../support/builders.ts';

const broken = replica('japaneast', { state: 'Failed' });
const wasBroken = (attempts: number, since = minutesAfter(-60)) => [
  entry('japaneast', { provisioningState: 'Failed', attempts, since: since.toISOString() }),
];
const spec = (changes: Partial<Desired>) => ({ desired: desired(['japaneast'], changes) });
const stating = (routing: 'Enabled' | 'Disabled') => {
  const wanted = desired(['japaneast']);
  return { desired: { ...wanted, wishes: new Map([...wanted.wishes].map(([r, wish]) => [r, { ...wish, routing }])) } };
};
const foreign = { tags: { 'acr-replication-owner': 'other/a/b' } };
const extra = replica('uksouth');
const seen = { remembered: [stranger('uksouth')] };

/** A replica in routing beside home, with a drain until so many minutes after noon, and what is on record of it. */
function drained(minutes: number, record?: NonNullable<ReplicaStatus['drained']>): Situation {
  const drains = [{ region: regionOf('japaneast'), until: minutesAfter(minutes), reason: 'drill' }];
  const remembered = [entry('japaneast', record === undefined ? {} : { drained: record })];
  return situation(['japaneast'], [replica('eastus'), replica('japaneast')], {
    desired: desired(['japaneast'], { drains }),
    remembered,
  });
}

const rows: readonly (readonly [because: string, given: ReturnType<typeof situation>])[] = [
  ['as wanted: Succeeded, Ready', situation(['japaneast'], [replica('japaneast')])],
  [
    'outside the set; spec.prune is None',
    situation(['japaneast'], [replica('japaneast'), extra], spec({ prune: 'None' })),
  ],
  [
    'outside the set, neither created nor adopted by this object; spec.prune is Owned',
    situation(['japaneast'], [replica('japaneast'), extra], spec({ prune: 'Owned' })),
  ],
  [
    'Azure is busy with it: Creating',
    situation(['japaneast'], [replica('japaneast', { state: 'Creating', status: '' })]),
  ],
  ['wanted, and not listed; a GET comes first', situation(['japaneast'], [extra])],
  ['outside the set, all of which is ready', situation(['japaneast'], [replica('japaneast'), extra], seen)],
  ['outside the set, and stays until every wanted region is ready', situation(['japaneast'], [extra], seen)],
  ['the object is being deleted', situation(['japaneast'], [replica('japaneast')], { deleting: true })],
  ['the spec states other routing', situation(['japaneast'], [replica('japaneast')], stating('Disabled'))],
  ['a drain is due; status says first what its routing was', drained(60)],
  ['a drain is due', drained(60, { until: '2026-09-10T13:00:00Z', before: 'Enabled' })],
  ['its drain is over', drained(0, { until: '2026-09-10T12:00:00Z', before: 'Disabled' })],
  ['listed as Failed: a GET must confirm that', situation(['japaneast'], [broken])],
  [
    'wanted, and broken: repair 1 begins by deleting it',
    situation(['japaneast'], [broken], { remembered: wasBroken(0) }),
  ],
  [
    'broken; the next repair may begin at 2026-09-10T12:00:30.000Z',
    situation(['japaneast'], [broken], { remembered: wasBroken(1, new Date('2026-09-10T11:59:30Z')) }),
  ],
  [
    'wanted, provisioned before, and broken: repair 1 sends it its own settings again',
    situation(['japaneast'], [broken], {
      remembered: [entry('japaneast', { provisioningState: 'Failed', provisionedTime: '2026-09-01T00:00:00Z' })],
    }),
  ],
  ['somebody else made it; it may be deleted at 2026-09-10T12:05:00.000Z', situation(['eastus'], [extra])],
  [
    'Azure accepted it less than a minute ago and does not show it yet',
    situation(['japaneast'], [], {
      remembered: [entry('japaneast', { provisioningState: 'Creating', since: minutesAfter(-0.5).toISOString() })],
    }),
  ],
  ['all repairs have failed', situation(['japaneast'], [broken], { remembered: wasBroken(3) })],
  ['it belongs to other/a/b', situation(['japaneast'], [replica('japaneast'), replica('uksouth', foreign)])],
];

function reasonsIn(given: Situation): readonly string[] {
  return accountsOf(given, plan(given), new Map()).flatMap((account) => because(account, given.desired) ?? []);
}

for (const [text, given] of rows) {
  test(text, () => {
    expect(reasonsIn(given)).toContain(text);
  });
}

test('the home region, when the spec states its routing', () => {
  const home = desired(['eastus']);
  const wishes = new Map([...home.wishes].map(([r, wish]) => [r, { ...wish, routing: 'Enabled' as const }]));
  const given = situation(['eastus'], [replica('eastus', { routing: 'Enabled' })], { desired: { ...home, wishes } });
  expect(reasonsIn(given)).toEqual(['the home region is as the spec states it']);
});
