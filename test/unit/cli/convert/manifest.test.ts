import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import type { RegistryReplication } from '../../../../src/api/registryreplication.ts';
import type { Registry } from '../../../../src/cli/convert/declared.ts';
import { convertedOf } from '../../../../src/cli/convert/manifest.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import { replica } from '../../../support/builders.ts';

const ref = { subscriptionId: '00000000-0000-0000-0000-000000000000', resourceGroup: 'registries', name: 'Contoso' };
const registry = (changes: Partial<Registry> = {}): Registry => ({
  ref,
  home: regionOf('eastus'),
  sku: 'Premium',
  replicas: [],
  holders: [],
  sources: ['Terraform'],
  ...changes,
});
const specOf = (changes: Partial<Registry>) =>
  (load(convertedOf(registry(changes), undefined).manifest ?? '') as RegistryReplication).spec;

test('says what is declared, sorted, in mode Observe', () => {
  const replicas = [
    replica('uksouth', { name: 'London01', routing: 'Disabled', tags: { b: '1', a: '1' } }),
    replica('japaneast'),
  ];
  expect(convertedOf(registry({ replicas }), 'platform')).toEqual({
    notes: [],
    manifest: `# Registry Contoso as it is declared to Terraform, at home in eastus.
# In mode Observe nothing is written to Azure: status.plan says what would be. Take the mode out
# when nobody else manages the replicas any more. With prune: None and deletionPolicy: Retain every
# replica stays, listed or not, and when the object is deleted; take them out when the list is to
# decide.
apiVersion: acr-replication.dev/v1alpha1
kind: RegistryReplication
metadata:
  name: contoso
  namespace: platform
spec:
  registry:
    name: Contoso
    resourceGroup: registries
    subscriptionId: 00000000-0000-0000-0000-000000000000
  regions:
    - location: japaneast
    - location: uksouth
      name: London01
      routing: Disabled
      tags:
        b: '1'
        a: '1'
  mode: Observe
  prune: None
  deletionPolicy: Retain
`,
  });
});

test('a registry without replicas lists its home, where that is known', () => {
  expect(specOf({}).regions).toEqual([{ location: 'eastus' }]);
  expect(convertedOf(registry({ home: undefined }), undefined)).toEqual({
    manifest: undefined,
    notes: ['registry Contoso has neither replicas nor a known home region: it is left out.'],
  });
});

test('a registry that is not Premium is left out', () => {
  const { manifest, notes } = convertedOf(registry({ sku: 'Basic' }), undefined);
  expect([manifest, notes]).toEqual([undefined, ['registry Contoso is Basic and has no replicas: it is left out.']]);
});

describe('what a manifest cannot say is told', () => {
  const long = 'x'.repeat(257);
  const many = Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`tag${i}`, '']));
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, object | undefined, readonly string[]])[] =
    [
      [
        "the operator's own tags",
        { 'Managed-By': 'terraform', team: 'a' },
        { team: 'a' },
        ["tag Managed-By is the operator's own; it is left out."],
      ],
      [
        "Azure's own tags",
        { azureThing: '1' },
        undefined,
        ['tag azureThing has a name that Azure reserves; it is left out.'],
      ],
      [
        'names of tags that Azure refuses',
        { 'a/b': '1' },
        undefined,
        ['tag a/b has a name that Azure does not take; it is left out.'],
      ],
      [
        'a tag in two spellings',
        { Team: 'a', team: 'b' },
        { Team: 'a' },
        ['tag team is Team in another spelling; it is left out.'],
      ],
      ['a long value', { a: long }, undefined, ['tag a has a value of more than 256 characters; it is left out.']],
      ['too many tags', many, undefined, ['it has 49 tags, more than 48; they are left out.']],
    ];
  test.each(cases)('%s', (_, tags, left, notes) => {
    const replicas = [replica('uksouth', { tags })];
    expect(specOf({ replicas }).regions[0]?.tags).toEqual(left);
    expect(convertedOf(registry({ replicas }), undefined).notes).toEqual(
      notes.map((note) => `registry Contoso, uksouth: ${note}`),
    );
  });

  test('a name that the CRD does not take', () => {
    const replicas = [replica('uksouth', { name: 'uk' })];
    expect(specOf({ replicas }).regions).toEqual([{ location: 'uksouth' }]);
    expect(convertedOf(registry({ replicas }), undefined).notes).toEqual([
      'registry Contoso, uksouth: its name uk cannot be said and is left out; the replica is found by its region.',
    ]);
  });

  test('a replica in the home region', () => {
    const { notes } = convertedOf(registry({ replicas: [replica('eastus')] }), undefined);
    expect(notes).toEqual(['registry Contoso: eastus is its home region, which is there by itself; it is left out.']);
  });
});
