import { expect, test } from 'vitest';
import { driftsCorrected, reportPass } from '../../src/controller/report.ts';
import { regionOf } from '../../src/domain/region.ts';
import { resource } from '../support/builders.ts';
import { memoryWorld } from '../support/memory-world.ts';

const tokyo = regionOf('japaneast');

async function readyWorld() {
  const world = memoryWorld([resource(['japaneast'])]);
  await world.passUntil(() => world.get()?.status?.phase === 'Ready');
  return world;
}

const total = (world: ReturnType<typeof memoryWorld>) =>
  world.passes.reduce((sum, facts) => sum + driftsCorrected(facts), 0);

test('a replica made again because somebody deleted it counts as drift, once', async () => {
  const world = await readyWorld();
  expect(total(world)).toBe(0);
  world.azure.drop(tokyo);
  await world.passUntil(() => world.get()?.status?.phase === 'Ready');
  expect(total(world)).toBe(1);
});

test('an edit of the spec is no drift, and neither is the deletion of the object', async () => {
  const world = await readyWorld();
  world.apply(resource(['uksouth']));
  await world.passUntil(() => world.get()?.status?.phase === 'Ready');
  world.delete();
  await world.passUntil(() => world.get() === undefined);
  expect(total(world)).toBe(0);
});

test('each write to Azure is one line with object, generation and region; nothing is said of what is kept', async () => {
  const world = await readyWorld();
  world.apply(resource(['uksouth']));
  await world.passUntil(() => world.get()?.status?.phase === 'Ready');
  const lines: string[] = [];
  const note = (message: string, fields: object = {}) => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  const log = { debug: note, info: note, warn: note, error: note, isDebugEnabled: () => false };
  for (const facts of world.passes) reportPass(facts, log);
  expect(lines).toEqual([
    'creating replica {"object":"platform/contoso","generation":1,"region":"japaneast","because":"wanted, and not there"}',
    'creating replica {"object":"platform/contoso","generation":2,"region":"uksouth","because":"wanted, and not listed; a GET comes first"}',
    'deleting replica {"object":"platform/contoso","generation":2,"region":"japaneast","because":"outside the set, all of which serves"}',
  ]);
});
