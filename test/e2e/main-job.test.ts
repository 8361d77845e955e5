import { expect, test } from 'vitest';
import { operatorWorld } from '../support/operator-world.ts';

const regions = [{ location: 'japaneast' }, { location: 'West Europe' }, { location: 'brazilsouth' }];

test('an applied object becomes replicas in Azure and a Ready status', async () => {
  const world = await operatorWorld();
  const operator = await world.start();
  await world.apply('contoso', { regions });
  const { status } = await world.untilReady('contoso');
  expect(status).toMatchObject({
    summary: '3/3',
    phase: 'Ready',
    registry: { homeRegion: 'eastus', loginServer: 'contoso.azurecr.io' },
  });
  expect(await world.locations()).toEqual(['brazilsouth', 'eastus', 'japaneast', 'westeurope']);
  expect(await world.writes()).toEqual({ PUT: 3, PATCH: 0, DELETE: 0 });
  expect(await operator.stop()).toBe('exit code 0');
});
