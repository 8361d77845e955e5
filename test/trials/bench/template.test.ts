import { expect, test } from 'vitest';
import { templateOf } from './template.ts';

const subject = {
  name: 'one',
  namespace: 'bench-x',
  subscriptionId: '0001',
  resourceGroup: 'group',
  registry: 'contoso',
  regions: ['japaneast', 'westeurope'],
};

test('placeholders are filled in, wherever they stand', () => {
  const manifest = templateOf(
    'metadata: { name: $NAME, namespace: $NAMESPACE }\nspec: { id: "/$SUBSCRIPTION_ID/$REGISTRY" }',
  );
  expect(manifest(subject)).toEqual({
    metadata: { name: 'one', namespace: 'bench-x' },
    spec: { id: '/0001/contoso' },
  });
});

test('an entry of a list with $REGION stands for one per region, beside the others', () => {
  const manifest = templateOf('spec: { regions: [{ location: $REGION, of: $REGISTRY }, { location: eastus }] }');
  expect(manifest(subject)['spec']).toEqual({
    regions: [
      { location: 'japaneast', of: 'contoso' },
      { location: 'westeurope', of: 'contoso' },
      { location: 'eastus' },
    ],
  });
});

test('numbers and switches stay what they are', () => {
  expect(templateOf('spec: { count: 3, on: true }')(subject)['spec']).toEqual({ count: 3, on: true });
});

test('a placeholder that there is not is refused, with those that there are', () => {
  expect(() => templateOf('spec: $REGISTRIES')).toThrow(
    'the template has $REGISTRIES; it may have $NAME, $NAMESPACE, $SUBSCRIPTION_ID, $RESOURCE_GROUP, $REGISTRY, $REGION',
  );
});
