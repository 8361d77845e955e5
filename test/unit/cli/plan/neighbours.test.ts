import { describe, expect, test } from 'vitest';
import { neighboursOf, type Said, type Surroundings } from '../../../../src/cli/plan/neighbours.ts';
import type { OperatorSettings } from '../../../../src/cli/plan/operators.ts';
import type { Key } from '../../../../src/domain/key.ts';
import { registry, resource } from '../../../support/builders.ts';

const object = resource(['japaneast']);
const silent: Said = { clusterName: undefined, subscriptionId: undefined, ownSubscriptionId: undefined };

function operator(changes: Partial<OperatorSettings> = {}): OperatorSettings {
  const source = 'Deployment system/operator';
  const all = { namespaces: [], selector: undefined, unread: [], runs: true };
  return { source, clusterName: 'prod', subscriptionId: undefined, ...all, ...changes };
}

function around(changes: Partial<Surroundings> = {}, said: Partial<Said> = {}, of = object, planned = [of]) {
  const surroundings = { objects: [], seen: undefined, operators: [operator()], isWhole: true, ...changes };
  return neighboursOf(of, surroundings, planned, { ...silent, ...said });
}

describe('the cluster name of a plan', () => {
  const owned = resource(['japaneast'], { status: { owner: 'former/platform/contoso' } });
  const unknown = { operators: [operator({ clusterName: undefined })] };
  test.each([
    ['is what the user says, before all', around({}, { clusterName: 'said' }), 'said'],
    ["is the operator's", around({}, {}, owned), 'prod'],
    ['is what status says, where nothing can be read of the operator', around(unknown, {}, owned), 'former'],
    ['is default else', around(unknown), 'default'],
  ] as const)('%s', (_name, { neighbours }, expected) => expect(neighbours.clusterName).toBe(expected));

  test('that nobody knows is told, with what that changes and how to say it', () => {
    expect(around(unknown).notes.join()).toMatch(/taken to be default.*held.*--cluster-name/);
    expect(around().notes).toEqual([]);
  });
});

describe('the subscription of registries whose object names none', () => {
  const status = { registry: { id: registry().id } };
  const bare = { name: 'contoso', resourceGroup: 'registries' };
  const seen = resource([], { spec: { registry: bare }, status });
  const other = resource([], {
    spec: { registry: bare },
    status: { registry: { id: registry().id.replace('/s/', '/t/') } },
    metadata: { name: 'other', uid: 'uid-2' },
  });
  const named = resource([], { spec: { registry: { ...bare, subscriptionId: 's' } }, status });
  const own = { operators: [operator({ subscriptionId: 'own' })] };
  const login = { ownSubscriptionId: 'login' };
  test.each([
    ['is what the user says', around(own, { subscriptionId: 'said' }), 'said'],
    ["is the operator's", around(own, login), 'own'],
    ['is where the registry was found', around({}, login, seen), 's'],
    ['is where that of another such object was found', around({ objects: [other] }, login), 't'],
    ['is not that which an object names', around({ objects: [other] }, login, named), 't'],
    ['is not that which the only object names', around({}, login, named), 'login'],
    [
      'is not that of an object of another operator',
      around(
        { objects: [other], operators: [operator({ selector: 'a=b' })] },
        login,
        resource([], { metadata: { labels: { a: 'b' } } }),
      ),
      'login',
    ],
    ["is that of the user's login else", around({}, login), 'login'],
  ] as const)('%s', (_, { neighbours }, expected) => expect(neighbours.subscriptionId).toBe(expected));
});

describe('the objects around', () => {
  const stored = resource(['uksouth'], { metadata: { resourceVersion: '7' } });
  const elsewhere = resource(['uksouth'], { metadata: { namespace: 'payments', uid: 'uid-2' } });

  test('are those of the cluster with what the files make of them', () => {
    const { neighbours } = around({ objects: [stored, elsewhere] });
    expect(neighbours.namesakes('Contoso')).toEqual([object, elsewhere]);
    expect(neighbours.get('platform/contoso' as Key)).toBe(object);
  });

  test('are none that the operator does not watch', () => {
    const { neighbours } = around({ objects: [elsewhere], operators: [operator({ namespaces: ['platform'] })] });
    expect(neighbours.namesakes('contoso')).toEqual([object]);
    expect(neighbours.seesAllOf('payments')).toBe(false);
    expect(neighbours.seesAllOf('platform')).toBe(true);
  });

  test('of another shard make claims, and nobody knows them to be gone', () => {
    const ours = resource(['japaneast'], { metadata: { labels: { shard: 'a' } } });
    const { neighbours } = around({ objects: [elsewhere], operators: [operator({ selector: 'shard=a' })] }, {}, ours);
    expect(neighbours.namesakes('contoso')).toEqual([elsewhere, ours]);
    expect(neighbours.get('payments/contoso' as Key)).toBeUndefined();
    expect(neighbours.seesAllOf('payments')).toBe(false);
  });

  test('that the user may not list are told of, and not taken to be gone', () => {
    const { neighbours, notes } = around({ seen: ['platform'] });
    expect(neighbours.seesAllOf('payments')).toBe(false);
    expect(notes.join()).toContain('You may list RegistryReplications in namespace platform only');
  });
});

describe('the operator of a plan', () => {
  test('is the one that was told to watch the namespace, before one that watches all', () => {
    const narrow = operator({ source: 'Deployment a/narrow', namespaces: ['platform'], clusterName: 'narrow' });
    const { neighbours, notes } = around({ operators: [operator(), narrow] });
    expect(neighbours.clusterName).toBe('narrow');
    expect(notes.join()).toContain('this is the plan of Deployment a/narrow, not of Deployment system/operator');
  });

  test('does nothing while it is scaled to 0, and may do less than can be read of it', () => {
    expect(around({ operators: [operator({ runs: false })] }).notes).toEqual([
      'Deployment system/operator is scaled to 0: nothing is done before it runs.',
    ]);
    expect(around({ operators: [operator({ unread: ['WATCH_NAMESPACES', 'WATCH_SELECTOR'] })] }).notes).toEqual([
      'WATCH_NAMESPACES and WATCH_SELECTOR of Deployment system/operator cannot be read and are taken not to be set: it may look after fewer objects.',
    ]);
  });

  test('that does not look after the object does nothing about it, unless there may be others', () => {
    const elsewhere = [operator({ namespaces: ['other'] })];
    expect(around({ operators: elsewhere }).stop).toBe('no operator looks after the object');
    expect(around({ operators: elsewhere, isWhole: false }).stop).toBeUndefined();
    expect(around({ operators: [] }).stop).toBeUndefined();
    expect(around().stop).toBeUndefined();
  });

  test('is missed where none looks after the object, or none can be seen', () => {
    expect(around({ operators: [operator({ namespaces: ['other'] })] }).notes.join()).toContain(
      'No operator looks after this object',
    );
    expect(around({ operators: [] }).notes.join()).toContain('No Deployment of the operator can be seen');
  });
});
