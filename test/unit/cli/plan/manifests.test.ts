import { expect, test } from 'vitest';
import { manifestsIn, refuseTwins } from '../../../../src/cli/plan/manifests.ts';

const ours = 'apiVersion: acr-replication.dev/v1alpha1\nkind: RegistryReplication\nmetadata: { name: contoso }\n';

test('all RegistryReplications of a file are planned for, and what else there is, is named', () => {
  const text = `# nothing\n---\n${ours}---\napiVersion: v1\nkind: List\nitems:\n- { kind: Service, metadata: { name: shop } }\n- apiVersion: acr-replication.dev/v1alpha1\n  kind: RegistryReplication\n  metadata: { name: other, namespace: payments }\n---\n`;
  const { ours: found, ignored } = manifestsIn('a.yaml', text);
  expect(found.map(({ name, namespace }) => [name, namespace])).toEqual([
    ['contoso', undefined],
    ['other', 'payments'],
  ]);
  expect(ignored).toEqual(['Service shop']);
});

test('what is no YAML, and what has no name, is told with the file', () => {
  expect(() => manifestsIn('a.yaml', 'a: [')).toThrow(/^a\.yaml is no YAML/);
  expect(() => manifestsIn('a.yaml', ours.replace('name: contoso', ''))).toThrow('without metadata.name');
});

test('a kind of the same name in another group is none of ours', () => {
  const { ours: found, ignored } = manifestsIn(
    'a.yaml',
    ours.replace('acr-replication.dev', 'containerregistry.azure.com'),
  );
  expect([found, ignored]).toEqual([[], ['RegistryReplication contoso']]);
});

test('YAML is read as kubectl reads it, so that the API server refuses the same', () => {
  const text = `base: &base { location: japaneast }
${ours}spec:
  tags: { on: yes, off: "no", since: 2026-12-01, at: 12:30 }
  regions: [{ <<: *base, routing: Disabled }]
`;
  expect(manifestsIn('a.yaml', text).ours[0]?.body['spec']).toEqual({
    tags: { true: true, false: 'no', since: '2026-12-01', at: '12:30' },
    regions: [{ location: 'japaneast', routing: 'Disabled' }],
  });
});

test('an object that is there twice is refused, whether its namespace is said or not', () => {
  const inPlatform = manifestsIn('b.yaml', ours.replace('name: contoso', 'name: contoso, namespace: platform')).ours;
  const bare = manifestsIn('a.yaml', ours).ours;
  expect(() => refuseTwins([...bare, ...inPlatform], 'platform')).toThrow(
    'RegistryReplication platform/contoso is in a.yaml and in b.yaml',
  );
  expect(() => refuseTwins([...bare, ...bare], 'platform')).toThrow('platform/contoso is twice in a.yaml');
  expect(() => refuseTwins([...bare, ...inPlatform], 'payments')).not.toThrow();
});
