import { expect, test } from 'vitest';
import type { RegistryReplication, Status } from '../../../../src/api/registryreplication.ts';
import { painter } from '../../../../src/cli/output/terminal.ts';
import { storyText } from '../../../../src/cli/story/story-text.ts';
import type { Happened } from '../../../../src/view/happened.ts';
import { storyOf } from '../../../../src/view/story.ts';
import { minutesAfter, resource } from '../../../support/builders.ts';

const now = minutesAfter(0);
const at = (minutes: number) => minutesAfter(minutes).toISOString();
const message =
  'brazilsouth: being created. japaneast: Azure refuses it by policy "allowed regions"; ask the owner of the policy assignment for an exemption.';
const because =
  'Azure refuses it by policy "allowed regions"; ask the owner of the policy assignment for an exemption.';
const status: Status = {
  observedGeneration: 1,
  phase: 'Failed',
  summary: '1/4',
  interval: '5m',
  plan: ['+brazilsouth', '+japaneast', '-uksouth'],
  registry: { id: '/r', loginServer: 'contoso.azurecr.io', homeRegion: 'eastus', sku: 'Premium' },
  replicas: [
    { location: 'brazilsouth', managed: 'Created', provisioningState: 'Creating', since: at(-1) },
    { location: 'eastus', managed: 'Home', provisioningState: 'Succeeded', status: 'Ready', since: at(-60 * 24 * 3) },
    { location: 'japaneast', notBefore: at(3), error: { code: 'P', reason: 'PolicyDenied', message: because } },
    { location: 'uksouth', managed: 'Unlisted', provisioningState: 'Succeeded', status: 'Ready', since: at(-90) },
    { location: 'westeurope', managed: 'Adopted', provisioningState: 'Succeeded', status: 'Syncing', since: at(-240) },
  ],
  conditions: [
    { type: 'Ready', status: 'False', reason: 'PolicyDenied', message, lastTransitionTime: at(-12) },
    { type: 'Stalled', status: 'True', reason: 'PolicyDenied', message, lastTransitionTime: at(-11) },
  ],
};
const events: readonly Happened[] = [
  { time: at(-11), type: 'Warning', reason: 'Stalled', message: `PolicyDenied: ${message}` },
  { time: at(-1), type: 'Normal', reason: 'ReplicaCreating', message: 'brazilsouth: being created.' },
];

function shown(width: number, isUnicode = true): string {
  const story = storyOf(resource(['brazilsouth', 'eastus', 'japaneast', 'westeurope'], { status }), events, now);
  return `\n${storyText(story, { paint: painter(false), isUnicode, width, now })}`;
}

test('at 80 columns', () => {
  expect(shown(80)).toMatchInlineSnapshot(`
    "
    platform/contoso: Failed, 1/4 regions ready
    contoso.azurecr.io, home eastus, Premium

    ✕ Not ready, and somebody must act, for 12m (PolicyDenied)
      brazilsouth: being created. japaneast: Azure refuses it by policy "allowed
      regions"; ask the owner of the policy assignment for an exemption.

    REGIONS
    ◐ brazilsouth  Creating                for 60s
        awaits Azure to finish creating it
        looked at again within 12s
    ◆ eastus       Ready, home             for 3d
    ✕ japaneast    missing
        awaits its creation, which Azure refused
        not before 12:03:00 UTC, in 3m
        Azure refuses it by policy "allowed regions"; ask the owner of the policy
        assignment for an exemption.
    ◇ uksouth      Ready, not in the spec  for 90m
        awaits its deletion, once every wanted region is ready
        looked at again within 5m
    ◐ westeurope   Syncing                 for 4h
        awaits its images to arrive
        looked at again within 60s

    LAST EVENTS
     11m  Stalled          PolicyDenied: brazilsouth: being created. japaneast:
                           Azure refuses it by policy "allowed regions"; ask the
                           owner of the policy assignment for an exemption.
     60s  ReplicaCreating  brazilsouth: being created.
    "
  `);
});

test('at 60 columns, without characters beyond ASCII', () => {
  expect(shown(60, false)).toMatchInlineSnapshot(`
    "
    platform/contoso: Failed, 1/4 regions ready
    contoso.azurecr.io, home eastus, Premium

    X Not ready, and somebody must act, for 12m (PolicyDenied)
      brazilsouth: being created. japaneast: Azure refuses it by
      policy "allowed regions"; ask the owner of the policy
      assignment for an exemption.

    REGIONS
    ~ brazilsouth  Creating                for 60s
        awaits Azure to finish creating it
        looked at again within 12s
    H eastus       Ready, home             for 3d
    X japaneast    missing
        awaits its creation, which Azure refused
        not before 12:03:00 UTC, in 3m
        Azure refuses it by policy "allowed regions"; ask the
        owner of the policy assignment for an exemption.
    ? uksouth      Ready, not in the spec  for 90m
        awaits its deletion, once every wanted region is ready
        looked at again within 5m
    ~ westeurope   Syncing                 for 4h
        awaits its images to arrive
        looked at again within 60s

    LAST EVENTS
     11m  Stalled          PolicyDenied: brazilsouth: being
                           created. japaneast: Azure refuses it
                           by policy "allowed regions"; ask the
                           owner of the policy assignment for an
                           exemption.
     60s  ReplicaCreating  brazilsouth: being created.
    "
  `);
});

test('at 200 columns nothing is broken', () => {
  expect(shown(200)).toMatchInlineSnapshot(`
    "
    platform/contoso: Failed, 1/4 regions ready
    contoso.azurecr.io, home eastus, Premium

    ✕ Not ready, and somebody must act, for 12m (PolicyDenied)
      brazilsouth: being created. japaneast: Azure refuses it by policy "allowed regions"; ask the owner of the policy assignment for an exemption.

    REGIONS
    ◐ brazilsouth  Creating                for 60s
        awaits Azure to finish creating it
        looked at again within 12s
    ◆ eastus       Ready, home             for 3d
    ✕ japaneast    missing
        awaits its creation, which Azure refused
        not before 12:03:00 UTC, in 3m
        Azure refuses it by policy "allowed regions"; ask the owner of the policy assignment for an exemption.
    ◇ uksouth      Ready, not in the spec  for 90m
        awaits its deletion, once every wanted region is ready
        looked at again within 5m
    ◐ westeurope   Syncing                 for 4h
        awaits its images to arrive
        looked at again within 60s

    LAST EVENTS
     11m  Stalled          PolicyDenied: brazilsouth: being created. japaneast: Azure refuses it by policy "allowed regions"; ask the owner of the policy assignment for an exemption.
     60s  ReplicaCreating  brazilsouth: being created.
    "
  `);
});

test.each([60, 80, 200])('at %i columns no line is longer', (width) => {
  expect(
    shown(width)
      .split('\n')
      .filter((line) => line.length > width),
  ).toEqual([]);
});

test('a drained region says until when, and the object why', () => {
  const drained = { until: '2026-09-10T18:00:00Z', before: 'Enabled' } as const;
  const replicas = [
    { location: 'japaneast', provisioningState: 'Succeeded', status: 'Ready', routing: 'Disabled', drained },
    { location: 'westeurope', provisioningState: 'Succeeded', status: 'Ready', routing: 'Disabled' },
  ] as const;
  const told = 'japaneast until 2026-09-10T18:00:00Z: INC-4711.';
  const conditions = [
    {
      type: 'Ready',
      status: 'True',
      reason: 'InSync',
      message: 'All 2 regions are ready.',
      lastTransitionTime: at(-12),
    },
    { type: 'Drained', status: 'True', reason: 'Drained', message: told, lastTransitionTime: at(-12) },
  ] as const;
  const object = resource(['japaneast', 'westeurope'], { status: { ...status, replicas, conditions } });
  const text = storyText(storyOf(object, [], now), { paint: painter(false), isUnicode: true, width: 100, now });
  expect(text).toContain('Regions are out of routing for a while, for 12m');
  expect(text).toContain(told);
  expect(text).toMatch(/japaneast +Ready, drained until 2026-09-10T18:00:00Z/);
  expect(text).toMatch(/westeurope +Ready, not routed/);
});

test('a region with a host of its own says whether local pull has Pods pull from there, and if not, why', () => {
  const registry = { id: '/r', loginServer: 'contoso.azurecr.io', homeRegion: 'eastus', sku: 'Premium' };
  const served = { managed: 'Created', provisioningState: 'Succeeded', status: 'Ready', routing: 'Enabled' } as const;
  const host = (region: string) => `contoso.${region}.geo.azurecr.io`;
  const replicas: Status['replicas'] = [
    { ...served, location: 'eastus', managed: 'Home' },
    { ...served, location: 'japaneast', endpoint: host('japaneast') },
    { ...served, location: 'uksouth', endpoint: host('uksouth'), status: 'Syncing' },
    {
      ...served,
      location: 'westeurope',
      endpoint: host('westeurope'),
      routing: 'Disabled',
      drained: { until: at(60), before: 'Enabled' },
    },
  ];
  const pulls = (object: RegistryReplication) =>
    storyText(storyOf(object, [], now), { paint: painter(false), isUnicode: true, width: 200, now })
      .split('\n')
      .filter((line) => line.includes('local pull'))
      .map((line) => line.trim());
  const object = resource(['japaneast', 'uksouth', 'westeurope'], { status: { registry, replicas } });
  expect(pulls(object)).toEqual([
    'local pull: contoso.japaneast.geo.azurecr.io',
    'local pull: not from contoso.uksouth.geo.azurecr.io, for uksouth is Syncing',
    'local pull: not from contoso.westeurope.geo.azurecr.io, for westeurope is drained',
  ]);
  expect(pulls({ ...object, spec: { ...object.spec, suspend: true } })[0]).toBe(
    'local pull: not from contoso.japaneast.geo.azurecr.io, for the object is suspended',
  );
});
