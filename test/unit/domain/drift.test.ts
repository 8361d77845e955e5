import { describe, expect, test } from 'vitest';
import type { Condition, Status } from '../../../src/api/registryreplication.ts';
import type { Result } from '../../../src/domain/account.ts';
import { driftText } from '../../../src/domain/drift.ts';
import type { Desired, Replica } from '../../../src/domain/replication.ts';
import { entry, judgedPass, noon, replica } from '../../support/builders.ts';

interface Given {
  readonly want?: readonly string[];
  readonly was?: Status['replicas'];
  readonly have?: readonly Replica[];
  readonly results?: Readonly<Record<string, Result>>;
  readonly spec?: Partial<Desired>;
  readonly routing?: 'Enabled' | 'Disabled';
  readonly tags?: Readonly<Record<string, string>>;
  readonly status?: Partial<Status>;
  readonly generation?: number;
  readonly deleting?: true;
}

function driftsIn({
  want = ['japaneast'],
  was,
  have = [],
  results = {},
  routing,
  tags = {},
  ...rest
}: Given): string[] {
  const registry = { id: 'id', loginServer: 'l', homeRegion: 'eastus', sku: 'Premium' };
  const metadata = {
    ...(rest.generation === undefined ? {} : { generation: rest.generation }),
    ...(rest.deleting ? { deletionTimestamp: noon.toISOString() } : {}),
  };
  const status = { registry, ...rest.status };
  const { drifts } = judgedPass({
    want,
    have,
    results,
    remembered: was,
    status,
    metadata,
    desired: rest.spec,
    stated: { routing, tags },
  });
  return drifts.map((drift) => `${drift.region} ${driftText(drift)}`);
}

const was = [entry('japaneast')];
const deleted = ['japaneast deleted outside the operator.'];
const added = ['uksouth added outside the operator.'];
const claimed: Condition = {
  type: 'Stalled',
  status: 'True',
  reason: 'RegistryClaimed',
  message: 'x',
  lastTransitionTime: 'x',
};
const other = replica('japaneast', { routing: 'Disabled', tags: { team: 'theirs' } });
const asStated = { routing: 'Enabled', tags: { team: 'ours' } } as const;
const ours = { 'acr-replication-owner': 'test/platform/contoso' };
const unread: Result = {
  kind: 'failed',
  failure: { kind: 'retryable', pace: 'soon', reason: 'Retrying', code: '503', message: 'Down.' },
};
const refused: Result = { ...unread, atWrite: true };
const stated = { was, have: [other], routing: 'Enabled', tags: { team: 'ours' } } as const;

const rows: readonly (readonly [name: string, given: Given, then: readonly string[]])[] = [
  ['nothing changed', { was, have: [replica('japaneast')] }, []],
  ['a replica is missing', { was }, deleted],
  [
    'a replica is missing while an earlier one was being changed',
    { was: [entry('japaneast', { provisioningState: 'Updating' })] },
    deleted,
  ],
  [
    'LIST leaves it out and a GET finds it',
    { was, results: { japaneast: { kind: 'found', replica: replica('japaneast') } } },
    [],
  ],
  ['LIST leaves it out and the GET fails', { was, results: { japaneast: unread } }, []],
  ['neither LIST nor a GET shows it, and Azure refuses a new one', { was, results: { japaneast: refused } }, deleted],
  ['LIST leaves it out in mode Observe, which makes no GET', { was, spec: { mode: 'Observe' } }, deleted],
  ['a replica is being deleted', { was, have: [replica('japaneast', { state: 'Deleting' })] }, deleted],
  ['a replica is being changed', { was, have: [replica('japaneast', { state: 'Updating' })] }, []],
  ['a replica failed by itself', { was, have: [replica('japaneast', { state: 'Failed' })] }, []],
  ['a replica goes that never was there', { was: [entry('japaneast', { provisioningState: 'Creating' })] }, []],
  ['a region has not been seen before', { was: [{ location: 'japaneast' }] }, []],
  ['nothing was seen before', {}, []],
  ['one appears outside the set', { was, have: [replica('japaneast'), replica('uksouth')] }, added],
  [
    'one was outside the set before',
    { was: [...was, entry('uksouth')], have: [replica('japaneast'), replica('uksouth')] },
    [],
  ],
  [
    'one appears where it may stay',
    { was, have: [replica('japaneast'), replica('uksouth')], spec: { prune: 'None' } },
    [],
  ],
  [
    'one appears that belongs to another',
    { was, have: [replica('japaneast'), replica('uksouth', { tags: { 'acr-replication-owner': 'other/a/b' } })] },
    [],
  ],
  [
    'one appears outside the set by LIST, and the GET fails',
    { was, have: [replica('japaneast'), replica('uksouth', { tags: ours })], results: { uksouth: unread } },
    [],
  ],
  [
    'one outside the set is gone before it was seen',
    {
      was,
      have: [replica('japaneast'), replica('uksouth')],
      results: { uksouth: { kind: 'found', replica: undefined } },
    },
    [],
  ],
  ['home appears', { was, have: [replica('japaneast'), replica('eastus')] }, []],
  ['settings changed', stated, ['japaneast routing and tags changed outside the operator.']],
  [
    'settings changed by LIST, and a GET shows them as they should be',
    { ...stated, results: { japaneast: { kind: 'found', replica: { ...other, ...asStated } } } },
    [],
  ],
  [
    'settings changed by LIST, and a GET shows that other ones did',
    { ...stated, results: { japaneast: { kind: 'found', replica: { ...other, tags: asStated.tags } } } },
    ['japaneast routing changed outside the operator.'],
  ],
  ['settings changed by LIST, and the GET fails', { ...stated, results: { japaneast: unread } }, []],
  [
    'settings changed, and Azure refuses to change them back',
    { ...stated, results: { japaneast: refused } },
    ['japaneast routing and tags changed outside the operator.'],
  ],
  ['settings were to be changed already', { ...stated, status: { plan: ['+uksouth', '~japaneast tags'] } }, []],
  [
    'settings of another region were to be changed',
    { ...stated, status: { plan: ['~japanwest tags'] } },
    ['japaneast routing and tags changed outside the operator.'],
  ],
  [
    'its own change is under way',
    {
      ...stated,
      was: [entry('japaneast', { provisioningState: 'Updating' })],
      have: [{ ...other, state: 'Updating' }],
    },
    [],
  ],
  [
    'somebody is changing settings',
    { ...stated, have: [{ ...other, state: 'Updating' }] },
    ['japaneast routing and tags changed outside the operator.'],
  ],
  ['the spec is new', { was, generation: 2 }, []],
  ['the object goes', { was, deleting: true }, []],
  ['another object managed the registry until now', { was, status: { conditions: [claimed] } }, []],
  ['the registry was never seen', { was, status: { observedGeneration: 0 } }, []],
];

describe('what others did, when', () => {
  for (const [name, given, then] of rows) test(name, () => expect(driftsIn(given)).toEqual(then));
});
