import { setTimeout as delay } from 'node:timers/promises';
import { type RegistryReplication, requestedAt, type Spec } from '../../../src/api/registryreplication.ts';
import type { EmulatorControl } from '../emulator/control.ts';
import type { FaultEffect } from '../emulator/fault-rules.ts';
import type { KubeAdmin } from '../kube-admin.ts';
import { type Member, manifestOf, pathOf, places } from './fleet.ts';

/** The world in which things happen to the fleet. */
export interface Scene {
  readonly kube: KubeAdmin;
  readonly control: EmulatorControl;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** Something that happens to a registry, and is put right at its end. */
export interface Happening {
  /** What is said about it: `is wanted in uksouth, too`. */
  readonly says: string;
  /** Carries it out; resolves when the registry is as it should be, or could not be made so in time. */
  readonly done: Promise<void>;
}

/** The registry as it is when something is to happen to it. */
interface Subject {
  readonly member: Member;
  readonly spec: Spec;
  /** The regions of the spec that are not home. */
  readonly regions: readonly string[];
  /** A region where it is not wanted and has no replica. */
  readonly elsewhere: string;
  /** One of its regions. */
  readonly somewhere: string;
}

type Kind = (scene: Scene, subject: Subject) => Happening | undefined;

const fewest = 2;
const most = 8;
/** How long a person needs to notice: how long each trouble lasts before it is put right. */
const noticedMs = 15_000;
const settledMs = 90_000;
const lookMs = 1_000;

/** What can happen; those that come more than once happen more often. */
const kinds: readonly Kind[] = [
  grows,
  grows,
  shrinks,
  isDeletedByHand,
  fails,
  failsToBeMade,
  syncsForLong,
  leavesRouting,
  isDrained,
  isDrained,
  isRefused,
  hasAStranger,
  isSuspended,
  isOnlyObserved,
  goesAndComesBack,
];

/** Has something happen to the registry; undefined when it is busy, or gone, or not fit for what was drawn. */
export async function happen(scene: Scene, member: Member): Promise<Happening | undefined> {
  const object = await scene.kube.get<RegistryReplication>(pathOf(member));
  if (object === undefined || object.status?.phase !== 'Ready') return undefined;
  const replicas = (object.status.replicas ?? []).map(({ location }) => location);
  const regions = object.spec.regions.map(({ location }) => location).filter((region) => region !== member.home);
  const free = places.filter((region) => !replicas.includes(region) && !regions.includes(region));
  const [elsewhere, somewhere, kind] = [drawn(scene, free), drawn(scene, regions), drawn(scene, kinds)];
  if (elsewhere === undefined || somewhere === undefined || kind === undefined) return undefined;
  return kind(scene, { member, spec: object.spec, regions, elsewhere, somewhere });
}

function drawn<T>({ random }: Scene, items: readonly T[]): T | undefined {
  return items[Math.floor(random() * items.length)];
}

function grows(scene: Scene, subject: Subject): Happening | undefined {
  const { regions, elsewhere } = subject;
  if (regions.length >= most) return undefined;
  return { says: `is wanted in ${elsewhere}, too`, done: settled(scene, subject, addTo(scene, subject)) };
}

function shrinks(scene: Scene, subject: Subject): Happening | undefined {
  const { member, spec, regions, somewhere } = subject;
  if (regions.length <= fewest) return undefined;
  const left = spec.regions.filter(({ location }) => location !== somewhere);
  return {
    says: `is not wanted in ${somewhere} any more`,
    done: settled(scene, subject, scene.kube.patch(pathOf(member), { spec: { regions: left } })),
  };
}

function isDeletedByHand(scene: Scene, subject: Subject): Happening {
  const { member, somewhere: region } = subject;
  const deleted = scene.control.deleteReplica({ registry: member.name, region }).then(() => lookAt(scene, member));
  return { says: `loses its replica in ${region}: somebody deleted it`, done: settled(scene, subject, deleted) };
}

function fails(scene: Scene, subject: Subject): Happening {
  const { member, somewhere: region } = subject;
  const message = 'The replica could not be kept in step with its registry. Please try again.';
  const failed = scene.control
    .alterReplica({ registry: member.name, region, provisioningState: 'Failed', message })
    .then(() => lookAt(scene, member));
  return { says: `fails in ${region}, and is repaired in place`, done: settled(scene, subject, failed) };
}

function failsToBeMade(scene: Scene, subject: Subject): Happening | undefined {
  const { member, regions, elsewhere } = subject;
  if (regions.length >= most) return undefined;
  const match = { registry: member.name, region: elsewhere, verb: 'PUT' } as const;
  const begun = scene.control
    .addFault({ match, times: 1, effect: { kind: 'operationFails' } })
    .then(() => addTo(scene, subject));
  return { says: `is wanted in ${elsewhere}, which fails the first time`, done: settled(scene, subject, begun) };
}

function syncsForLong(scene: Scene, subject: Subject): Happening | undefined {
  if (subject.regions.length >= most) return undefined;
  return {
    says: `is wanted in ${subject.elsewhere}, and has many images to sync`,
    done: withFault(scene, subject, { kind: 'stuckSyncing' }, 2 * noticedMs),
  };
}

function isRefused(scene: Scene, subject: Subject): Happening | undefined {
  if (subject.regions.length >= most) return undefined;
  return {
    says: `is wanted in ${subject.elsewhere}, which a policy forbids for a while`,
    done: withFault(scene, subject, { kind: 'policy', assignment: 'allowed-locations' }, noticedMs),
  };
}

function leavesRouting(scene: Scene, subject: Subject): Happening {
  const { member, spec, somewhere } = subject;
  const routed = (routing: 'Enabled' | 'Disabled') =>
    spec.regions.map((region) => (region.location === somewhere ? { ...region, routing } : region));
  const there = async (): Promise<void> => {
    await scene.kube.patch(pathOf(member), { spec: { regions: routed('Disabled') } });
    await delay(noticedMs, undefined, { signal: scene.signal });
    await scene.kube.patch(pathOf(member), { spec: { regions: routed('Enabled') } });
  };
  return { says: `gets nobody by the global endpoint in ${somewhere}`, done: settled(scene, subject, there()) };
}

function isDrained(scene: Scene, subject: Subject): Happening {
  const { member, somewhere: location } = subject;
  const until = `${new Date(Date.now() + 2 * noticedMs).toISOString().slice(0, 19)}Z`;
  const there = async (): Promise<void> => {
    await scene.kube.patch(pathOf(member), { spec: { drains: [{ location, until, reason: 'INC-4711' }] } });
    await delay(2 * noticedMs, undefined, { signal: scene.signal });
    await scene.kube.patch(pathOf(member), { spec: { drains: null } });
  };
  return { says: `is drained in ${location} for half a minute`, done: settled(scene, subject, there()) };
}

function hasAStranger(scene: Scene, subject: Subject): Happening {
  const { member, elsewhere: location } = subject;
  const { name: registry } = member;
  const there = async (): Promise<void> => {
    await scene.control.createReplica({ registry, location });
    await lookAt(scene, member);
    await delay(2 * noticedMs, undefined, { signal: scene.signal });
    await scene.control.deleteReplica({ registry, region: location });
    await lookAt(scene, member);
  };
  return { says: `has a replica in ${location} that nobody asked for`, done: settled(scene, subject, there()) };
}

function isSuspended(scene: Scene, subject: Subject): Happening {
  const { member } = subject;
  const there = async (): Promise<void> => {
    await scene.kube.patch(pathOf(member), { spec: { suspend: true } });
    await delay(noticedMs, undefined, { signal: scene.signal });
    await scene.kube.patch(pathOf(member), { spec: { suspend: false } });
  };
  return { says: 'is suspended for a while', done: settled(scene, subject, there()) };
}

function isOnlyObserved(scene: Scene, subject: Subject): Happening | undefined {
  const { member, spec, regions, elsewhere } = subject;
  if (regions.length >= most) return undefined;
  const there = async (): Promise<void> => {
    const more = [...spec.regions, { location: elsewhere }];
    await scene.kube.patch(pathOf(member), { spec: { mode: 'Observe', regions: more } });
    await delay(noticedMs, undefined, { signal: scene.signal });
    await scene.kube.patch(pathOf(member), { spec: { mode: 'Apply' } });
  };
  return { says: `shall be in ${elsewhere}, but is only observed at first`, done: settled(scene, subject, there()) };
}

function goesAndComesBack(scene: Scene, subject: Subject): Happening {
  const { member, spec } = subject;
  const there = async (): Promise<void> => {
    await scene.kube.patch(pathOf(member), { spec: { deletionPolicy: 'Retain' } });
    await scene.kube.delete(pathOf(member));
    await scene.kube.waitForGone(pathOf(member));
    await delay(noticedMs / 2, undefined, { signal: scene.signal });
    await scene.kube.apply({ ...manifestOf(member), spec });
  };
  return { says: 'is taken away from the operator, and comes back', done: settled(scene, subject, there()) };
}

async function addTo({ kube }: Scene, { member, spec, elsewhere }: Subject): Promise<void> {
  await kube.patch(pathOf(member), { spec: { regions: [...spec.regions, { location: elsewhere }] } });
}

/** Adds the region while something is wrong with it, and puts that right after a while. */
async function withFault(scene: Scene, subject: Subject, effect: FaultEffect, lastsMs: number): Promise<void> {
  const { member, elsewhere: region } = subject;
  const fault = await scene.control.addFault({ match: { registry: member.name, region }, effect });
  await addTo(scene, subject);
  await delay(lastsMs, undefined, { signal: scene.signal });
  await scene.control.clearFaults(fault);
  await settled(scene, subject, lookAt(scene, member));
}

/** Asks the operator to look now: by itself it looks every half minute. */
async function lookAt({ kube }: Scene, member: Member): Promise<void> {
  await kube.patch(pathOf(member), { metadata: { annotations: { [requestedAt]: new Date().toISOString() } } });
}

/** Waits for what was begun, then until the operator is done with the registry; not for ever. */
async function settled({ kube, signal }: Scene, { member }: Subject, begun: Promise<unknown>): Promise<void> {
  await begun;
  for (const deadline = Date.now() + settledMs; Date.now() < deadline; ) {
    await delay(lookMs, undefined, { signal });
    const object = await kube.get<RegistryReplication>(pathOf(member));
    if (object === undefined) return;
    const { status, metadata } = object;
    const asked = metadata.annotations?.[requestedAt];
    const isSeen = status?.observedGeneration === metadata.generation && status.lastHandledRequest === asked;
    if (isSeen && status.phase === 'Ready') return;
  }
}
