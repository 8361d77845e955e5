import { isDeepStrictEqual } from 'node:util';
import type { Condition, RegistryReplication, Status } from '../../src/api/registryreplication.ts';

/** Every way in which a status breaks the laws that programs rely on; empty when it keeps them all. */
export function brokenLaws(object: RegistryReplication, status: Status): string[] {
  if (status.observedGeneration === -1) {
    return isDeepStrictEqual(status, { observedGeneration: -1 }) ? [] : ['a status is about a generation'];
  }
  const { generation } = object.metadata;
  const conditions = status.conditions ?? [];
  const find = (type: string) => conditions.find((c) => c.type === type);
  const [ready, reconciling, stalled] = [find('Ready'), find('Reconciling'), find('Stalled')];
  const abnormal = [reconciling, stalled].filter((c) => c !== undefined);
  const laws: readonly (readonly [string, boolean])[] = [
    ['Ready is always present', ready !== undefined],
    ['Reconciling and Stalled are present only while True', abnormal.every((c) => c.status === 'True')],
    [
      'Drained is present only while True',
      find('Drained')?.status !== 'False' && find('Drained')?.status !== 'Unknown',
    ],
    [
      'Drained is present exactly while a region is out of routing by a drain',
      (find('Drained') !== undefined) ===
        (status.replicas ?? []).some(({ drained, routing }) => drained !== undefined && routing === 'Disabled'),
    ],
    ['never Reconciling and Stalled together', abnormal.length < 2],
    ['Ready=True means nothing abnormal', ready?.status !== 'True' || abnormal.length === 0],
    ['Ready=True means the newest spec', ready?.status !== 'True' || status.observedGeneration === generation],
    [
      'conditions speak of the generation observed',
      conditions.every((c) => c.observedGeneration === status.observedGeneration),
    ],
    ['observedGeneration never exceeds generation', (status.observedGeneration ?? 0) <= generation],
    ['Ready is True exactly in phase Ready, or kept while Suspended', agrees(status, ready)],
    [
      'Ready is not kept True while a difference is known',
      ready?.status !== 'True' || status.phase === 'Suspended' || status.plan === undefined,
    ],
    [
      'lastTransitionTime moves only when the status value does',
      conditions.every((c) => transitionIsHonest(object, c)),
    ],
    ['replicas are sorted, one per region', isSortedSet((status.replicas ?? []).map((r) => r.location))],
    [
      'every condition has a message for people',
      conditions.every((c) => c.message.trim() !== '' && !/undefined|\[object|NaN/.test(c.message)),
    ],
    [
      'a reason is one CamelCase word, a message one line',
      conditions.every((c) => /^[A-Z][A-Za-z]+$/.test(c.reason) && !/\p{Cc}/u.test(c.message)),
    ],
    ['only metav1.Time in whole seconds', timesOf(status).every((t) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(t))],
  ];
  return laws.filter(([, kept]) => !kept).map(([law]) => law);
}

function agrees({ phase }: Status, ready: Condition | undefined): boolean {
  return phase === 'Suspended' || (phase === 'Ready') === (ready?.status === 'True');
}

function transitionIsHonest({ status }: RegistryReplication, condition: Condition): boolean {
  const last = status?.conditions?.find((c) => c.type === condition.type);
  return last?.status !== condition.status || last.lastTransitionTime === condition.lastTransitionTime;
}

function isSortedSet(values: readonly string[]): boolean {
  return values.every((value, i) => i === 0 || (values[i - 1] ?? '') < value);
}

function timesOf({ conditions = [], replicas = [], readError }: Status): string[] {
  const times = replicas.flatMap(({ since, notBefore, drained }) => [since, notBefore, drained?.until]);
  const since = [...times, readError?.startTime].filter((time) => time !== undefined);
  return [...conditions.map((c) => c.lastTransitionTime), ...since];
}
