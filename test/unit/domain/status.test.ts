import { describe, expect, test } from 'vitest';
import type { RegistryReplication, ReplicaStatus, Status } from '../../../src/api/registryreplication.ts';
import type { Result } from '../../../src/domain/account.ts';
import { type Failure, localThrottle } from '../../../src/domain/failure.ts';
import type { Finding } from '../../../src/domain/pass.ts';
import type { Replica } from '../../../src/domain/replication.ts';
import { statusOf } from '../../../src/domain/status.ts';
import {
  desired,
  entry,
  judgedFinding,
  judgedPass,
  minutesAfter,
  noon,
  registry,
  replica,
  stranger,
} from '../../support/builders.ts';

const owner = 'test/platform/contoso';
const stamp = '2026-09-10T12:00:00Z';
const ours = { 'acr-replication-owner': owner };
const refusal: Failure = { kind: 'terminal', reason: 'Rejected', code: 'BadRequest', message: 'No.' };
const soon: Failure = { kind: 'retryable', pace: 'soon', reason: 'Retrying', code: '503', message: 'Unavailable.' };
const locked: Failure = { kind: 'retryable', pace: 'slow', reason: 'Locked', code: 'Locked', message: 'Locked.' };
const known = { id: registry().id, loginServer: 'contoso.azurecr.io', homeRegion: 'eastus', sku: 'Premium' };
const home: ReplicaStatus = {
  location: 'eastus',
  name: 'eastus',
  managed: 'Home',
  provisioningState: 'Succeeded',
  status: 'Ready',
  routing: 'Enabled',
  since: stamp,
};

interface Given {
  readonly want?: readonly string[];
  readonly have?: readonly Replica[];
  readonly remembered?: readonly ReplicaStatus[];
  readonly results?: Readonly<Record<string, Result>>;
  readonly metadata?: Partial<RegistryReplication['metadata']>;
  readonly zoneRedundancy?: 'Enabled' | 'Disabled';
  readonly status?: Status | undefined;
}

/** The status after a pass whose plan is the real one. */
function after({ zoneRedundancy, ...given }: Given): Status {
  const written = statusOf(judgedPass({ ...given, stated: { zoneRedundancy } }));
  if (written === undefined) throw new Error('nothing to write');
  return written;
}

function entryAfter(given: Given, region = 'japaneast'): ReplicaStatus | undefined {
  return after(given).replicas?.find(({ location }) => location === region);
}

describe('the whole status', () => {
  test('when all is there', () => {
    expect(after({ have: [replica('japaneast')] })).toEqual({
      observedGeneration: 1,
      phase: 'Ready',
      summary: '1/1',
      locations: 'japaneast',
      registry: known,
      owner: 'test/platform/contoso',
      interval: '5m',
      replicas: [
        home,
        {
          location: 'japaneast',
          name: 'japaneast',
          managed: 'Adopted',
          provisioningState: 'Succeeded',
          status: 'Ready',
          routing: 'Enabled',
          provisionedTime: stamp,
          since: stamp,
        },
      ],
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'InSync',
          message: 'The region is ready.',
          observedGeneration: 1,
          lastTransitionTime: stamp,
        },
      ],
    });
  });

  test('when home is listed and does not serve counts it as not ready', () => {
    const have = [replica('eastus', { state: 'Failed' }), replica('japaneast')];
    expect(after({ want: ['eastus', 'japaneast'], have }).summary).toBe('1/2');
  });

  test('when a request to look was answered and work goes on', () => {
    const status = after({ metadata: { annotations: { 'acr-replication.dev/requested-at': 'now' } } });
    expect(status).toMatchObject({ plan: ['+japaneast'], summary: '0/1', lastHandledRequest: 'now' });
    expect(status.conditions?.map(({ type }) => type)).toEqual(['Ready', 'Reconciling']);
    expect(status.replicas?.[1]).toEqual({ location: 'japaneast', since: stamp });
  });

  test('while the object goes lists what is still to go', () => {
    const metadata = { deletionTimestamp: noon.toISOString() };
    expect(after({ have: [replica('japaneast'), replica('uksouth')], metadata }).plan).toEqual(['-japaneast']);
  });

  test('when nothing was ever learned has nothing but what failed', () => {
    const finding: Finding = { kind: 'unobserved', failure: refusal, desired: desired([]) };
    const status = statusOf(judgedFinding(finding));
    const said = ['observedGeneration', 'phase', 'locations', 'interval', 'readError', 'conditions'];
    expect(Object.keys(status ?? {})).toEqual(said);
  });

  test('names the listed regions for a column of kubectl, of many the first five', () => {
    expect(after({ want: ['westeurope', 'japaneast'] }).locations).toBe('japaneast, westeurope');
    const five = ['a1', 'b1', 'c1', 'd1', 'e1'];
    expect(after({ want: five }).locations).toBe('a1, b1, c1, d1, e1');
    expect(after({ want: ['h1', ...five, 'g1'] }).locations).toBe('a1, b1, c1, d1, e1 and 2 more');
  });
});

describe('the owner tag in status, after the cluster was renamed,', () => {
  const former = 'old/platform/contoso';
  const made = [entry('japaneast', { managed: 'Created' }), entry('uksouth', { managed: 'Created' })];
  const ownerWith = (...have: readonly Replica[]) =>
    after({ want: ['japaneast', 'uksouth'], have, status: { owner: former, replicas: made } }).owner;
  const anew = replica('uksouth', { tags: ours });

  test('stays what a replica still bears', () => {
    expect(ownerWith(replica('japaneast', { tags: { 'acr-replication-owner': former } }), anew)).toBe(former);
  });

  test('stays while a list shows no tags at all', () => {
    expect(ownerWith(replica('japaneast'), replica('uksouth'))).toBe(former);
  });

  test('stays while a list shows one of them without tags', () => {
    expect(ownerWith(replica('japaneast'), anew)).toBe(former);
  });

  test('is the new one once all bear that', () => {
    expect(ownerWith(replica('japaneast', { tags: ours }), anew)).toBe(owner);
  });
});

/** It vanished while it was being created, and was repaired so many times. */
const lost = (attempts: number): ReplicaStatus[] => [
  { location: 'japaneast', attempts, error: { code: 'Vanished', message: 'before' } },
];

/** What is undefined here must not be there. */
type Expected = { readonly [Field in keyof ReplicaStatus]?: ReplicaStatus[Field] | undefined };

const entries: readonly (readonly [name: string, given: Given, then: Expected])[] = [
  ['what was there already is adopted', { have: [replica('japaneast')] }, { managed: 'Adopted' }],
  [
    'what is deleted while it serves was provisioned, should the deletion fail',
    {
      want: ['eastus'],
      have: [replica('japaneast', { tags: ours })],
      remembered: [entry('japaneast', { provisioningState: 'Creating', managed: 'Created' })],
      results: { japaneast: { kind: 'deleting' } },
    },
    { provisioningState: 'Deleting', provisionedTime: stamp },
  ],
  ['what bears the owner tag is its own', { have: [replica('japaneast', { tags: ours })] }, { managed: 'Created' }],
  [
    'what it created before is its own, also without the tag',
    { have: [replica('japaneast')], remembered: [entry('japaneast', { managed: 'Created' })] },
    { managed: 'Created' },
  ],
  [
    'what it just created is its own, also if Azure shows no tag yet',
    {
      results: { japaneast: { kind: 'created', replica: replica('japaneast', { state: 'Creating' }) } },
      remembered: lost(1),
    },
    { managed: 'Created', provisioningState: 'Creating', attempts: 2 },
  ],
  [
    'no status and no message are left out',
    { have: [replica('japaneast', { status: '' })] },
    { status: undefined, message: undefined },
  ],
  ['a message is kept', { have: [replica('japaneast', { message: 'half way' })] }, { message: 'half way' }],
  [
    'seen for the first time it is as old as Azure says',
    { have: [replica('japaneast', { changedAt: '2026-09-01T01:02:03.456Z' })] },
    { since: '2026-09-01T01:02:03Z' },
  ],
  [
    'unchanged it is as old as before',
    { have: [replica('japaneast')], remembered: [entry('japaneast', { since: 'before' })] },
    { since: 'before' },
  ],
  [
    'in another state it is new, whatever Azure says',
    {
      have: [replica('japaneast', { changedAt: '2026-09-01T01:02:03Z' })],
      remembered: [entry('japaneast', { provisioningState: 'Updating', since: 'before' })],
    },
    { since: stamp },
  ],
  [
    'with another status it is new',
    { have: [replica('japaneast')], remembered: [entry('japaneast', { status: 'Syncing', since: 'before' })] },
    { since: stamp },
  ],
  [
    'what a call just answered is new, whatever Azure says',
    {
      results: {
        japaneast: {
          kind: 'created',
          replica: replica('japaneast', { changedAt: '2026-09-01T01:02:03Z' }),
        },
      },
    },
    { since: stamp },
  ],
  [
    'zone redundancy that differs is noted',
    { have: [replica('japaneast')], zoneRedundancy: 'Enabled' },
    {
      note: 'zoneRedundancy is Disabled in Azure and Enabled in the spec; it counts only when a replica is created, so this one is left as it is.',
    },
  ],
  [
    'zone redundancy as wanted is not',
    { have: [replica('japaneast')], zoneRedundancy: 'Disabled' },
    { note: undefined },
  ],
  [
    'a refusal is its error',
    { results: { japaneast: { kind: 'failed', failure: refusal } } },
    {
      error: {
        code: 'BadRequest',
        message: 'No. Azure does not accept this change; correct the spec or the registry.',
        reason: 'Rejected',
        since: stamp,
      },
    },
  ],
  [
    'a refusal leaves the name on record, to be asked for again',
    {
      remembered: [entry('japaneast', { name: 'tokyo' })],
      results: { japaneast: { kind: 'failed', failure: soon, atWrite: true } },
    },
    { name: 'tokyo', provisioningState: undefined },
  ],
  [
    'what LIST leaves out stays as known while the GET fails that could have told',
    { remembered: [entry('japaneast')], results: { japaneast: { kind: 'failed', failure: soon } } },
    entry('japaneast'),
  ],
  [
    'what LIST leaves out stays as known while a change waits',
    {
      remembered: [
        entry('japaneast', { notBefore: minutesAfter(5).toISOString(), error: { code: 'Locked', message: 'x' } }),
      ],
    },
    entry('japaneast'),
  ],
  [
    'what LIST calls Failed stays as known while the GET fails that could have told',
    {
      have: [replica('japaneast', { state: 'Failed', status: '' })],
      remembered: [entry('japaneast')],
      results: { japaneast: { kind: 'failed', failure: soon } },
    },
    entry('japaneast'),
  ],
  [
    'what LIST calls Failed at first sight is so on record: nothing else is known',
    {
      have: [replica('japaneast', { state: 'Failed', status: '' })],
      results: { japaneast: { kind: 'failed', failure: soon } },
    },
    { provisioningState: 'Failed', provisionedTime: stamp },
  ],
  [
    'what is really gone leaves no name',
    { remembered: [entry('japaneast', { name: 'tokyo', provisioningState: 'Deleting' })] },
    { name: undefined },
  ],
  [
    'a provisioned replica has no attempts',
    { have: [replica('japaneast')], remembered: [entry('japaneast', { attempts: 2 })] },
    { attempts: undefined },
  ],
  [
    'exhausted it stays so',
    {
      have: [replica('japaneast', { state: 'Failed' })],
      remembered: [entry('japaneast', { provisioningState: 'Failed', attempts: 3 })],
    },
    { attempts: 3 },
  ],
  [
    'exhausted without a trace it says that it vanished',
    { remembered: [{ location: 'japaneast', attempts: 3, error: { code: 'Vanished', message: 'before' } }] },
    { attempts: 3, error: { code: 'Vanished', message: 'before' } },
  ],
];

describe('of a replica', () => {
  for (const [name, given, then] of entries) {
    test(name, () => {
      const entry: Expected = entryAfter(given) ?? {};
      for (const field of Object.keys(then) as (keyof Expected)[]) expect(entry[field], field).toEqual(then[field]);
    });
  }

  test('outside the set nothing is claimed', () => {
    expect(entryAfter({ want: ['eastus'], have: [replica('uksouth')] }, 'uksouth')?.managed).toBe('Unlisted');
  });

  test('that somebody else made, and that waits for the set, it stays known when its notice was over', () => {
    const notBefore = minutesAfter(-55).toISOString().replace('.000', '');
    const given = { have: [replica('uksouth')], remembered: [stranger('uksouth', { notBefore })] };
    expect(entryAfter(given, 'uksouth')?.notBefore).toBe(notBefore);
  });

  test('once listed, that it was adopted stays known', () => {
    const given = {
      want: ['eastus'],
      have: [replica('uksouth')],
      remembered: [entry('uksouth', { managed: 'Adopted' as const })],
    };
    expect(entryAfter(given, 'uksouth')?.managed).toBe('Adopted');
  });

  test('home has no note', () => {
    const given = { want: ['eastus'], have: [replica('eastus')], zoneRedundancy: 'Enabled' as const };
    expect(entryAfter(given, 'eastus')?.note).toBeUndefined();
  });
});

const ready: Status = { observedGeneration: 1, phase: 'Ready', registry: known };
const proxy: Failure = { ...soon, pace: 'slow', busy: true, code: 'BadAnswer' };
const forbidden: Failure = { ...locked, settles: true, reason: 'Forbidden', code: 'AuthorizationFailed' };
const reads: readonly (readonly [
  name: string,
  failure: Failure,
  facts: { readonly retries?: number; readonly status?: Status; readonly deleting?: true },
  written: boolean,
])[] = [
  ['of a registry that was fine says nothing', soon, { status: ready }, false],
  ['says nothing three times', soon, { status: ready, retries: 2 }, false],
  ['is said the fourth time', soon, { status: ready, retries: 3 }, true],
  ['that may last says nothing', proxy, { status: ready }, false],
  ['that may last is said the second time, half a minute later', proxy, { status: ready, retries: 1 }, true],
  ['that often settles says nothing three times', forbidden, { status: ready, retries: 2 }, false],
  ['that often settles is said the fourth time', forbidden, { status: ready, retries: 3 }, true],
  ['is said when a person is needed', locked, { status: ready }, true],
  ['is said of a spec that is new', soon, { status: { ...ready, observedGeneration: 0 } }, true],
  ['is said of a registry that was not fine', soon, { status: { ...ready, phase: 'Syncing' } }, true],
  ['is said of a registry of which nothing is known', soon, {}, true],
  ['is said while the object goes', soon, { status: ready, deleting: true }, true],
  ['that only waits its turn says nothing', localThrottle('Paced.', noon), { retries: 9 }, false],
];

describe('a read that fails', () => {
  for (const [name, failure, { status, deleting, retries = 0 }, written] of reads) {
    test(name, () => {
      const metadata = deleting ? { deletionTimestamp: noon.toISOString() } : {};
      const finding: Finding = { kind: 'unobserved', failure, desired: desired(['japaneast']) };
      expect(statusOf(judgedFinding(finding, { status, metadata, retries })) !== undefined).toBe(written);
    });
  }

  describe('is on record with its code', () => {
    const unread = (failure: Failure, status: Status | undefined, now = noon) =>
      statusOf(
        judgedFinding({ kind: 'unobserved', failure, desired: desired(['japaneast']) }, { status, now, retries: 9 }),
      );
    const first = unread(forbidden, undefined);

    test('since the first look that met it, and not anew at each look', () => {
      expect(first?.readError).toEqual({ code: 'AuthorizationFailed', startTime: stamp });
      expect(unread(forbidden, first, minutesAfter(4))).toBeUndefined();
      const stalled = unread(forbidden, first, minutesAfter(5));
      expect(stalled).toMatchObject({ phase: 'Failed', readError: first?.readError });
      expect(unread(forbidden, stalled, minutesAfter(60))).toBeUndefined();
    });

    test('anew when the code is another', () => {
      const startTime = `${minutesAfter(4).toISOString().slice(0, 19)}Z`;
      expect(unread(soon, first, minutesAfter(4))?.readError).toEqual({ code: soon.code, startTime });
    });

    test('until Azure was read', () => {
      expect(after({ have: [replica('japaneast')], status: first }).readError).toBeUndefined();
    });

    test('until nobody tries to read it', () => {
      const suspended = statusOf(judgedFinding({ kind: 'suspended', desired: desired([]) }, { status: first }));
      expect(suspended?.phase).toBe('Suspended');
      expect(suspended?.readError).toBeUndefined();
    });
  });

  test('does not keep a spec that is invalid from being said', () => {
    const finding: Finding = { kind: 'invalid', problems: ['wrong'] };
    expect(statusOf(judgedFinding(finding, { want: [], status: ready }))).toBeDefined();
  });

  test('leaves what is known, but for repairs when somebody asks to try again', () => {
    const finding: Finding = { kind: 'unobserved', failure: refusal, desired: desired(['japaneast']) };
    const replicas = [entry('japaneast', { provisioningState: 'Failed', attempts: 3 })];
    const of = (observedGeneration: number) =>
      statusOf(judgedFinding(finding, { status: { ...ready, observedGeneration, replicas } }));
    expect(of(1)?.replicas).toEqual(replicas);
    expect(of(1)?.registry).toEqual(known);
    expect(of(0)?.replicas).toEqual([entry('japaneast', { provisioningState: 'Failed' })]);
  });
});

test('a transition is as old as the last change of its value', () => {
  const first = after({ have: [replica('japaneast')] });
  const status = { ...first, summary: 'other' };
  const later = statusOf(judgedPass({ have: [replica('japaneast')], status, now: minutesAfter(5) }));
  expect(later?.conditions?.[0]?.lastTransitionTime).toBe(stamp);
});
