import { expect, test } from 'vitest';
import { reportPass } from '../../../src/telemetry/report.ts';
import { resource } from '../../support/builders.ts';
import { memoryWorld } from '../../support/memory-world.ts';

async function readyWorld() {
  const world = memoryWorld([resource(['japaneast'])]);
  await world.passUntil(() => world.get()?.status?.phase === 'Ready');
  return world;
}

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
    'creating replica {"object":"platform/contoso","generation":1,"region":"japaneast","because":"wanted, and not listed; a GET comes first"}',
    'creating replica {"object":"platform/contoso","generation":2,"region":"uksouth","because":"wanted, and not listed; a GET comes first"}',
    'deleting replica {"object":"platform/contoso","generation":2,"region":"japaneast","because":"outside the set, all of which is ready"}',
  ]);
});
