import { expect, test } from 'vitest';
import { operatorWorld } from '../../support/operator-world.ts';
import { signedInAz } from './az.ts';

const options = { retryAfterSeconds: 1 }; // without it az polls every 30 s

test('a replica that az made is adopted without one write to Azure', async (t) => {
  const world = await operatorWorld(t, options);
  const az = await signedInAz(world.azure, t.onTestFinished);
  await az.text('acr replication create --registry contoso --location japaneast --name tokyo --tags team=web');
  await world.azure.control.resetCounters();
  await world.start();
  await world.apply('contoso', { regions: [{ location: 'japaneast' }] });
  const { status } = await world.untilReady('contoso');
  expect(status?.replicas?.map((r) => `${r.location} ${r.name} ${r.managed}`)).toContain('japaneast tokyo Adopted');
  expect(await world.writes()).toEqual({ PUT: 0, PATCH: 0, DELETE: 0 });
  expect(await az.json('acr replication show --registry contoso --name tokyo')).toMatchObject({
    tags: { team: 'web' },
  });
});

test('replicas that the operator made show up in az', async (t) => {
  const world = await operatorWorld(t, options);
  const az = await signedInAz(world.azure, t.onTestFinished);
  await world.start();
  await world.apply('contoso', {
    regions: [{ location: 'japaneast' }, { location: 'Brazil South', name: 'saopaulo' }],
  });
  await world.untilReady('contoso');
  const [, , ...rows] = (await az.text('acr replication list --registry contoso --output table')).trimEnd().split('\n');
  expect(rows.map((row) => row.split(/ {2,}/).join(' ')).toSorted()).toEqual([
    'eastus eastus Succeeded Ready True',
    'japaneast japaneast Succeeded Ready True',
    'saopaulo brazilsouth Succeeded Ready True',
  ]);
});
