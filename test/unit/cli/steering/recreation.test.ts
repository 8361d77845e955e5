import { describe, expect, test } from 'vitest';
import { type RegistryReplication, recreate } from '../../../../src/api/registryreplication.ts';
import { recreationOf } from '../../../../src/cli/steering/recreation.ts';

interface Changes {
  readonly spec?: Partial<RegistryReplication['spec']>;
  readonly status?: Partial<NonNullable<RegistryReplication['status']>>;
  readonly annotation?: string;
}

function contoso({ spec, status, annotation }: Changes = {}): RegistryReplication {
  const replica = (location: string, provisioningState = 'Succeeded') => ({
    location,
    name: location,
    provisioningState,
    routing: 'Enabled' as const,
  });
  return {
    apiVersion: 'acr-replication.dev/v1alpha1',
    kind: 'RegistryReplication',
    metadata: {
      name: 'contoso',
      namespace: 'platform',
      ...(annotation === undefined ? {} : { annotations: { [recreate]: annotation } }),
    },
    spec: {
      registry: { name: 'contoso', resourceGroup: 'registries' },
      regions: [{ location: 'Japan East' }, { location: 'westeurope' }, { location: 'brazilsouth' }],
      ...spec,
    },
    status: {
      registry: { homeRegion: 'eastus' },
      replicas: [replica('eastus'), replica('japaneast', 'Failed'), replica('westeurope')],
      ...status,
    },
  } as unknown as RegistryReplication;
}

test('says what is lost and who serves meanwhile', () => {
  expect(recreationOf(contoso(), 'Japan East')).toEqual({
    region: 'japaneast',
    annotation: 'japaneast',
    losses: [
      'The replica of contoso in japaneast is deleted with all images in it.',
      'Until it is back, pulls go to eastus, westeurope.',
      'It is then created anew, and every image is copied to it again, which may take hours and is billed as transfer.',
    ],
  });
});

test('says that pulls will fail where no other replica serves', () => {
  const replicas = [{ location: 'westeurope', name: 'westeurope', provisioningState: 'Succeeded' }];
  expect(recreationOf(contoso({ status: { replicas } }), 'westeurope').losses).toContain(
    'No other replica serves pulls: until it is back they fail.',
  );
});

test('says that a suspended object waits', () => {
  expect(recreationOf(contoso({ spec: { suspend: true } }), 'japaneast').losses.at(-1)).toBe(
    'The object is suspended: it happens as soon as it is resumed.',
  );
});

test('is refused of an object that is being deleted', () => {
  const object = contoso();
  const leaving = { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-09-10T12:00:00Z' } };
  expect(() => recreationOf(leaving, 'japaneast')).toThrow('contoso is being deleted, so nothing would be made anew');
});

describe('the annotation', () => {
  const cases: readonly { when: string; annotation: string; handled: string; then: string }[] = [
    { when: 'nothing was asked for', annotation: '', handled: '', then: 'japaneast' },
    { when: 'another region is pending', annotation: 'westeurope', handled: '', then: 'westeurope,japaneast' },
    { when: 'another region is done', annotation: 'westeurope', handled: 'westeurope', then: 'japaneast' },
    { when: 'it is pending itself', annotation: 'japaneast,westeurope', handled: '', then: 'westeurope,japaneast' },
  ];
  for (const { when, annotation, handled, then } of cases) {
    test(`is ${then} where ${when}`, () => {
      const object = contoso({ annotation, status: { lastHandledRecreate: handled } });
      expect(recreationOf(object, 'japaneast').annotation).toBe(then);
    });
  }
});

describe('refuses', () => {
  const cases: readonly { what: string; region: string; changes?: Changes; message: string; cure: string }[] = [
    {
      what: 'a region with a slip',
      region: 'westeurop',
      message: 'westeurop is not a region of contoso',
      cure: 'kubectl acr-replication recreate contoso westeurope',
    },
    {
      what: 'a region of another set',
      region: 'uksouth',
      message: 'uksouth is not a region of contoso',
      cure: 'one of brazilsouth, japaneast, westeurope',
    },
    {
      what: 'home',
      region: 'eastus',
      message: 'eastus is the home region of contoso, which Azure does not let anybody delete',
      cure: 'one of brazilsouth, japaneast, westeurope',
    },
    {
      what: 'a region without a replica',
      region: 'brazilsouth',
      message: 'contoso has no replica in brazilsouth that could be made anew',
      cure: 'kubectl acr-replication reconcile contoso',
    },
    {
      what: 'an object that observes',
      region: 'japaneast',
      changes: { spec: { mode: 'Observe' } },
      message: 'contoso only observes (spec.mode), so nothing would be made anew',
      cure: `kubectl patch registryreplications.acr-replication.dev contoso --type merge -p '{"spec":{"mode":"Apply"}}'`,
    },
  ];
  for (const { what, region, changes, message, cure } of cases) {
    test(what, () => {
      expect(() => recreationOf(contoso(changes), region)).toThrow(expect.objectContaining({ message, cure }));
    });
  }
});
