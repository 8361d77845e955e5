import { describe, expect, test } from 'vitest';
import type { FaultEffect, FaultRule } from './fault-rules.ts';
import { type Answer, errorOf, type OpenAzure, openAzure } from './open-azure.ts';

interface Body {
  readonly name: string;
  readonly location: string;
  readonly properties: {
    readonly provisioningState: string;
    readonly status: { readonly displayStatus?: string; readonly message?: string };
  };
}
const CONTOSO = { name: 'contoso', resourceGroup: 'registries', location: 'eastus' } as const;
const HAVE = {
  registries: [
    { ...CONTOSO, replicas: [{ location: 'japaneast' }, { location: 'westeurope' }] },
    { ...CONTOSO, name: 'other', location: 'uksouth' },
  ],
  operationMs: 10_000,
};

const replication = (azure: OpenAzure, method: string, region = 'brazilsouth') =>
  azure.call(
    method,
    azure.acr(`/replications/${region}`),
    method === 'PUT' ? { location: region } : method === 'PATCH' ? { tags: {} } : undefined,
  );
const list = async (azure: OpenAzure) =>
  ((await azure.call('GET', azure.acr('/replications'))).body as { readonly value: readonly Body[] }).value;
const shown = (answer: Answer) => (answer.body as Body).properties;
const said = (answer: Answer) => [answer.status, answer.status < 400 ? '' : errorOf(answer).code];
const open = async (effect: FaultEffect, more: Omit<FaultRule, 'effect'> = {}) => {
  const azure = await openAzure(HAVE);
  const id = await azure.control.addFault({ ...more, effect });
  return { azure, id };
};

test('respond: an error of choice for the calls that match, as often as asked', async () => {
  const { azure } = await open(
    { kind: 'respond', status: 500, code: 'InternalServerError', retryAfterSeconds: 3 },
    { match: { verb: 'GET', kind: 'replication', region: 'Japan East' }, times: 2, after: 1 },
  );
  const got = [];
  for (let i = 0; i < 5; i += 1) got.push((await replication(azure, 'GET', 'japaneast')).status);
  expect(got).toEqual([200, 500, 500, 200, 200]);
  expect((await replication(azure, 'GET', 'westeurope')).status).toBe(200);
  expect(await azure.control.faults()).toMatchObject([{ id: 'fault-1', struck: 2 }]);
});

test('throttle: 429 with and without Retry-After', async () => {
  const { azure } = await open({ kind: 'throttle', retryAfterSeconds: 9 }, { times: 1 });
  const first = await azure.call('GET', azure.acr());
  expect([...said(first), first.headers['retry-after']]).toEqual([429, 'SubscriptionRequestsThrottled', '9']);
  await azure.control.addFault({ effect: { kind: 'throttle' } });
  expect((await azure.call('GET', azure.acr())).headers['retry-after']).toBeUndefined();
});

test('policy: refuses creates and updates and names the assignment', async () => {
  const { azure } = await open({ kind: 'policy', assignment: 'eu-only' });
  const answer = await replication(azure, 'PUT');
  expect(said(answer)).toEqual([403, 'RequestDisallowedByPolicy']);
  expect(answer.text).toContain('"policyAssignmentName":"eu-only"');
  expect((await replication(azure, 'DELETE', 'japaneast')).status).toBe(202);
});

test('lock: CanNotDelete stops deletes, ReadOnly every change', async () => {
  const { azure } = await open({ kind: 'lock' });
  expect(said(await replication(azure, 'DELETE', 'japaneast'))).toEqual([409, 'ScopeLocked']);
  expect((await replication(azure, 'PUT')).status).toBe(201);
  await azure.control.clearFaults();
  await azure.control.addFault({ effect: { kind: 'lock', level: 'ReadOnly' } });
  expect(errorOf(await replication(azure, 'PATCH', 'japaneast')).message).toMatch(
    /cannot perform write operation because following scope\(s\) are locked: '.*\/registries\/contoso'/,
  );
});

test('deny: takes one action away', async () => {
  const { azure } = await open({ kind: 'deny', action: 'Microsoft.ContainerRegistry/registries/replications/write' });
  expect(said(await replication(azure, 'PUT'))).toEqual([403, 'AuthorizationFailed']);
  expect((await replication(azure, 'GET', 'japaneast')).status).toBe(200);
});

test('outage of a home region: no management of the registries at home there, others go on', async () => {
  const { azure } = await open({ kind: 'outage' }, { match: { homeRegion: 'eastus' } });
  for (const answer of [
    await azure.call('GET', azure.acr()),
    await azure.call('GET', azure.acr('/replications')),
    await replication(azure, 'PUT'),
  ])
    expect(said(answer)).toEqual([503, 'ServiceUnavailable']);
  expect((await azure.call('GET', azure.acr('', 'other'))).status).toBe(200);
});

test('any fault strikes one version of the API alone, where it names one', async () => {
  const refusal = { kind: 'respond', status: 400, code: 'InvalidApiVersionParameter' } as const;
  const { azure } = await open(refusal, { match: { kind: 'registry', apiVersion: '2026-09-01-preview' } });
  const path = azure.acr().split('?')[0];
  expect(said(await azure.call('GET', `${path}?api-version=2026-09-01-preview`))).toEqual([400, refusal.code]);
  expect((await azure.call('GET', `${path}?api-version=2026-01-01-preview`)).status).toBe(200);
  expect((await azure.call('GET', azure.acr())).status).toBe(200);
});

test('latency: the answer waits', async () => {
  const { azure } = await open({ kind: 'latency', ms: 150 }, { times: 1 });
  const from = performance.now();
  await azure.call('GET', azure.acr());
  expect(performance.now() - from).toBeGreaterThanOrEqual(149);
});

test('reset: the connection breaks before or after the request was carried out', async () => {
  const { azure } = await open({ kind: 'reset' }, { times: 1, match: { verb: 'PUT' } });
  await expect(replication(azure, 'PUT')).rejects.toThrow();
  expect((await azure.control.replicas('contoso')).map((r) => r.location)).not.toContain('brazilsouth');
  await azure.control.addFault({ effect: { kind: 'reset', late: true }, times: 1, match: { verb: 'PUT' } });
  await expect(replication(azure, 'PUT')).rejects.toThrow();
  expect((await azure.control.replicas('contoso')).map((r) => r.location)).toContain('brazilsouth');
});

test('body: truncated, empty and HTML', async () => {
  const { azure } = await open({ kind: 'body', form: 'truncated' }, { times: 1 });
  await expect(azure.call('GET', azure.acr())).rejects.toThrow();
  await azure.control.addFault({ effect: { kind: 'body', form: 'empty' }, times: 1, match: { kind: 'subscriptions' } });
  const empty = await azure.call('GET', '/subscriptions?api-version=2022-12-01');
  expect([empty.status, empty.text]).toEqual([200, '']);
  await azure.control.addFault({ effect: { kind: 'body', form: 'html' }, times: 1 });
  const html = await azure.call('GET', azure.acr());
  expect([html.status, html.headers['content-type'], html.text.slice(0, 6)]).toEqual([502, 'text/html', '<html>']);
});

test('operationFails: accepted, then Failed with a reason, and the replica is Failed', async () => {
  const { azure } = await open({
    kind: 'operationFails',
    code: 'PrivateEndpointReplicationFailed',
    message: 'static ipconfigurations',
  });
  const put = await replication(azure, 'PUT');
  expect(put.status).toBe(201);
  azure.tick(10_000);
  expect((await azure.call('GET', put.headers['azure-asyncoperation'] ?? '')).body).toEqual({
    status: 'Failed',
    error: { code: 'PrivateEndpointReplicationFailed', message: 'static ipconfigurations' },
  });
  expect(shown(await replication(azure, 'GET'))).toMatchObject({
    provisioningState: 'Failed',
    status: { message: 'static ipconfigurations' },
  });
});

test('operationFails on an update gives the old values back; on a delete the replica stays', async () => {
  const { azure } = await open({ kind: 'operationFails' });
  await azure.call('PATCH', azure.acr('/replications/japaneast'), { properties: { regionEndpointEnabled: false } });
  const deleted = await replication(azure, 'DELETE', 'westeurope');
  azure.tick(10_000);
  expect(shown(await replication(azure, 'GET', 'japaneast'))).toMatchObject({
    provisioningState: 'Failed',
    regionEndpointEnabled: true,
  });
  expect((await azure.call('GET', deleted.headers['location'] ?? '')).status).toBe(409);
  expect((await replication(azure, 'GET', 'westeurope')).status).toBe(200);
});

test('vanish: Creating, then gone', async () => {
  const { azure } = await open({ kind: 'vanish', afterMs: 2_000 });
  const put = await replication(azure, 'PUT');
  expect(shown(await replication(azure, 'GET')).provisioningState).toBe('Creating');
  azure.tick(2_000);
  expect((await replication(azure, 'GET')).status).toBe(404);
  expect((await azure.call('GET', put.headers['azure-asyncoperation'] ?? '')).body).toMatchObject({ status: 'Failed' });
});

test('stuckCreating: for ever, until cleared; a DELETE gets it out of the way', async () => {
  const { azure, id } = await open({ kind: 'stuckCreating' });
  await replication(azure, 'PUT');
  await replication(azure, 'PUT', 'uksouth');
  azure.tick(86_400_000);
  expect(shown(await replicationNow(azure, 'brazilsouth')).provisioningState).toBe('Creating');
  expect((await azure.call('DELETE', azure.acr('/replications/uksouth'), undefined, await fresh(azure))).status).toBe(
    202,
  );
  await azure.control.clearFaults(id);
  expect(shown(await replicationNow(azure, 'brazilsouth')).provisioningState).toBe('Succeeded');
});

test('stuckSyncing: Succeeded, and Syncing until cleared', async () => {
  const { azure, id } = await open({ kind: 'stuckSyncing' });
  await replication(azure, 'PUT');
  azure.tick(3_000_000);
  expect(shown(await replication(azure, 'GET'))).toMatchObject({
    provisioningState: 'Succeeded',
    status: { displayStatus: 'Syncing' },
  });
  await azure.control.clearFaults(id);
  expect(shown(await replication(azure, 'GET')).status.displayStatus).toBe('Ready');
});

test('listStale: LIST tells the past: no new replica yet, old state, deleted ones still there', async () => {
  const { azure } = await open({ kind: 'listStale', ms: 5_000 });
  azure.tick(60_000);
  await replication(azure, 'PUT');
  await azure.control.deleteReplica({ registry: 'contoso', region: 'japaneast' });
  await replication(azure, 'PATCH', 'westeurope');
  const states = async () =>
    Object.fromEntries((await list(azure)).map((r) => [r.location, r.properties.provisioningState]));
  expect(await states()).toEqual({ eastus: 'Succeeded', japaneast: 'Succeeded', westeurope: 'Succeeded' });
  azure.tick(5_000);
  expect(await states()).toEqual({ brazilsouth: 'Creating', eastus: 'Succeeded', westeurope: 'Updating' });
});

test('listOmits and listMisreports: LIST is wrong about a region, GET is right', async () => {
  const { azure } = await open({ kind: 'listOmits', region: 'japaneast' });
  await azure.control.addFault({
    effect: { kind: 'listMisreports', region: 'westeurope', provisioningState: 'Failed', displayStatus: 'Odd' },
  });
  await azure.control.addFault({
    effect: { kind: 'listMisreports', region: 'westeurope', tags: { old: 'yes' } },
    times: 1,
  });
  expect((await list(azure)).find((r) => r.location === 'westeurope')).toMatchObject({ tags: { old: 'yes' } });
  expect(
    (await list(azure))
      .map((r) => [r.location, r.properties.provisioningState])
      .sort((a, b) => String(a).localeCompare(String(b))),
  ).toEqual([
    ['eastus', 'Succeeded'],
    ['westeurope', 'Failed'],
  ]);
  for (const region of ['japaneast', 'westeurope'])
    expect(shown(await replication(azure, 'GET', region)).provisioningState).toBe('Succeeded');
});

test('listShuffled: another order each time, the same for the same seed', async () => {
  const orders = async () => {
    const { azure } = await open({ kind: 'listShuffled', seed: 7 });
    const got = [];
    for (let i = 0; i < 6; i += 1) got.push((await list(azure)).map((r) => r.location).join());
    return got;
  };
  const first = await orders();
  expect(new Set(first).size).toBeGreaterThan(1);
  expect(await orders()).toEqual(first);
});

test('deletePollForbidden: 403 on the URL, and the delete goes through', async () => {
  const { azure } = await open({ kind: 'deletePollForbidden' });
  const deleted = await replication(azure, 'DELETE', 'japaneast');
  expect(said(await azure.call('GET', deleted.headers['location'] ?? ''))).toEqual([403, 'AuthorizationFailed']);
  azure.tick(10_000);
  expect((await replication(azure, 'GET', 'japaneast')).status).toBe(404);
});

test('operationHidden: the URL of an operation is 404 at first', async () => {
  const { azure } = await open({ kind: 'operationHidden', ms: 3_000 });
  const url = (await replication(azure, 'PUT')).headers['azure-asyncoperation'] ?? '';
  expect((await azure.call('GET', url)).status).toBe(404);
  azure.tick(3_000);
  expect((await azure.call('GET', url)).status).toBe(200);
});

test('createRefused: 409 for a region that was just deleted', async () => {
  const { azure } = await open({ kind: 'createRefused', ms: 5_000 });
  expect((await replication(azure, 'PUT')).status).toBe(201);
  await azure.control.deleteReplica({ registry: 'contoso', region: 'japaneast' });
  expect((await replication(azure, 'PUT', 'japaneast')).status).toBe(409);
  azure.tick(5_000);
  expect((await replication(azure, 'PUT', 'japaneast')).status).toBe(201);
});

describe('operationFails', () => {
  const patch = (azure: OpenAzure) =>
    azure.call('PATCH', azure.acr('/replications/japaneast'), { properties: { regionEndpointEnabled: false } });

  for (const [leaves, state, ended] of [
    ['Failed', 'Failed', 'Failed'],
    ['Canceled', 'Canceled', 'Canceled'],
    ['asItWas', 'Succeeded', 'Failed'],
  ] as const) {
    test(`leaves ${leaves}: an update ends ${ended}, and the replica is ${state} with its old values`, async () => {
      const { azure } = await open({ kind: 'operationFails', leaves });
      const answer = await patch(azure);
      azure.tick(10_000);
      expect(shown(await replication(azure, 'GET', 'japaneast'))).toMatchObject({
        provisioningState: state,
        regionEndpointEnabled: true,
      });
      expect((await azure.call('GET', answer.headers['azure-asyncoperation'] ?? '')).body).toMatchObject({
        status: ended,
      });
    });
    test(`leaves ${leaves}: a delete is Deleting for its time, and then ${state}`, async () => {
      const { azure } = await open({ kind: 'operationFails', leaves }, { match: { verb: 'DELETE' }, times: 1 });
      const answer = await replication(azure, 'DELETE', 'japaneast');
      expect(answer.status).toBe(202);
      expect(shown(await replication(azure, 'GET', 'japaneast')).provisioningState).toBe('Deleting');
      azure.tick(10_000);
      expect(shown(await replication(azure, 'GET', 'japaneast')).provisioningState).toBe(state);
      expect((await azure.call('GET', answer.headers['location'] ?? '')).status).toBe(409);
      await replication(azure, 'DELETE', 'japaneast');
      azure.tick(10_000);
      expect((await replication(azure, 'GET', 'japaneast')).status).toBe(404);
    });
  }
  test('keeps the values of a failed update when it is told so', async () => {
    const { azure } = await open({ kind: 'operationFails', keeps: true });
    await patch(azure);
    azure.tick(10_000);
    expect(shown(await replication(azure, 'GET', 'japaneast'))).toMatchObject({
      provisioningState: 'Failed',
      regionEndpointEnabled: false,
    });
  });
});

describe('failsLater: a replica serves, and fails by itself', () => {
  const at = async (azure: OpenAzure) => shown(await replication(azure, 'GET')).provisioningState;

  test('once', async () => {
    const { azure } = await open({ kind: 'failsLater', afterMs: 5_000, message: 'lost' }, { times: 1 });
    await replication(azure, 'PUT');
    azure.tick(14_999);
    expect(await at(azure)).toBe('Succeeded');
    azure.tick(1);
    expect(shown(await replication(azure, 'GET'))).toMatchObject({
      provisioningState: 'Failed',
      status: { displayStatus: 'Failed', message: 'lost' },
    });
    await replication(azure, 'PATCH');
    azure.tick(60_000);
    expect(await at(azure)).toBe('Succeeded');
  });
  test('and again each time it was healed or made anew', async () => {
    const { azure } = await open({ kind: 'failsLater', afterMs: 5_000, provisioningState: 'Canceled' });
    await replication(azure, 'PUT');
    azure.tick(15_000);
    expect(await at(azure)).toBe('Canceled');
    await replication(azure, 'PATCH');
    azure.tick(500);
    expect(await at(azure)).toBe('Succeeded');
    azure.tick(5_000);
    expect(await at(azure)).toBe('Canceled');
    await azure.control.setHabits({ tagPatch: 'immediate' });
    await replication(azure, 'PATCH');
    expect(await at(azure)).toBe('Succeeded');
    azure.tick(5_000);
    expect(await at(azure)).toBe('Canceled');
  });
  test('one that is there already by the hand behind the scenes', async () => {
    const azure = await openAzure(HAVE);
    await azure.control.alterReplica({ registry: 'contoso', region: 'japaneast', failsAfterMs: 1_000 });
    const states = async () =>
      (await azure.control.replicas('contoso')).map((r) => `${r.location} ${r.properties.provisioningState}`);
    expect(await states()).toContain('japaneast Succeeded');
    azure.tick(1_000);
    await list(azure);
    expect(await states()).toContain('japaneast Failed');
  });
});

test('deleteIgnored: accepted, and the replica serves on', async () => {
  const { azure } = await open({ kind: 'deleteIgnored' }, { times: 1 });
  const answer = await replication(azure, 'DELETE', 'japaneast');
  expect(answer.status).toBe(202);
  azure.tick(3_000_000);
  expect((await azure.call('GET', answer.headers['location'] ?? '')).status).toBe(202);
  expect(shown(await replication(azure, 'GET', 'japaneast')).provisioningState).toBe('Succeeded');
  await replication(azure, 'DELETE', 'japaneast');
  azure.tick(10_000);
  expect((await replication(azure, 'GET', 'japaneast')).status).toBe(404);
});

test('stuckDeleting: for ever, until cleared', async () => {
  const { azure, id } = await open({ kind: 'stuckDeleting' });
  await replication(azure, 'DELETE', 'japaneast');
  azure.tick(3_000_000);
  expect(shown(await replication(azure, 'GET', 'japaneast')).provisioningState).toBe('Deleting');
  await azure.control.clearFaults(id);
  expect((await replication(azure, 'GET', 'japaneast')).status).toBe(404);
});

describe('notFound: 404 for what is there', () => {
  const ask = {
    registry: (azure: OpenAzure) => azure.call('GET', azure.acr()),
    replications: (azure: OpenAzure) => azure.call('GET', azure.acr('/replications')),
    replication: (azure: OpenAzure) => replication(azure, 'GET', 'japaneast'),
  };
  for (const kind of ['registry', 'replications', 'replication'] as const) {
    for (const form of ['ResourceNotFound', 'ResourceGroupNotFound', 'SubscriptionNotFound', 'empty'] as const) {
      test(`${form} from ${kind}, and from nothing else`, async () => {
        const { azure } = await open({ kind: 'notFound', form }, { match: { kind }, times: 1 });
        for (const other of ['registry', 'replications', 'replication'] as const)
          if (other !== kind) expect((await ask[other](azure)).status).toBe(200);
        const answer = await ask[kind](azure);
        expect(form === 'empty' ? [answer.status, answer.text] : said(answer)).toEqual([
          404,
          form === 'empty' ? '' : form,
        ]);
        expect((await ask[kind](azure)).status).toBe(200);
      });
    }
  }
});

describe('a fault in force', () => {
  const get = async (azure: OpenAzure, region: string) => (await replication(azure, 'GET', region)).status;

  test('for a time from now', async () => {
    const { azure } = await open({ kind: 'notFound' }, { match: { kind: 'replication' }, forMs: 5_000 });
    expect(await get(azure, 'japaneast')).toBe(404);
    azure.tick(4_999);
    expect(await get(azure, 'japaneast')).toBe(404);
    azure.tick(1);
    expect(await get(azure, 'japaneast')).toBe(200);
  });
  test('for a time after each accepted write to the region that is asked for', async () => {
    const { azure } = await open({ kind: 'notFound' }, { match: { kind: 'replication' }, afterWriteMs: 5_000 });
    expect(await get(azure, 'japaneast')).toBe(200);
    for (const write of ['PUT', 'PATCH'] as const) {
      await replication(azure, write);
      expect([await get(azure, 'brazilsouth'), await get(azure, 'japaneast')]).toEqual([404, 200]);
      azure.tick(10_000);
      expect(await get(azure, 'brazilsouth')).toBe(200);
    }
    await azure.call('PUT', azure.acr('/replications/atlantis'), { location: 'atlantis' });
    expect(await get(azure, 'brazilsouth')).toBe(200);
  });
  test('for a time after each write to the region that LIST leaves out, or to the registry', async () => {
    const { azure } = await open({ kind: 'listOmits', region: 'brazilsouth' }, { afterWriteMs: 5_000 });
    await azure.control.addFault({
      effect: { kind: 'notFound', form: 'empty' },
      match: { kind: 'registry' },
      afterWriteMs: 5_000,
    });
    const regions = async () => (await list(azure)).map((r) => r.location).sort((a, b) => a.localeCompare(b));
    expect((await azure.call('GET', azure.acr())).status).toBe(200);
    await replication(azure, 'PUT');
    expect(await regions()).toEqual(['eastus', 'japaneast', 'westeurope']);
    expect((await azure.call('GET', azure.acr())).status).toBe(404);
    azure.tick(5_000);
    expect(await regions()).toEqual(['brazilsouth', 'eastus', 'japaneast', 'westeurope']);
    expect((await azure.call('GET', azure.acr())).status).toBe(200);
  });
});

test('policyModifies: PUT and PATCH are answered and stored with its values, the rest stays as asked for', async () => {
  const { azure } = await open({ kind: 'policyModifies', tags: { policytag: 'shared' }, regionEndpointEnabled: false });
  const asked = { tags: { policytag: 'prod', team: 'a' }, properties: { regionEndpointEnabled: true } };
  const kept = { tags: { policytag: 'shared', team: 'a' }, properties: { regionEndpointEnabled: false } };
  const path = azure.acr('/replications/brazilsouth');
  expect((await azure.call('PUT', path, { location: 'brazilsouth', ...asked })).body).toMatchObject(kept);
  azure.tick(20_000);
  expect((await azure.call('GET', path)).body).toMatchObject(kept);
  expect((await azure.call('PATCH', path, asked)).body).toMatchObject(kept);
  azure.tick(20_000);
  expect((await azure.call('PATCH', path, { properties: { regionEndpointEnabled: true } })).body).toMatchObject(kept);
  azure.tick(20_000);
  await azure.control.clearFaults();
  expect((await azure.call('PATCH', path, asked)).body).toMatchObject(asked);
});

test('policyModifies: a tag is the same tag in another spelling', async () => {
  const { azure } = await open({ kind: 'policyModifies', tags: { team: 'policy' } });
  const path = azure.acr('/replications/brazilsouth');
  const put = await azure.call('PUT', path, { location: 'brazilsouth', tags: { Team: 'shop' }, properties: {} });
  expect(put.body).toMatchObject({ tags: { Team: 'policy' } });
  expect(put.body).not.toHaveProperty('tags.team');
});

test('hold: the call waits until the fault is cleared, and is answered by what is true then', async () => {
  const { azure, id } = await open({ kind: 'hold' }, { match: { verb: 'LIST' } });
  const answer = list(azure);
  await expect.poll(() => azure.control.faults()).toMatchObject([{ struck: 1 }]);
  await azure.control.deleteReplica({ registry: 'contoso', region: 'japaneast' });
  await azure.control.clearFaults(id);
  expect((await answer).map((r) => r.location)).not.toContain('japaneast');
});

describe('behind the scenes', () => {
  test('a strange replica is added by hand, with or without the tag of another owner', async () => {
    const azure = await openAzure({ registries: [CONTOSO] });
    await azure.control.createReplica({ registry: 'contoso', location: 'UK South' });
    const owner = 'elsewhere/platform/contoso';
    await azure.control.createReplica({ registry: 'contoso', location: 'ukwest', tags: { a: 'b' }, owner });
    expect((await azure.control.replicas('contoso')).map((r) => [r.location, r.tags])).toEqual([
      ['eastus', {}],
      ['uksouth', {}],
      ['ukwest', { a: 'b', 'managed-by': 'acr-replication-operator', 'acr-replication-owner': owner }],
    ]);
  });
  test('a registry is deleted and made anew with another home: its replicas are gone', async () => {
    const azure = await openAzure({
      registries: [{ ...CONTOSO, tags: { a: 'b' }, replicas: [{ location: 'ukwest' }] }],
    });
    await azure.control.recreateRegistry({ registry: 'contoso', location: 'westeurope', zoneRedundancy: 'Enabled' });
    expect((await azure.call('GET', azure.acr())).body).toMatchObject({ location: 'westeurope', tags: { a: 'b' } });
    expect((await list(azure)).map((r) => r.location)).toEqual(['westeurope']);
  });
  test('a registry changes its SKU down and up; its replicas stay, and may be read and deleted', async () => {
    const azure = await openAzure(HAVE);
    await azure.control.alterRegistry({ registry: 'contoso', sku: 'Basic' });
    expect((await azure.call('GET', azure.acr())).body).toMatchObject({ sku: { name: 'Basic' } });
    expect(said(await replication(azure, 'PUT'))).toEqual([400, 'ReplicationNotSupported']);
    expect((await list(azure)).length).toBe(3);
    expect((await replication(azure, 'DELETE', 'japaneast')).status).toBe(202);
    await azure.control.alterRegistry({ registry: 'contoso', sku: 'Premium' });
    expect((await replication(azure, 'PUT')).status).toBe(201);
  });
});

test('a fault strikes the token endpoint only when it is named', async () => {
  const { azure } = await open({ kind: 'respond', status: 503, code: 'ServiceUnavailable' });
  expect((await azure.token()).length).toBeGreaterThan(100);
  await azure.control.addFault({
    match: { kind: 'token' },
    effect: { kind: 'respond', status: 503, code: 'temporarily_unavailable' },
  });
  await expect(azure.token()).rejects.toThrow(/503 .*temporarily_unavailable/);
});

test('zoneRedundancyIs: a new replica says it whatever was asked for', async () => {
  const { azure } = await open({ kind: 'zoneRedundancyIs', value: 'Disabled' });
  const asked = { location: 'brazilsouth', properties: { zoneRedundancy: 'Enabled' } };
  const answer = await azure.call('PUT', azure.acr('/replications/brazilsouth'), asked);
  expect(shown(answer)).toMatchObject({ zoneRedundancy: 'Disabled' });
});

test('body braces: 200 with an object that holds nothing', async () => {
  const { azure } = await open({ kind: 'body', form: 'braces' }, { match: { verb: 'LIST' } });
  expect(await azure.call('GET', azure.acr('/replications'))).toMatchObject({ status: 200, text: '{}' });
});

test('revoked tokens are refused with a challenge for a new one, which is accepted', async () => {
  const azure = await openAzure(HAVE);
  expect((await azure.call('GET', azure.acr())).status).toBe(200);
  await azure.control.revokeTokens();
  const refused = await azure.call('GET', azure.acr());
  expect(refused.status).toBe(401);
  expect(refused.headers['www-authenticate']).toMatch(/error="insufficient_claims", claims="[\w=]+"/);
  azure.tick(1);
  expect((await azure.call('GET', azure.acr(), undefined, await fresh(azure))).status).toBe(200);
});

test('revoked without a challenge they are refused by a code alone', async () => {
  const azure = await openAzure(HAVE);
  expect((await azure.call('GET', azure.acr())).status).toBe(200);
  await azure.control.revokeTokens('ExpiredAuthenticationToken');
  const refused = await azure.call('GET', azure.acr());
  expect(said(refused)).toEqual([401, 'ExpiredAuthenticationToken']);
  expect(refused.headers['www-authenticate']).not.toContain('claims');
  azure.tick(1);
  expect((await azure.call('GET', azure.acr(), undefined, await fresh(azure))).status).toBe(200);
});

test('a deleted resource group takes its registries along, a deleted subscription everything', async () => {
  const azure = await openAzure(HAVE);
  const { subscriptionId } = azure;
  await azure.control.deleteResourceGroup({ subscriptionId, name: 'Registries' });
  expect(said(await azure.call('GET', azure.acr()))).toEqual([404, 'ResourceGroupNotFound']);
  await azure.control.deleteSubscription(subscriptionId);
  expect(said(await azure.call('GET', azure.acr()))).toEqual([404, 'SubscriptionNotFound']);
});

test('probability is drawn from the seed: the same run twice', async () => {
  const run = async () => {
    const { azure } = await open({ kind: 'respond', status: 500, code: 'X' }, { probability: 0.5 });
    const got = [];
    for (let i = 0; i < 20; i += 1) got.push((await azure.call('GET', azure.acr())).status);
    return got;
  };
  const first = await run();
  expect(new Set(first)).toEqual(new Set([200, 500]));
  expect(await run()).toEqual(first);
});

/** After a day the remembered token has expired. */
async function fresh(azure: OpenAzure) {
  return { authorization: `Bearer ${await azure.token()}` };
}
async function replicationNow(azure: OpenAzure, region: string) {
  return await azure.call('GET', azure.acr(`/replications/${region}`), undefined, await fresh(azure));
}
