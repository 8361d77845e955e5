import { describe, expect, test } from 'vitest';
import { applyingOf, mergePatch, statusWrittenAt } from '../../../../src/cli/plan/applying.ts';

const spec = { 'f:spec': { 'f:registry': {} } };
const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"spec":{"prune":"None"}}' };
const stored = (managedFields: readonly object[], more: object = {}) => ({ metadata: { managedFields, ...more } });

describe('a file comes to be the object', () => {
  test.each([
    ['as the plugin, when it is new', undefined, { kind: 'server-side', fieldManager: 'kubectl-acr_replication' }],
    [
      'as the controller of a GitOps tool that applies it on the server',
      stored([
        { manager: 'kubectl-annotate', operation: 'Update', fieldsV1: { 'f:metadata': {} } },
        { manager: 'argocd-controller', operation: 'Apply', fieldsV1: spec },
      ]),
      { kind: 'server-side', fieldManager: 'argocd-controller' },
    ],
    [
      'as who applied it last, of several',
      stored([
        { manager: 'kubectl', operation: 'Apply', time: '2026-09-10T10:00:00Z', fieldsV1: spec },
        { manager: 'kustomize-controller', operation: 'Apply', time: '2026-09-10T12:00:00Z', fieldsV1: spec },
      ]),
      { kind: 'server-side', fieldManager: 'kustomize-controller' },
    ],
    [
      'as kubectl apply, which knows what it applied before',
      stored([{ manager: 'kubectl-client-side-apply', operation: 'Update', fieldsV1: spec }], { annotations }),
      { kind: 'client-side', lastApplied: { spec: { prune: 'None' } } },
    ],
    [
      'as kubectl apply, of an object that was only created',
      stored([{ manager: 'kubectl-create', operation: 'Update', fieldsV1: spec }]),
      { kind: 'client-side', lastApplied: {} },
    ],
  ] as const)('%s', (_name, object, applying) => expect(applyingOf(object)).toEqual(applying));
});

test('kubectl apply takes out what the file had and has no more, and leaves what it never had', () => {
  const before = {
    spec: { prune: 'None', registry: { name: 'contoso' }, regions: [1, 2] },
    metadata: { labels: { a: 'b' } },
  };
  const file = { spec: { registry: { name: 'contoso' }, regions: [1] }, metadata: { labels: {} } };
  expect(mergePatch(file, before)).toEqual({
    spec: { prune: null, registry: { name: 'contoso' }, regions: [1] },
    metadata: { labels: { a: null } },
  });
});

test('the age of a status is that of the last write of it', () => {
  const written = (time: string) => ({ manager: 'operator', subresource: 'status', time });
  expect(statusWrittenAt(stored([written('2026-09-10T10:00:00Z'), written('2026-09-10T12:00:00Z')]))).toBe(
    '2026-09-10T12:00:00Z',
  );
  expect(statusWrittenAt(undefined)).toBeUndefined();
});
