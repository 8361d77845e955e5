import { expect, test } from 'vitest';
import { localThrottle } from '../../../src/domain/failure.ts';
import { reportPass, reportRetained } from '../../../src/telemetry/report.ts';
import { noon, resource } from '../../support/builders.ts';
import { memoryWorld } from '../../support/memory-world.ts';

async function readyWorld() {
  const world = memoryWorld([resource(['japaneast'])]);
  await world.passUntil(() => world.get()?.status?.phase === 'Ready');
  return world;
}

function writtenLog() {
  const lines: string[] = [];
  const note = (message: string, fields: object = {}) => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { lines, log: { debug: note, info: note, warn: note, error: note, isDebugEnabled: () => false } };
}

test('each write to Azure is one line with object, generation and region; nothing is said of what is kept', async () => {
  const world = await readyWorld();
  world.apply(resource(['uksouth']));
  await world.passUntil(() => world.get()?.status?.phase === 'Ready');
  const { lines, log } = writtenLog();
  for (const facts of world.passes) reportPass(facts, log);
  expect(lines).toEqual([
    'creating replica {"object":"platform/contoso","generation":1,"region":"japaneast","because":"wanted, and not listed; a GET comes first"}',
    'creating replica {"object":"platform/contoso","generation":2,"region":"uksouth","because":"wanted, and not listed; a GET comes first"}',
    'deleting replica {"object":"platform/contoso","generation":2,"region":"japaneast","because":"outside the set, all of which is ready"}',
  ]);
});

test('an object that goes and leaves its replicas, or lost them with its registry, is one line with their names', () => {
  const { lines, log } = writtenLog();
  const occurrence = { type: 'Warning', action: 'Delete', note: 'japaneast: left in Azure.' } as const;
  reportRetained(resource(['japaneast']), [{ ...occurrence, reason: 'ReplicaRetained' }], log);
  reportRetained(resource(['japaneast']), [{ ...occurrence, reason: 'RegistryGone' }], log);
  reportRetained(resource(['japaneast']), [{ ...occurrence, reason: 'ReplicaFailed' }], log);
  expect(lines).toEqual([
    'replicas stay in azure {"object":"platform/contoso","generation":1,"because":"japaneast: left in Azure."}',
    'the registry is taken for gone {"object":"platform/contoso","generation":1,"because":"japaneast: left in Azure."}',
  ]);
});

test('a call that waits its turn within the request limits is no refusal: thousands wait after a restart', async () => {
  const turn = { failure: localThrottle('Paced.', noon), lost: false };
  const world = memoryWorld([resource(['japaneast'])]);
  world.azure.faults.push(turn, undefined, turn);
  await world.pass();
  await world.pass();
  const levels: string[] = [];
  const at = (level: string) => (message: string) => levels.push(`${level} ${message}`);
  const log = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    isDebugEnabled: () => true,
  };
  for (const facts of world.passes) reportPass(facts, log);
  expect(levels).toEqual(['debug put off', 'debug put off']);
});
