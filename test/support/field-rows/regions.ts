import { expect } from 'vitest';
import type { Row } from '../field-steps.ts';
import { inJapan, inUk, japan, made, stalled, uk } from './common.ts';

const zoned = (zoneRedundancy?: string) => ({ regions: [{ ...japan, ...(zoneRedundancy && { zoneRedundancy }) }] });
const routed = (routing?: string) => ({ regions: [{ ...japan, ...(routing && { routing }) }] });
const tagged = (tags?: unknown) => ({ regions: [{ ...japan, ...(tags === undefined ? {} : { tags }) }, uk] });
const note = (text: string) => ({
  status: { replicas: [{}, { location: 'japaneast', note: expect.stringMatching(text) }] },
});

/** Neither a tag's name nor its value can hold everything; the same for both levels of tags. */
const badTags = (specOf: (tags: unknown) => Readonly<Record<string, unknown>>): Row['invalid'] => [
  {
    spec: specOf({ 'Managed-By': 'me' }),
    refused: /the tags managed-by and acr-replication-owner are the operator's own/,
  },
  { spec: specOf({ 'Azure-team': 'x' }), refused: /a tag's name may not begin with azure, microsoft or windows/ },
  { spec: specOf({ team: 'x'.repeat(257) }), refused: /tags\.team: Too long: may not be more than 256/ },
  { spec: specOf({ team: 42 }), refused: /tags\.team: Invalid value: "integer": .* must be of type string/ },
  { spec: specOf({ 'a/b': 'c' }), refused: /a tag's name has 1 to 512 characters, none of < > % & \\ \? \// },
  { spec: specOf({ 'a\\b': 'c' }), refused: /a tag's name has 1 to 512 characters/ },
  { spec: specOf({ '': 'c' }), refused: /a tag's name has 1 to 512 characters/ },
  { spec: specOf({ ['x'.repeat(513)]: 'c' }), refused: /a tag's name has 1 to 512 characters/ },
  { spec: specOf({ team: 'a', Team: 'b' }), refused: /a tag is listed twice: case doesn't matter in its name/ },
];

export const regionRows: Readonly<Record<string, Row>> = {
  'spec.regions[].location': {
    set: [{ ...made, shows: { status: { summary: '1/1' } } }],
    changed: [{ spec: inUk, azure: { uksouth: {} }, writes: ['DELETE japaneast', 'PUT uksouth'] }],
    removed: [
      { spec: { regions: [{}] }, refused: /spec\.regions\[0\]\.location: Required value/ },
      { spec: { regions: [] }, refused: /spec\.regions: .*list at least one region/ },
    ],
    invalid: [
      { spec: { regions: [{ location: '' }] }, refused: /spec\.regions\[0\]\.location: .*written as westeurope/ },
      { spec: { regions: [{ location: '../x' }] }, refused: /location: .*written as westeurope or "West Europe"/ },
      { spec: { regions: [{ location: '(Europe) UK-South' }] }, refused: /location: .*: here uksouth/ },
      {
        spec: { regions: [uk, { location: 'UK South' }] },
        refused: /list uksouth once: a region is listed twice, and case and spaces/,
      },
      {
        spec: { regions: [{ location: 'uksuoth' }] },
        reason: 'RegionUnavailable',
        says: /^uksuoth: .*did you mean uksouth\?.*Correct the location in spec\.regions/i,
        shows: { status: { ...stalled('RegionUnavailable').status, plan: ['+uksuoth', '-uksouth'] } },
        writes: ['PUT uksuoth'],
      },
    ],
    backToValid: [{ spec: { regions: [{ location: 'UK South' }] } }],
  },

  'spec.regions[].name': {
    set: [
      {
        spec: { regions: [{ ...japan, name: 'tokyo' }] },
        azure: { japaneast: { name: 'tokyo' } },
        writes: ['PUT japaneast'],
        shows: { status: { replicas: [{}, { location: 'japaneast', name: 'tokyo' }] } },
      },
    ],
    changed: [{ spec: { regions: [{ ...japan, name: 'kyoto' }] } }],
    removed: [{ spec: { regions: [japan] } }],
    invalid: [
      {
        spec: { regions: [{ ...japan, name: 'to-kyo' }] },
        refused: /spec\.regions\[0\]\.name: .*5 to 50 letters and digits/,
      },
      {
        spec: { regions: [{ ...japan, name: 'edo' }] },
        refused: /spec\.regions\[0\]\.name: .*5 to 50 letters and digits/,
      },
      {
        spec: { regions: [japan, { ...uk, name: 'JapanEast' }] },
        refused: /spec\.regions: .*two replicas of a registry cannot have one name/,
      },
    ],
    backToValid: [
      {
        spec: { regions: [{ ...uk, name: 'tokyo' }] },
        azure: { uksouth: { name: 'uksouth' } }, // the replica of Japan had the name when it was made
        writes: ['DELETE japaneast', 'PUT uksouth'],
      },
      { spec: { regions: [uk] } },
    ],
  },

  'spec.regions[].routing': {
    set: [{ spec: routed('Enabled'), azure: { japaneast: { routing: true } }, writes: ['PUT japaneast'] }],
    changed: [
      {
        spec: routed('Disabled'),
        azure: { japaneast: { routing: false } },
        writes: ['PATCH japaneast'],
        shows: { status: { replicas: [{}, { location: 'japaneast', routing: 'Disabled' }] } },
      },
    ],
    removed: [
      { spec: routed(), shows: { status: { replicas: [{}, { location: 'japaneast', routing: 'Disabled' }] } } },
    ],
    invalid: [
      {
        spec: routed('Off'),
        refused: /spec\.regions\[0\]\.routing: Unsupported value: "Off": .*"Enabled", "Disabled"/,
      },
    ],
    backToValid: [{ spec: routed('Enabled'), azure: { japaneast: { routing: true } }, writes: ['PATCH japaneast'] }],
  },

  'spec.regions[].zoneRedundancy': {
    set: [{ spec: zoned('Enabled'), azure: { japaneast: { zoneRedundancy: 'Enabled' } }, writes: ['PUT japaneast'] }],
    changed: [{ spec: zoned('Disabled'), shows: note('is Enabled in Azure and Disabled in the spec') }],
    removed: [
      {
        spec: zoned(),
        shows: { status: { replicas: [{}, expect.not.objectContaining({ note: expect.anything() })] } },
      },
    ],
    invalid: [{ spec: zoned('Maybe'), refused: /zoneRedundancy: Unsupported value: "Maybe": .*"Enabled", "Disabled"/ }],
    backToValid: [
      { spec: zoned('Disabled'), shows: note('it counts only when a replica is created') },
      { spec: zoned('Enabled') },
    ],
  },

  'spec.regions[].tags': {
    set: [
      {
        spec: { ...tagged({ env: 'prod' }), tags: { env: 'any', team: 'platform' } },
        azure: {
          japaneast: { tags: { env: 'prod', team: 'platform' } },
          uksouth: { tags: { env: 'any', team: 'platform' } },
        },
        writes: ['PUT japaneast', 'PUT uksouth'],
      },
    ],
    changed: [
      {
        spec: tagged({ Env: 'test', tier: '1' }),
        azure: {
          japaneast: { tags: { env: 'test', team: 'platform', tier: '1' } },
          uksouth: { tags: { env: 'any', team: 'platform' } },
        },
        writes: ['PATCH japaneast'],
      },
    ],
    removed: [{ spec: tagged() }],
    invalid: badTags(tagged),
    backToValid: [
      {
        spec: tagged({ env: 'prod' }),
        azure: { japaneast: { tags: { env: 'prod', team: 'platform', tier: '1' } }, uksouth: {} },
        writes: ['PATCH japaneast'],
      },
    ],
  },

  'spec.tags': {
    registry: { replicas: [{ ...japan, tags: { foreign: 'kept' } }] },
    set: [
      {
        spec: { ...inJapan, tags: { team: 'platform' } },
        azure: { japaneast: { tags: { foreign: 'kept', team: 'platform' } } },
        writes: ['PATCH japaneast'],
      },
    ],
    changed: [
      {
        spec: { ...inJapan, tags: { team: 'registry' } },
        azure: { japaneast: { tags: { foreign: 'kept', team: 'registry' } } },
        writes: ['PATCH japaneast'],
      },
    ],
    removed: [{ spec: inJapan }],
    invalid: badTags((tags) => ({ ...inJapan, tags })),
    backToValid: [
      {
        spec: { ...inJapan, tags: { team: 'platform' } },
        azure: { japaneast: { tags: { foreign: 'kept', team: 'platform' } } },
        writes: ['PATCH japaneast'],
      },
    ],
  },
};
