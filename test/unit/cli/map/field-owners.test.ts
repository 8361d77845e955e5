import { describe, expect, test } from 'vitest';
import { echoesOf, statedBefore, statedBy } from '../../../../src/cli/map/field-owners.ts';

/** An entry of managedFields that states these fields of these regions. */
function manager(name: string, regions: Readonly<Record<string, object>>, more: object = {}) {
  const entries = Object.entries(regions).map(([location, fields]) => [
    `k:${JSON.stringify({ location })}`,
    { '.': {}, 'f:location': {}, ...fields },
  ]);
  const fieldsV1 = { 'f:spec': { 'f:registry': {}, 'f:regions': Object.fromEntries(entries) } };
  return { manager: name, operation: 'Apply', fieldsV1, ...more };
}

function stored(managedFields: readonly object[], lastApplied?: object) {
  const annotations =
    lastApplied === undefined
      ? {}
      : { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ spec: lastApplied }) };
  return { metadata: { managedFields, annotations } };
}

const [japan, uk] = [
  { location: 'japaneast', routing: 'Disabled', tags: { a: '1', b: '2' } },
  { location: 'uksouth' },
] as const;

describe('what the map states', () => {
  test('is what it adds, where it stated nothing', () => {
    const object = stored([manager('kubectl', { japaneast: {} })]);
    expect(statedBy(object, [japan], [japan, uk])).toEqual([uk]);
    expect(statedBefore(object)).toEqual([]);
  });

  test('is of a region that it stated before no more than before', () => {
    const own = manager('acr-replication-map', { japaneast: { 'f:tags': { 'f:a': {} } }, uksouth: {} });
    const object = stored([manager('kubectl', { japaneast: { 'f:routing': {} } }), own]);
    expect(statedBy(object, [japan, uk], [japan])).toEqual([{ location: 'japaneast', tags: { a: '1' } }]);
    expect(statedBefore(object)).toEqual(['japaneast', 'uksouth']);
  });

  test('is nothing of what it changed by other means', () => {
    const object = stored([manager('acr-replication-map', { japaneast: {} }, { operation: 'Update' })]);
    expect(statedBy(object, [japan], [japan])).toEqual([]);
  });
});

describe('what others make of it', () => {
  test('nobody applies a file', () => {
    const object = stored([manager('kubectl-edit', { japaneast: {}, uksouth: {} }, { operation: 'Update' })]);
    expect(echoesOf(object, ['westeurope'], ['japaneast'])).toEqual([]);
  });

  test('a file that is applied on the server', () => {
    const object = stored([manager('kubectl', { japaneast: {}, uksouth: {} }), manager('terraform', { uksouth: {} })]);
    expect(echoesOf(object, [], ['japaneast', 'uksouth'])).toEqual([
      'kubectl states japaneast and uksouth (server-side apply): the next apply of that file brings them back. Take them out of it, too.',
      'terraform states uksouth (server-side apply): the next apply of that file brings it back. Take it out of it, too.',
    ]);
    expect(echoesOf(object, ['westeurope'], [])).toEqual([
      'westeurope is stated by the map then: a file that is applied server-side without it leaves it. Take it out here.',
    ]);
  });

  test('a file that kubectl applies', () => {
    const by = manager('kubectl-client-side-apply', { japaneast: {} }, { operation: 'Update' });
    const object = stored([by], { regions: [{ location: 'Japan East' }] });
    expect(echoesOf(object, ['westeurope'], ['japaneast'])).toEqual([
      'The file that kubectl applied has japaneast: the next kubectl apply of it brings it back. Take it out of it, too.',
      'The file that kubectl applied does not have westeurope: the next kubectl apply of it takes it out again. Write it into it, too.',
    ]);
  });

  test.each([{}, { regions: 'x' }, { regions: [1, { location: 2 }, null] }])('a file that is odd: %j', (file) => {
    expect(echoesOf(stored([], file), [], ['japaneast'])).toEqual([]);
  });

  test('the operator, which writes the status, and the map itself', () => {
    const operator = manager('acr-replication-operator', { japaneast: {} }, { subresource: 'status' });
    const object = stored([operator, manager('acr-replication-map', { japaneast: {} })]);
    expect(echoesOf(object, ['uksouth'], ['japaneast'])).toEqual([]);
  });
});
