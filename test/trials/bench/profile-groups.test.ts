import { expect, test } from 'vitest';
import { cpuByGroup, fileGroup, groupOf, heapByKind, modulesOf } from './profile-groups.ts';

test.each([
  ['/repository/src/kube/http/client.ts', 'src/kube/http'],
  ['src/main.ts', 'src'],
  ['node_modules/@azure/core-client/dist/esm/serializer.js', '@azure/core-client'],
  ['../elsewhere/node_modules/winston/lib/winston.js', 'winston'],
  ['node_modules/a/node_modules/b/index.js', 'b'],
  ['file:///repository/test/sandbox/emulator/arm.ts', 'test/sandbox/emulator'],
])('%s is of %s', (path, group) => expect(fileGroup(path)).toBe(group));

test('a line of a bundle belongs to the last file named before it', () => {
  const bundle = ['var a;', '// src/domain/plan.ts', 'one();', 'two();', '// node_modules/x/index.js', 'three();'].join(
    '\n',
  );
  const at = modulesOf(bundle);
  expect([0, 2, 3, 5].map(at)).toEqual([
    undefined,
    'src/domain/plan.ts',
    'src/domain/plan.ts',
    'node_modules/x/index.js',
  ]);
});

test('processor time is summed by group, in milliseconds; what waited is no processor time', () => {
  const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 0 });
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('plan', 'file:///src/domain/plan.ts') },
      { id: 2, callFrame: frame('(garbage collector)', '') },
      { id: 3, callFrame: frame('(idle)', '') },
      { id: 4, callFrame: frame('onread', 'node:internal/stream_base_commons') },
      { id: 5, callFrame: frame('writev', '') },
    ],
    samples: [1, 2, 3, 1, 4, 5],
    timeDeltas: [1_000, 3_000, 90_000, 1_500, 500, 250],
  };
  expect(
    cpuByGroup(
      profile,
      groupOf(() => undefined),
    ),
  ).toEqual([
    { name: 'garbage collector', amount: 3 },
    { name: 'src/domain', amount: 2.5 },
    { name: 'Node: stream', amount: 0.5 },
    { name: 'Node and V8, native', amount: 0.25 },
  ]);
});

test('the heap is summed by constructor, and strings all together', () => {
  const snapshot = {
    meta: {
      node_fields: ['type', 'name', 'id', 'self_size'],
      node_types: [['hidden', 'string', 'object'], 'string', 'number', 'number'],
    },
  };
  const nodes = [2, 0, 1, 56, 2, 0, 3, 56, 1, 1, 5, 24, 1, 2, 7, 32];
  expect(heapByKind({ snapshot, nodes, strings: ['Map', 'japaneast', 'westeurope'] })).toEqual([
    { name: 'object Map', amount: 112 },
    { name: 'string', amount: 56 },
  ]);
});
