import { describe, expect, test } from 'vitest';
import type { RegistryReplication, Status } from '../../../src/api/registryreplication.ts';
import { memoryOf, requestOf } from '../../../src/domain/memory.ts';
import { entry, registry, resource } from '../../support/builders.ts';

const known = { id: registry().id, loginServer: 'contoso.azurecr.io', homeRegion: 'eastus', sku: 'Premium' };
const asking = { annotations: { 'acr-replication.dev/requested-at': 'now' } };

function memoryIn(status: Status | undefined, metadata: Partial<RegistryReplication['metadata']> = {}) {
  return memoryOf(resource(['japaneast'], { metadata, ...(status === undefined ? {} : { status }) }));
}

function regionIn(replica: NonNullable<Status['replicas']>[number]) {
  return [...memoryIn({ replicas: [replica] }).regions.values()][0];
}

test('an object that nobody has looked at has no memory', () => {
  expect(memoryIn(undefined)).toEqual({
    status: undefined,
    regions: new Map(),
    altered: new Set(),
    registry: undefined,
    conditions: new Map(),
    current: false,
    asked: false,
    newlyAsked: true,
    leftKnown: false,
    recreate: new Set(),
    absence: undefined,
    readError: undefined,
  });
});

test('since when Azure cannot be read is known', () => {
  const readError = { code: 'AuthorizationFailed', startTime: '2026-09-10T11:00:00Z' };
  const since = new Date(readError.startTime);
  expect(memoryIn({ readError }).readError).toEqual({ code: 'AuthorizationFailed', since });
});

describe('of the registry', () => {
  test('status remembers what it has whole', () => expect(memoryIn({ registry: known }).registry).toEqual(registry()));

  test.each(Object.keys(known) as (keyof typeof known)[])('nothing is known without its %s', (field) => {
    const { [field]: _, ...rest } = known;
    expect(memoryIn({ registry: rest }).registry).toBeUndefined();
  });
});

describe('of a region', () => {
  test('everything that a later pass goes by is known', () => {
    const error = { code: 'Vanished', message: 'before' };
    const drained = { until: '2026-09-11T06:00:00Z', before: 'Enabled' } as const;
    const known = { name: 'tokyo', routing: 'Disabled', attempts: 2, drained, note: 'worth knowing', error } as const;
    expect(regionIn(entry('japaneast', known))).toEqual({
      region: 'japaneast',
      name: 'tokyo',
      managed: 'Created',
      state: 'Succeeded',
      status: 'Ready',
      routing: 'Disabled',
      since: '2026-09-10T11:00:00.000Z',
      provisionedTime: '2026-09-10T11:00:00.000Z',
      notBefore: undefined,
      attempts: 2,
      drained: { until: new Date('2026-09-11T06:00:00Z'), before: 'Enabled' },
      note: 'worth knowing',
      refusal: undefined,
      vanished: error,
    });
  });

  test('that had no replica next to nothing is known', () => {
    expect(regionIn({ location: 'japaneast' })).toMatchObject({ state: undefined, status: '', attempts: 0 });
  });

  test('a state that only another version knows is one of a replica that Azure is busy with', () => {
    expect(regionIn(entry('japaneast', { provisioningState: 'Migrating' }))?.state).toBe('Unknown');
  });

  test('a refusal is no vanishing', () => {
    expect(regionIn(entry('japaneast', { error: { code: 'Locked', message: 'x' } }))?.vanished).toBeUndefined();
  });

  test('of an older version’s status it is taken that all that is not being made was provisioned once', () => {
    const { provisionedTime: _, ...old } = entry('japaneast', { provisioningState: 'Failed' });
    expect(regionIn(old)?.provisionedTime).toBe(old.since);
    expect(regionIn({ ...old, provisioningState: 'Creating' })?.provisionedTime).toBeUndefined();
  });

  test('a refusal is remembered with its reason and since when', () => {
    const error = { code: 'ScopeLocked', reason: 'Locked', message: 'x', since: '2026-09-10T11:00:00Z' };
    const since = new Date('2026-09-10T11:00:00Z');
    expect(regionIn(entry('japaneast', { error }))?.refusal).toEqual({ ...error, since });
    expect(regionIn(entry('japaneast', { error: { ...error, reason: 'Unheard' } }))?.refusal?.reason).toBe('Retrying');
  });

  test('its settings were known to differ when the plan said so', () => {
    const plan = ['+uksouth', '-westeurope', '~brazilsouth tags', '~japaneast routing tags'];
    expect(memoryIn({ plan }).altered).toEqual(new Set(['brazilsouth', 'japaneast']));
  });
});

describe('whether somebody wants something new', () => {
  const rows: readonly (readonly [name: string, status: Status, metadata: object, asked: boolean, newly: boolean])[] = [
    ['nothing has happened since', { observedGeneration: 1 }, {}, false, false],
    ['the spec was edited', { observedGeneration: 1 }, { generation: 2 }, false, true],
    ['somebody asks to look now', { observedGeneration: 1 }, asking, true, true],
    ['the request was answered', { observedGeneration: 1, lastHandledRequest: 'now' }, asking, false, false],
    ['the request was taken back', { observedGeneration: 1, lastHandledRequest: 'now' }, {}, true, true],
  ];
  test.each(rows)('%s', (_name, status, metadata, asked, newlyAsked) => {
    expect(memoryIn(status, metadata)).toMatchObject({ asked, newlyAsked });
  });

  test('a request is as long as status takes it, without half a character at its end', () => {
    const long = { annotations: { 'acr-replication.dev/requested-at': `${'x'.repeat(1_023)}\u{1f600}` } };
    expect(requestOf(resource([], { metadata: long }))).toBe('x'.repeat(1_023));
  });
});

describe('replicas to be made anew', () => {
  const asked = (regions: string, lastHandledRecreate?: string) =>
    memoryIn(lastHandledRecreate === undefined ? {} : { lastHandledRecreate }, {
      annotations: { 'acr-replication.dev/recreate': regions },
    }).recreate;

  test('are those that the annotation names', () => {
    expect(asked('Japan East, uksouth')).toEqual(new Set(['japaneast', 'uksouth']));
  });
  test('but each once', () => expect(asked('japaneast,uksouth', 'japaneast')).toEqual(new Set(['uksouth'])));
});

describe('while the object is being deleted, status names all that is left', () => {
  const replicas = [entry('japaneast')];
  test.each<[string, Status, boolean]>([
    ['once it was written for the deletion', { phase: 'Deleting', observedGeneration: 1, replicas }, true],
    ['not before', { phase: 'Ready', observedGeneration: 1, replicas }, false],
    ['not for another spec', { phase: 'Deleting', observedGeneration: 0, replicas }, false],
    ['not while Azure was never seen', { phase: 'Deleting', observedGeneration: 1 }, false],
  ])('%s', (_name, status, leftKnown) => expect(memoryIn(status).leftKnown).toBe(leftKnown));
});
