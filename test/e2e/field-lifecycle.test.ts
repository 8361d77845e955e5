import { describe, expect, test } from 'vitest';
import { DEFAULTS } from '../sandbox/emulator/settings.ts';
import { leaves } from '../support/crd-schema.ts';
import { behaviourRows } from '../support/field-rows/behaviour.ts';
import { credentialRows, fabrikamApp } from '../support/field-rows/credentials.ts';
import { drainRows } from '../support/field-rows/drains.ts';
import { regionRows } from '../support/field-rows/regions.ts';
import { otherSubscription, registryRows } from '../support/field-rows/registry.ts';
import { play } from '../support/field-steps.ts';
import { contosoApp } from '../support/object-credentials.ts';
import { sharedWorld } from '../support/registry-scene.ts';

const world = sharedWorld({
  subscriptions: [{ id: DEFAULTS.subscriptionId }, { id: otherSubscription }],
  registries: [],
  roles: [DEFAULTS.clientId, contosoApp, fabrikamApp].map((clientId) => ({ clientId, scope: '/', actions: ['*'] })),
});

/** Those that wait for an interval are among the first, and so start first. */
const rows = { ...registryRows, ...behaviourRows, ...regionRows, ...drainRows, ...credentialRows };

test('every field of the spec has its row', () => {
  expect(Object.keys(rows).toSorted()).toEqual([...leaves('spec')].toSorted());
});

describe('set, changed, removed, invalid, back to valid', () => {
  for (const [field, row] of Object.entries(rows)) {
    test(field, async (t) => {
      await play(world(), t.expect, field.replaceAll(/\W/g, '').toLowerCase(), row);
    });
  }
});
