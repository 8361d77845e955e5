import { expect } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import type { Row } from '../field-steps.ts';
import { inJapan, made } from './common.ts';

const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
const inADay = new Date(Date.now() + 86_400_000).toISOString();

/** Japan, with one drain; what is given stands in place of what a drain of Japan has. */
const drained = (given: Readonly<Record<string, unknown>> = {}) => ({
  ...inJapan,
  drains: [{ location: 'japaneast', until: inAnHour, reason: 'drill', ...given }],
});
/** Just these regions are out of routing by a drain, and no other one is on its way. */
const out =
  (...regions: readonly string[]) =>
  ({ status }: RegistryReplication): boolean => {
    const entries = status?.replicas ?? [];
    const drained = entries.filter((entry) => entry.drained !== undefined);
    return (
      drained.map(({ location }) => location).join() === regions.join() &&
      drained.every(({ routing }) => routing === 'Disabled')
    );
  };
const told = (message: RegExp) => ({
  status: {
    conditions: [{ type: 'Ready' }, { type: 'Drained', status: 'True', message: expect.stringMatching(message) }],
  },
});
const notDrained = {
  status: { replicas: [{}, { location: 'japaneast', routing: 'Enabled' }], conditions: [{ type: 'Ready' }] },
};
const outOfRouting = {
  settled: out('japaneast'),
  azure: { japaneast: { routing: false } },
  writes: ['PATCH japaneast'],
};
const inRouting = { settled: out(), azure: { japaneast: { routing: true } }, writes: ['PATCH japaneast'] };

export const drainRows: Readonly<Record<string, Row>> = {
  'spec.drains[].location': {
    set: [made, { spec: drained({ location: 'Japan East' }), ...outOfRouting, shows: told(/^japaneast until /) }],
    changed: [
      {
        spec: drained({ location: 'eastus' }),
        settled: out('eastus'),
        azure: { japaneast: { routing: true } },
        writes: ['PATCH eastus', 'PATCH japaneast'],
        shows: told(/^eastus until /),
      },
    ],
    removed: [{ spec: inJapan, settled: out(), writes: ['PATCH eastus'], shows: notDrained }],
    invalid: [
      {
        spec: drained({ location: 'japan-east' }),
        refused: /spec\.drains\[0\]\.location: .*a region is written as westeurope/,
      },
      {
        spec: { ...inJapan, drains: [...drained().drains, ...drained({ location: 'Japan East' }).drains] },
        refused: /spec\.drains: .*a region is drained twice/,
      },
    ],
    backToValid: [
      {
        spec: drained({ location: 'uksouth' }),
        says: /uksouth: is in spec\.drains and neither in spec\.regions nor the home region/,
      },
    ],
  },

  'spec.drains[].until': {
    set: [made, { spec: drained(), ...outOfRouting, shows: told(/drill/) }],
    changed: [
      {
        spec: drained({ until: inADay }),
        shows: { status: { replicas: [{}, { drained: { until: `${inADay.slice(0, 19)}Z`, before: 'Enabled' } }] } },
      },
      { spec: drained({ until: '2020-01-01T00:00:00Z' }), ...inRouting, shows: notDrained },
    ],
    removed: [{ spec: inJapan }],
    invalid: [
      { spec: drained({ until: 'tomorrow' }), refused: /spec\.drains\[0\]\.until/ },
      { spec: drained({ until: undefined }), refused: /spec\.drains\[0\]\.until: Required value/ },
    ],
    backToValid: [
      {
        spec: drained({ until: '2099-01-01T00:00:00Z' }),
        says: /japaneast: its drain waits: it begins 30 days before/,
      },
    ],
  },

  'spec.drains[].reason': {
    set: [made, { spec: drained({ reason: 'INC-4711' }), ...outOfRouting, shows: told(/: INC-4711\.$/) }],
    changed: [
      { spec: drained({ reason: 'still INC-4711' }), settled: out('japaneast'), shows: told(/: still INC-4711\.$/) },
    ],
    removed: [{ spec: inJapan, ...inRouting, shows: notDrained }],
    invalid: [
      {
        spec: drained({ reason: ' ' }),
        refused: /spec\.drains\[0\]\.reason: .*write the reason in one line of at most 200/,
      },
      { spec: drained({ reason: 'two\nlines' }), refused: /write the reason in one line of at most 200/ },
      { spec: drained({ reason: 'r'.repeat(201) }), refused: /write the reason in one line/ },
    ],
    backToValid: [{ spec: drained({ reason: 'r'.repeat(200) }), ...outOfRouting, shows: told(/r{200}\.$/) }],
  },
};
