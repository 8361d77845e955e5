import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import type { Result } from '../../../src/domain/account.ts';
import type { Failure } from '../../../src/domain/failure.ts';
import { type FailureReason, failureReasons, needsPerson, reasons } from '../../../src/domain/reasons.ts';
import { statusOf } from '../../../src/domain/status.ts';
import { desired, judgedFinding, judgedPass, noon, registry } from '../../support/builders.ts';
import { remainsOf } from '../../trials/crashes/remains.ts';
import type { Outside, Sabotage } from '../../trials/crashes/run.ts';
import { type Scenario, scenarios } from '../../trials/crashes/scenarios.ts';
import { calmRun, crashRun } from '../../trials/crashes/world.ts';
import { judge } from './judges.ts';
import { brokenPromises, type Moment } from './promises.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));

/**
 * The real controller and pass in memory, every status it writes and every edit beside it; Azure as it was then. First in
 * peace, then from every call on after which a process dies, and another starts a second later.
 */
async function recorded({ before = [], stages, replicas = [] }: Scenario): Promise<readonly Moment[]> {
  const moments = new Map<string, Moment>();
  let seen = new Set<string>();
  /** Versions that came into being just now; of others Azure may have changed since. */
  const see = ({ azure, cluster }: Outside, isNew: (object: RegistryReplication) => boolean): void => {
    azure.settle();
    for (const object of cluster.objects.values()) {
      const version = `${object.metadata.name} ${object.metadata.resourceVersion}`;
      if (seen.has(version)) continue;
      seen.add(version);
      if (!isNew(object)) continue;
      const shown = { ...object, status: object.status ?? { observedGeneration: -1 } }; // the CRD's default
      const moment = { object: shown, replicas: [...azure.replicas.values()], home: registry().home };
      moments.set(withoutTimes(moment), moment);
    }
  };
  const watchful: Sabotage = (ports, outside) => ({
    ...ports,
    store: {
      ...ports.store,
      async writeStatus(object, status, ...rest) {
        await ports.store.writeStatus(object, status, ...rest);
        see(outside, ({ metadata }) => metadata.uid === object.metadata.uid);
      },
    },
  });
  const watched = [...before, ...stages].map((stage) => ({
    ...stage,
    change(now: Outside) {
      see(now, () => false);
      stage.change(now);
      see(now, () => true);
    },
  }));
  const start = { objects: [], replicas, timeMs: noon.getTime() };
  const calm = await calmRun(start, watched, { sabotage: watchful, mortal: true });
  expect(calm.violations).toEqual([]);
  expect(moments.size).toBeGreaterThan(1);
  for await (const left of remainsOf(calm, [{ afterMs: 1_000 }])) {
    const { moment, others } = left.crashes[0] ?? {};
    if (moment !== 'done' || others !== 0) continue;
    seen = new Set();
    see(left, () => false);
    expect((await crashRun(left, { sabotage: watchful })).violations).toEqual([]);
  }
  return [...moments.values()];
}

function withoutTimes({ object: { metadata, ...object }, replicas }: Moment): string {
  const { resourceVersion: _version, ...kept } = metadata;
  return JSON.stringify([kept, object, replicas], (name, value: unknown) =>
    name === 'lastTransitionTime' || name === 'since' || name === 'startTime' || name === 'deletionTimestamp'
      ? ''
      : value,
  );
}

describe('no status is taken for more or less than it is, also when a process dies after any of its calls', () => {
  test.each(scenarios)('$name', async (scenario) => {
    expect(await brokenPromises(await recorded(scenario))).toEqual([]);
  });
});

/** The object after a pass that met this failure: for all of the registry, or when its only region was to be made. */
function failedWith(reason: FailureReason, where: 'registry' | 'region', deleting: boolean): RegistryReplication {
  const failure: Failure = { kind: 'retryable', pace: 'slow', reason, code: 'Code', message: 'Azure says no.' };
  const metadata = deleting ? { deletionTimestamp: noon.toISOString() } : {};
  const result: Result = { kind: 'failed', failure };
  const judged =
    where === 'registry'
      ? judgedFinding({ kind: 'unobserved', failure, desired: desired(['japaneast']) }, { metadata })
      : judgedPass({ metadata, results: { japaneast: result } });
  const status = statusOf(judged);
  if (status === undefined) throw new Error('no status');
  return { ...judged.object, status };
}

describe('a failure that needs somebody is told, and one that passes by itself is waited for', () => {
  const everyReason = failureReasons;
  test.each(['registry', 'region'] as const)('of the %s', async (where) => {
    const judgements = await judge(everyReason.map((reason) => failedWith(reason, where, false)));
    const told = judgements.map(({ kstatus, argocd }, i) => [everyReason[i], kstatus.status, argocd.status]);
    const expected = everyReason.map((reason) =>
      needsPerson(reason) ? [reason, 'Failed', 'Degraded'] : [reason, 'InProgress', 'Progressing'],
    );
    expect(told).toEqual(expected);
    for (const [i, { kstatus, argocd }] of judgements.entries()) {
      const reason = everyReason[i] ?? 'Retrying';
      expect(kstatus.message).toContain(reasons[reason].advice);
      expect(argocd.message).toContain(`${reason}: `);
      expect(argocd.message).toContain(reasons[reason].advice);
    }
  });

  test('of an object that is going', async () => {
    const judgements = await judge(everyReason.map((reason) => failedWith(reason, 'registry', true)));
    const told = judgements.map(({ kstatus, argocd }, i) => [everyReason[i], kstatus.status, argocd.status]);
    expect(told).toEqual(
      everyReason.map((reason) => [reason, 'Terminating', needsPerson(reason) ? 'Degraded' : 'Progressing']),
    );
  });
});
