import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { regionOf } from '../../../src/domain/region.ts';
import type { Replica } from '../../../src/domain/replication.ts';
import { type Judgement, judge } from './judges.ts';

/** An object as somebody could see it, and what Azure really had then. */
export interface Moment {
  readonly object: RegistryReplication;
  readonly replicas: readonly Replica[];
  readonly home: string;
}

/** What a program that believes a health may rely on; the promises that were broken, in words. */
export async function brokenPromises(moments: readonly Moment[]): Promise<readonly string[]> {
  const judgements = await judge(moments.map(({ object }) => object));
  return moments.flatMap((moment, i) => {
    const said = judgements[i];
    const broken =
      said === undefined
        ? ['not judged']
        : [...notAgreed(said, moment), ...terminal(said, moment), ...unlike(said, moment)];
    const { metadata, status } = moment.object;
    const at = `${metadata.name}, version ${metadata.resourceVersion}, ${status?.conditions?.[0]?.reason}`;
    return broken.map((what) => `${at}: ${what}`);
  });
}

/** It says Current before Azure agrees with the newest spec. */
function notAgreed({ kstatus, argocd }: Judgement, moment: Moment): readonly string[] {
  const differs = differences(moment);
  if (differs.length === 0) return [];
  return [
    ...(kstatus.status === 'Current' ? [`Flux takes it for current and Azure differs: ${differs.join(', ')}`] : []),
    ...(argocd.status === 'Healthy' ? [`Argo CD takes it for healthy and Azure differs: ${differs.join(', ')}`] : []),
  ];
}

/** Somebody must act and it says that it goes on by itself, or the other way round. */
function terminal({ kstatus, argocd }: Judgement, { object: { metadata, spec, status } }: Moment): readonly string[] {
  const current = status?.observedGeneration === metadata.generation;
  const stuck = current && status.conditions?.some(({ type }) => type === 'Stalled') === true;
  const going = metadata.deletionTimestamp !== undefined;
  const failed = stuck && !going && spec.suspend !== true;
  const degraded = stuck && (going || spec.suspend !== true);
  return [
    ...((kstatus.status === 'Failed') === failed ? [] : [`stalled: ${stuck}, and Flux says ${kstatus.status}`]),
    ...((argocd.status === 'Degraded') === degraded ? [] : [`stalled: ${stuck}, and Argo CD says ${argocd.status}`]),
  ];
}

/** Both must come to the same, where both have a word for it. */
function unlike({ kstatus, argocd }: Judgement, { object: { spec, metadata } }: Moment): readonly string[] {
  const expected = {
    Current: ['Healthy'],
    InProgress: ['Progressing'],
    Failed: ['Degraded'],
    Terminating: ['Progressing', 'Degraded'],
    Error: [],
  }[kstatus.status] as readonly string[];
  const waits = spec.suspend === true || (spec.mode === 'Observe' && kstatus.status === 'InProgress');
  const same = expected.includes(argocd.status) || (waits && argocd.status === 'Suspended');
  const suspended = spec.suspend === true && metadata.deletionTimestamp === undefined;
  return [
    ...(same ? [] : [`Flux says ${kstatus.status} and Argo CD ${argocd.status}`]),
    ...(suspended === (argocd.status === 'Suspended') || waits
      ? []
      : [`suspended: ${suspended}, and Argo CD says ${argocd.status}`]),
    ...(argocd.message === '' ? ['Argo CD says nothing'] : []),
  ];
}

/** What Azure lacks or has too much for this spec: the words of docs/registryreplication.md, without the operator's code. */
function differences({ object, replicas, home }: Moment): readonly string[] {
  const { spec, status } = object;
  const there = new Map<string, Replica>(replicas.map((replica) => [replica.region, replica]));
  const wanted = new Map(spec.regions.map((wish) => [regionOf(wish.location) as string, wish]));
  const missing = [...wanted].filter(([region]) => {
    const replica = there.get(region);
    if (replica === undefined) return region !== home;
    return replica.state !== 'Succeeded' || (spec.readyWhen !== 'Provisioned' && replica.status !== 'Ready');
  });
  const other = [...wanted].filter(([region, { routing, tags }]) => {
    const replica = there.get(region);
    if (replica === undefined) return false;
    const kept = Object.entries(region === home ? {} : { ...spec.tags, ...tags });
    return (
      (routing ?? replica.routing) !== replica.routing || kept.some(([name, value]) => replica.tags[name] !== value)
    );
  });
  const known = new Map(status?.replicas?.map(({ location, managed }) => [location, managed]));
  const surplus = [...there.keys()].filter((region) => {
    if (wanted.has(region) || region === home || spec.prune === 'None') return false;
    return spec.prune !== 'Owned' || ['Created', 'Adopted'].includes(known.get(region) ?? '');
  });
  return [
    ...missing.map(([region]) => `+${region}`),
    ...other.map(([region]) => `~${region}`),
    ...surplus.map((region) => `-${region}`),
  ];
}
