import { expect, test } from 'vitest';

import { operatorWorld } from '../support/operator-world.ts';
import { condition } from '../support/registry-scene.ts';

const regions = [{ location: 'japaneast' }];

test('from the id in a message one finds the line in the log and the request in Azure', async (t) => {
  const world = await operatorWorld(t);
  await world.azure.control.addFault({ match: { verb: 'PUT' }, effect: { kind: 'lock', level: 'ReadOnly' } });
  const operator = await world.start();
  await world.apply('contoso', { regions });
  const stuck = await world.until('contoso', 'Locked', (object) => condition(object, 'Stalled')?.reason === 'Locked');
  const [, correlationId = ''] = /Correlation id: (\S+)\.$/.exec(condition(stuck, 'Stalled')?.message ?? '') ?? [];
  expect(correlationId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-000000000001$/);

  const about = { object: `${world.namespace}/contoso`, generation: 1, region: 'japaneast', correlationId };
  expect(operator.log()).toContainEqual(
    expect.objectContaining({ message: 'azure refused', ...about, code: 'ScopeLocked' }),
  );
  const inAzure = (await world.azure.control.journal()).filter((call) => call.correlationId === correlationId);
  expect(inAzure).toContainEqual(expect.objectContaining({ verb: 'PUT', region: 'japaneast', code: 'ScopeLocked' }));
});

test('each decision is one line with object, generation, region, id and why; debug adds what is kept', async (t) => {
  const world = await operatorWorld(t);
  const operator = await world.start({ LOG_LEVEL: 'debug' });
  await world.apply('contoso', { regions });
  const { metadata } = await world.untilReady('contoso');
  const about = { object: `${world.namespace}/contoso`, generation: 1, region: 'japaneast' };
  await t.expect
    .poll(() => operator.log().filter(({ message }) => message === 'creating replica' || message === 'decided'), {
      timeout: 20_000,
    })
    .toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...about,
          level: 'info',
          message: 'creating replica',
          because: 'wanted, and not listed; a GET comes first',
        }),
        expect.objectContaining({ ...about, level: 'debug', decision: 'keep', because: 'as wanted: Succeeded, Ready' }),
      ]),
    );
  for (const { message, correlationId } of operator.log()) {
    if (message === 'creating replica') expect(correlationId).toMatch(metadata.uid.slice(0, 24));
  }
});
