import { describe, expect, test } from 'vitest';
import { wantedOf } from '../../../../src/cli/plan/wanted.ts';
import { memoryOf } from '../../../../src/domain/memory.ts';
import { registry, resource } from '../../../support/builders.ts';

const holder = resource(['uksouth'], {
  metadata: { name: 'older', uid: 'uid-2', creationTimestamp: '2026-09-10T10:00:00Z' },
  status: { registry: { id: registry().id } },
});

function wanted(object: ReturnType<typeof resource>, others: readonly (typeof object)[] = []) {
  const neighbours = {
    clusterName: 'test',
    subscriptionId: undefined,
    get: () => undefined,
    namesakes: () => [object, ...others],
    seesAllOf: () => true,
  };
  return wantedOf(object, memoryOf(object), neighbours);
}

describe('the operator acts', () => {
  test('on an object that nothing stops', () => expect(wanted(resource(['japaneast'])).stop).toBeUndefined());

  test('not on one that is suspended', () => {
    expect(wanted(resource(['japaneast'], { spec: { suspend: true } })).stop).toBe('spec.suspend is true');
  });

  test('not on one whose registry an older one manages', () => {
    expect(wanted(resource(['japaneast']), [holder]).stop).toBe('platform/older manages the registry');
  });

  test('not on a spec that it would refuse, suspended or not; the cure is told', () => {
    const spec = { registry: { name: 'contoso', resourceGroup: 'registries' } };
    for (const suspend of [false, true]) {
      const object = resource(['japaneast'], { spec: { ...spec, suspend } });
      expect(() => wanted(object)).toThrow(
        expect.objectContaining({
          message: expect.stringContaining('InvalidSpec'),
          cure: expect.stringContaining('--subscription'),
        }),
      );
    }
  });
});
