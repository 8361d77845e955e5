import { isDeepStrictEqual } from 'node:util';
import { finalizer, hasFinalizer, isDeleting, type RegistryReplication } from '../../../src/api/registryreplication.ts';
import type { Key } from '../../../src/domain/key.ts';
import { type Region, regionOf } from '../../../src/domain/region.ts';
import { ownerOf, type Replica, type Tags } from '../../../src/domain/replication.ts';
import { brokenLaws } from '../../support/status-laws.ts';
import type { Call } from './azure.ts';
import { isWrite } from './faults.ts';
import type { Step } from './pass.ts';
import {
  type Actor,
  clusterNames,
  drainedIn,
  isBroken,
  isDrainDue,
  ownTag,
  recreateAnnotation,
  recreatedBy,
  serves,
  statedIn,
  unseen,
  wantedBy,
} from './world.ts';

/** What must be true of every pass, whatever came before it and whatever fails in it. */
export interface Property {
  readonly says: string;
  /** The region, name or law with which a pass breaks the property; undefined: it holds. */
  readonly broken: (step: Step) => string | undefined;
}

/** The first write to Azure, carried out or not, of which `wrong` holds. */
function firstWrite(step: Step, wrong: (call: Call, replica: Replica | undefined) => boolean): string | undefined {
  const found = step.calls.find((call) => isWrite(call.verb) && wrong(call, at(call)));
  return found === undefined ? undefined : `${found.verb} ${found.name}`;
}

/** The replica that was really there. */
function at({ region, truth }: Call): Replica | undefined {
  return region === undefined ? undefined : truth.get(region);
}

/** Whether a call deletes what the spec does not name, for an object that is to stay. */
function isPruning({ verb, region }: Call, { seen }: Step): boolean {
  return verb === 'DELETE' && region !== undefined && !isDeleting(seen) && !wantedBy(seen).has(region);
}

/** Whether the object made the replica, or took it over by its tag, under whatever name its cluster had then. */
function isItsOwn(replica: Replica | undefined, { key, before, actor }: Step): boolean {
  if (replica === undefined) return false;
  const { region } = replica;
  const owner = ownerOf(replica);
  if (before.made.get(region) === key || owner === ownTag(before, key)) return true;
  return actor.listed.has(region) && clusterNames.some((cluster) => owner === ownTag({ cluster }, key));
}

/** Whether the replica belongs to another object, which may still manage the registry. */
function isForeign(replica: Replica | undefined, step: Step): boolean {
  const { before } = step;
  const owner = replica === undefined ? undefined : ownerOf(replica);
  if (replica === undefined || owner === undefined || isItsOwn(replica, step)) return false;
  const [cluster, ...rest] = owner.split('/');
  if (cluster !== before.cluster) return true;
  const [namespace] = rest;
  const other = before.actors.get(rest.join('/') as Key);
  return namespace === unseen || (other !== undefined && mayStillWrite(other, step));
}

/** Who acts manages the registry, so another object has lost it, unless nobody can know that yet. */
function mayStillWrite({ object }: Actor, { seen }: Step): boolean {
  if (object.spec.mode === 'Observe') return false;
  if (isDeleting(object) && hasFinalizer(object)) return true;
  return object.status?.registry !== undefined && seen.status?.registry === undefined;
}

const homeStays: Property = {
  says: 'The home region is never created and never deleted, wherever the registry has come to be.',
  broken: (step) => firstWrite(step, ({ verb, region }) => verb !== 'PATCH' && region === step.before.registry.home),
};

const noneKeeps: Property = {
  says: 'Under prune None nothing outside the set is deleted.',
  broken: (step) => {
    if (step.seen.spec.prune !== 'None') return undefined;
    return firstWrite(step, (call) => isPruning(call, step));
  },
};

const ownedKeeps: Property = {
  says: 'Under prune Owned nothing outside the set is deleted that this object neither made nor ever listed.',
  broken: (step) => {
    if (step.seen.spec.prune !== 'Owned') return undefined;
    return firstWrite(step, (call, replica) => {
      const tagged = replica !== undefined && ownerOf(replica) === ownTag(step.before, step.key);
      const region = call.region ?? regionOf(call.name);
      const ours = tagged || step.before.made.get(region) === step.key || step.actor.listed.has(region);
      return isPruning(call, step) && !ours;
    });
  },
};

/** Stricter than "that could be had": a region that Azure refuses, that is exhausted or another's holds it up too. */
const makeBeforeBreak: Property = {
  says: 'Nothing outside the set is deleted while home is shown to be broken, or a region of the set missing, broken or, under Synced, without its images.',
  broken: (step) =>
    firstWrite(step, (call) => {
      const { spec } = step.seen;
      const isThere = (replica: Replica | undefined) =>
        serves(replica) && (spec.readyWhen === 'Provisioned' || replica?.status !== 'Syncing');
      const { home } = step.before.registry;
      const missing = [...wantedBy(step.seen)].some((region) => region !== home && !isThere(call.truth.get(region)));
      return isPruning(call, step) && (missing || isBroken(step.told.get(home)));
    }),
};

const foreignStays: Property = {
  says: 'A replica tagged by another object that may exist, or by another cluster, is never deleted or changed.',
  broken: (step) =>
    firstWrite(step, ({ verb }, replica) => (verb === 'DELETE' || verb === 'PATCH') && isForeign(replica, step)),
};

const healthyStays: Property = {
  says: 'A replica of the set is deleted only while it is failed or canceled, with its object, or as a person asked.',
  broken: (step) => {
    const wanted = wantedBy(step.seen);
    if (isDeleting(step.seen)) return undefined;
    const asked = recreatedBy(step.seen);
    return firstWrite(
      step,
      ({ verb, region }, replica) =>
        verb === 'DELETE' && region !== undefined && wanted.has(region) && !isBroken(replica) && !asked.has(region),
    );
  },
};

/** What the spec does not name any more is asked for by the spec; the annotation is a person's word. */
const provisionedStays: Property = {
  says: 'What Azure has ever shown to be provisioned, in a pass that could be finished, is never deleted without the spec or a person asking for it.',
  broken: (step) => {
    const { seen, actor } = step;
    if (isDeleting(seen)) return undefined;
    const wanted = wantedBy(seen);
    const asked = recreatedBy(seen);
    return firstWrite(
      step,
      ({ verb, region }) =>
        verb === 'DELETE' &&
        region !== undefined &&
        wanted.has(region) &&
        actor.provisioned.has(region) &&
        !asked.has(region),
    );
  },
};

/** Whether an object has the spec of another one, and what people ask for by annotation. */
function saysTheSame(one: RegistryReplication | undefined, other: RegistryReplication): boolean {
  const asked = ({ metadata }: RegistryReplication) => metadata.annotations?.[recreateAnnotation];
  return one?.metadata.generation === other.metadata.generation && asked(one) === asked(other);
}

/**
 * The edit that no watch tells, right after the operator has read the object from the API server itself, is the one that
 * nothing can see; only a lock around both could.
 */
const newestSpec: Property = {
  says: 'No DELETE is sent on a spec, or a request by annotation, older than what the API server has, unless no watch told of it since the operator asked.',
  broken: (step) =>
    firstWrite(step, ({ verb, newest, cached, refreshed }) => {
      const { seen } = step;
      const isOld = newest?.metadata.uid === seen.metadata.uid && !saysTheSame(newest, seen);
      const unseen = saysTheSame(refreshed, seen) && saysTheSame(cached, seen);
      return verb === 'DELETE' && isOld && !unseen;
    }),
};

const leavesOthers: Property = {
  says: 'With its object only the set is deleted and what the object made, and under Retain nothing; nothing else is written but routing that a drain took.',
  broken: (step) => {
    const { seen, key, before } = step;
    if (!isDeleting(seen)) return undefined;
    const retained = seen.spec.deletionPolicy === 'Retain';
    const wanted = wantedBy(seen);
    return firstWrite(step, ({ verb, region, routing, tags }, replica) => {
      const record = region === undefined ? undefined : drainedIn(seen, region);
      if (!retained && verb === 'PATCH' && tags === undefined && region !== undefined && record !== undefined) {
        return routing !== 'Enabled' || (statedIn(seen, region) ?? record.before) !== 'Enabled';
      }
      const own =
        region !== undefined && (wanted.has(region) || before.made.get(region) === key || isItsOwn(replica, step));
      return verb !== 'DELETE' || retained || !own;
    });
  },
};

/** Whether no read shows the replica yet, and the object has not made it: it cannot know of it. */
function isSecret({ before, key }: Step, region: Region): boolean {
  return before.hidden.has(region) && before.made.get(region) !== key;
}

/** A broken replica may be sent its own settings again. */
const createsOnlyMissing: Property = {
  says: 'A PUT is made only for a region of the set, and never over a replica that can be known to be there and not broken.',
  broken: (step) =>
    firstWrite(step, ({ verb, name, region }, replica) => {
      if (verb !== 'PUT') return false;
      if (region === undefined || !wantedBy(step.seen).has(region)) return true;
      return replica?.name === name && !isBroken(replica) && !isSecret(step, region);
    }),
};

const keepsTags: Property = {
  says: 'No write to a replica that is there takes away or changes a tag that the spec does not name, but for the owner’s.',
  broken: (step) => {
    const { tags = {}, regions } = step.seen.spec;
    return firstWrite(step, ({ verb, name, region, tags: sent }, replica) => {
      // A PUT of another name for the region is refused.
      if (replica?.name !== name || sent === undefined || verb === 'DELETE') return false;
      if (isSecret(step, replica.region)) return false;
      const own = regions.find(({ location }) => location === region)?.tags ?? {};
      return Object.entries(replica.tags).some(
        ([name, value]) => !isStated(name, { ...tags, ...own }) && valueOf(name, sent) !== value,
      );
    });
  },
};

/** Azure ignores the case of a tag's name. */
function valueOf(name: string, tags: Tags): string | undefined {
  return Object.entries(tags).find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1];
}

function isStated(name: string, tags: Tags): boolean {
  return name === 'acr-replication-owner' || name === 'managed-by' || valueOf(name, tags) !== undefined;
}

const readsOnly: Property = {
  says: 'Mode Observe writes nothing to Azure; a suspended object that is not being deleted does not even read.',
  broken: (step) => {
    const { mode, suspend } = step.seen.spec;
    if (suspend === true && !isDeleting(step.seen) && step.calls.length > 0) return 'a call while suspended';
    return mode === 'Observe' ? firstWrite(step, () => true) : undefined;
  },
};

const confirmedWrites: Property = {
  says: 'Every DELETE and every PATCH follows a GET of the same name in the same pass that found the replica.',
  broken: ({ calls }) => {
    const bare = calls.find((call, i) => {
      const asked = calls.slice(0, i).some(({ verb, name, told }) => verb === 'GET' && name === call.name && told);
      return (call.verb === 'DELETE' || call.verb === 'PATCH') && !asked;
    });
    return bare === undefined ? undefined : `${bare.verb} ${bare.name}`;
  },
};

/** In a row: with no edit, no other hand on the replica, and no word from Azure that it is provisioned in between. */
const threeRepairs: Property = {
  says: 'At most three repairs in a row: three deletions of a broken replica, and four creations with the first one.',
  broken: (step) => {
    if (isDeleting(step.seen)) return undefined;
    const tries = step.after.actors.get(step.key)?.tries ?? new Map<Region, never>();
    for (const [region, { creations, deletions }] of tries) {
      if (creations > 4 || deletions > 3) return `${creations} creations, ${deletions} deletions of ${region}`;
    }
    return undefined;
  },
};

const anEditCountsAnew: Property = {
  says: 'Once status speaks of an edit or a request to look, no repair from before it is counted.',
  broken: ({ seen, status }) => {
    const { metadata, status: last } = seen;
    const edited = last?.observedGeneration !== metadata.generation;
    if (!edited || status?.observedGeneration !== metadata.generation) return undefined;
    return status.replicas?.find(({ attempts = 0 }) => attempts > 1)?.location;
  },
};

const guardedFirst: Property = {
  says: 'Nothing is written to Azure before the object has its finalizer, unless its replicas are to be retained.',
  broken: (step) => {
    if (step.seen.spec.deletionPolicy === 'Retain') return undefined;
    return firstWrite(step, ({ newest }) => newest?.metadata.finalizers?.includes(finalizer) !== true);
  },
};

/**
 * Whether neither status nor anything that Azure has shown says who made the replica: its cluster was renamed, or it was
 * made behind the operator's back, and LIST was behind its time.
 */
function isForgotten(region: Region, { seen, key, before, after, told }: Step): boolean {
  const own = ownTag(before, key);
  const entry = seen.status?.replicas?.find(({ location }) => location === region);
  if (entry?.managed === 'Created') return false;
  if (entry === undefined && !told.has(region) && !wantedBy(seen).has(region)) return true; // nobody asks for it
  const replicas = [after.replicas, told].flatMap((shown) => shown.get(region) ?? []);
  return replicas.some((replica) => ownerOf(replica) !== own);
}

/** Whether an Event names what bears somebody else's tag: more cannot be asked. */
function isTold(region: Region, { seen, key, before, after, events }: Step): boolean {
  const replica = after.replicas.get(region);
  const owner = replica === undefined ? undefined : ownerOf(replica);
  const isOwn = owner === ownTag(before, key) || (owner !== undefined && owner === seen.status?.owner);
  return !isOwn && events.some(({ type, note }) => type === 'Warning' && note.includes(region));
}

/** Of what is not listed, prune None gives away all, and what Azure is deleting already is not waited for. */
const leavesNothing: Property = {
  says: 'Under Delete an object that goes leaves nothing behind that it made and that is still there, unless it bears the tag of another, and an Event names it.',
  broken: (step) => {
    const { key, seen, before, after } = step;
    const { mode, deletionPolicy, prune } = seen.spec;
    // Without a finalizer nothing asks the operator.
    if (after.actors.has(key) || !hasFinalizer(seen) || mode === 'Observe' || deletionPolicy === 'Retain')
      return undefined;
    const claimed = step.calls.length === 0 && before.actors.size > 1;
    const wanted = wantedBy(seen);
    const left = [...after.made].find(
      ([region, maker]) =>
        maker === key &&
        step.actor.listed.has(region) && // else no pass before this one has seen that it is the object's
        !isForgotten(region, step) &&
        (wanted.has(region) || (prune !== 'None' && after.replicas.get(region)?.state !== 'Deleting')) &&
        !isTold(region, step),
    );
    const [region] = left ?? [];
    return claimed || region === undefined ? undefined : `${region} ${after.replicas.get(region)?.state}`;
  },
};

/** Whether a pass has written nothing and told nobody anything, here or there. */
function isSilent({ calls, stores, status, events }: Step): boolean {
  return calls.length + stores + events.length === 0 && status === undefined;
}

/** What a pass does that somebody outside can see. */
function deedsOf({ calls, stores, status, events, next }: Step): object {
  return { calls: calls.map(({ verb, name, tags }) => ({ verb, name, tags })), stores, status, events, next };
}

const graphLeadsToNothing: Property = {
  says: 'Whatever Azure Resource Graph shows, however old, a pass writes nothing that the provider’s own answer would not have led to: it ends there, or does what it would have done without.',
  broken: (step) => {
    const { byProvider } = step;
    if (byProvider === undefined || isSilent(step) || isDeepStrictEqual(deedsOf(step), deedsOf(byProvider)))
      return undefined;
    const write = step.calls.find(({ verb }) => isWrite(verb));
    return write === undefined ? 'a look, a status or an Event' : `${write.verb} ${write.name}`;
  },
};

/** What is said of the registry itself, its tier and its home region, is not in what Resource Graph shows of replicas. */
const graphHidesNothing: Property = {
  says: 'Where Azure Resource Graph shows what there is, a pass ends with that only if the provider’s answer would have led to no write either: every drift is found at the first look after its data has come.',
  broken: ({ byProvider, isGraphTrue, calls }) => {
    if (byProvider === undefined || !isGraphTrue || calls.length > 0) return undefined;
    if (byProvider.calls.some(({ verb }) => verb === 'REGISTRY')) return undefined;
    const write = byProvider.calls.find(({ verb }) => isWrite(verb));
    if (write !== undefined) return `${write.verb} ${write.name}`;
    return byProvider.stores > 0 ? 'a write to Kubernetes' : undefined;
  },
};

/** An interval in all worlds. */
const intervalMs = 5 * 60_000;

const graphIsAskedAgain: Property = {
  says: 'A pass that ends with what Azure Resource Graph shows comes back within an interval, and one that waits for its answer within seconds.',
  broken: ({ byProvider, calls, next }) => {
    if (byProvider === undefined || calls.length > 0) return undefined;
    return next.kind === 'look' && next.inMs > 0 && next.inMs <= intervalMs ? undefined : JSON.stringify(next);
  },
};

/** Whether a call takes out of routing what was in it. */
function takesOut({ routing }: Call, replica: Replica | undefined): replica is Replica {
  return routing === 'Disabled' && replica?.routing === 'Enabled';
}

const notedFirst: Property = {
  says: 'Nothing is taken out of routing by a drain before the object’s status has on record what routing was.',
  broken: (step) =>
    firstWrite(step, (call, replica) => {
      if (!takesOut(call, replica) || statedIn(step.seen, replica.region) === 'Disabled') return false;
      return call.newest === undefined || drainedIn(call.newest, replica.region) === undefined;
    }),
};

const drainsWhenDue: Property = {
  says: 'What the spec does not state to be out of routing, and was in it before a drain, is taken out only while one is due.',
  broken: (step) =>
    firstWrite(
      step,
      (call, replica) =>
        takesOut(call, replica) &&
        statedIn(step.seen, replica.region) !== 'Disabled' &&
        drainedIn(step.seen, replica.region)?.before !== 'Disabled' &&
        !isDrainDue(step.seen, replica.region, step.before.now),
    ),
};

function isOfSet(region: Region, { seen, before }: Step): boolean {
  return wantedBy(seen).has(region) || region === before.registry.home;
}

/** What the spec itself states, without any drain, may leave none. What has left the set may be deleted, and does not count. */
const oneStaysRouted: Property = {
  says: 'While there are drains no write takes the last region that serves out of routing.',
  broken: (step) =>
    firstWrite(step, (call, replica) => {
      if (!takesOut(call, replica)) return false;
      const isOtherRouted = [...call.truth.values()].some(
        (other) => other.region !== replica.region && other.routing === 'Enabled' && serves(other),
      );
      if (isOtherRouted) return false;
      const entries = step.seen.status?.replicas ?? [];
      const isDueToDrain = entries.some(({ location, drained }) => {
        const region = location as Region;
        return (
          isOfSet(region, step) &&
          drained !== undefined &&
          (statedIn(step.seen, region) ?? drained.before) === 'Enabled'
        );
      });
      return isDueToDrain || statedIn(step.seen, replica.region) !== 'Disabled';
    }),
};

/** Deleting the object takes its replicas, and what serves nobody is none that is missed. */
const oneStaysThere: Property = {
  says: 'While the object keeps regions out of routing by drains no DELETE, but with the object, takes the last one in routing that serves.',
  broken: (step) =>
    isDeleting(step.seen)
      ? undefined
      : firstWrite(step, ({ verb, truth }, replica) => {
          const isRouted = (one: Replica | undefined) => one?.routing === 'Enabled' && serves(one);
          if (verb !== 'DELETE' || !isRouted(replica)) return false;
          const isOtherRouted = [...truth.values()].some((one) => one.region !== replica?.region && isRouted(one));
          const isTakenOut = (step.seen.status?.replicas ?? []).some(
            ({ location, drained }) =>
              isOfSet(location as Region, step) &&
              truth.get(location as Region)?.routing === 'Disabled' &&
              drained !== undefined &&
              (statedIn(step.seen, location as Region) ?? drained.before) === 'Enabled',
          );
          return isTakenOut && !isOtherRouted;
        }),
};

const lawfulStatus: Property = {
  says: 'Every status written keeps the laws of the conditions.',
  broken: ({ seen, status }) => (status === undefined ? undefined : brokenLaws(seen, status)[0]),
};

export const safety = {
  homeStays,
  noneKeeps,
  ownedKeeps,
  makeBeforeBreak,
  foreignStays,
  healthyStays,
  provisionedStays,
  newestSpec,
  leavesOthers,
  createsOnlyMissing,
  keepsTags,
  readsOnly,
  confirmedWrites,
  threeRepairs,
  anEditCountsAnew,
  guardedFirst,
  leavesNothing,
  graphLeadsToNothing,
  graphHidesNothing,
  graphIsAskedAgain,
  notedFirst,
  drainsWhenDue,
  oneStaysRouted,
  oneStaysThere,
  lawfulStatus,
} as const satisfies Record<string, Property>;

export interface Broken {
  readonly property: string;
  readonly detail: string;
}

const all = Object.entries<Property>(safety);

/** Name and detail of each property that a pass breaks. */
export function brokenBy(step: Step): readonly Broken[] {
  return all.flatMap(([property, { broken }]) => {
    const detail = broken(step);
    return detail === undefined ? [] : [{ property, detail }];
  });
}
