import { finalizer } from '../../../src/api/registryreplication.ts';
import type { Region } from '../../../src/domain/region.ts';
import { ownerOf, type Replica } from '../../../src/domain/replication.ts';
import { brokenLaws } from '../../support/status-laws.ts';
import type { Call } from './azure.ts';
import type { Step } from './pass.ts';
import { home, isBroken, isLeaving, neighbour, serves, wantedBy } from './world.ts';

/** What must be true of every pass, whatever came before it and whatever fails in it. */
export interface Property {
  readonly says: string;
  /** The region, name or law with which a pass breaks it; undefined: it holds. */
  readonly broken: (step: Step) => string | undefined;
}

/** The first write to Azure, carried out or not, of which `wrong` holds. */
function firstWrite(step: Step, wrong: (call: Call, replica: Replica | undefined) => boolean): string | undefined {
  const found = step.calls.find((call) => isWrite(call) && wrong(call, at(call)));
  return found === undefined ? undefined : `${found.verb} ${found.name}`;
}

function isWrite({ verb }: Call): boolean {
  return verb === 'PUT' || verb === 'PATCH' || verb === 'DELETE';
}

/** What was really there. */
function at({ region, truth }: Call): Replica | undefined {
  return region === undefined ? undefined : truth.get(region);
}

/** A deletion of what the spec does not name, by an object that is to stay. */
function isPruning({ verb, region }: Call, { actor }: Step): boolean {
  return verb === 'DELETE' && region !== undefined && !isLeaving(actor) && !wantedBy(actor).has(region);
}

/** The object this replica belongs to is another one, and may still exist. */
function isForeign(replica: Replica | undefined, { key, before }: Step): boolean {
  const owner = replica === undefined ? undefined : ownerOf(replica);
  if (owner === undefined || owner === `test/${key}`) return false;
  if (!owner.startsWith('test/')) return true;
  const holder = owner.slice('test/'.length);
  return holder === neighbour || [...before.actors.keys()].some((other) => other === holder);
}

const homeStays: Property = {
  says: 'The home region is never created and never deleted.',
  broken: (step) => firstWrite(step, ({ verb, region }) => verb !== 'PATCH' && region === home),
};

const noneKeeps: Property = {
  says: 'Under prune None nothing outside the set is deleted.',
  broken: (step) => {
    if (step.actor.object.spec.prune !== 'None') return undefined;
    return firstWrite(step, (call) => isPruning(call, step));
  },
};

const ownedKeeps: Property = {
  says: 'Under prune Owned nothing outside the set is deleted that is not tagged as this object’s and was never listed by it.',
  broken: (step) => {
    if (step.actor.object.spec.prune !== 'Owned') return undefined;
    return firstWrite(step, (call, replica) => {
      const ours = replica !== undefined && ownerOf(replica) === `test/${step.key}`;
      const listed = call.region !== undefined && step.actor.listed.has(call.region);
      return isPruning(call, step) && !ours && !listed;
    });
  },
};

/** Stricter than "that could be had": a region that Azure refuses, that is exhausted or another's holds it up too. */
const makeBeforeBreak: Property = {
  says: 'Nothing outside the set is deleted while a region of it really is missing or broken, for whatever reason.',
  broken: (step) =>
    firstWrite(step, (call) => {
      const missing = [...wantedBy(step.actor)].some((region) => region !== home && !serves(call.truth.get(region)));
      return isPruning(call, step) && missing;
    }),
};

const foreignStays: Property = {
  says: 'A replica tagged by another object that may exist, or by another cluster, is never deleted.',
  broken: (step) => firstWrite(step, ({ verb }, replica) => verb === 'DELETE' && isForeign(replica, step)),
};

const healthyStays: Property = {
  says: 'A replica of the set is deleted only while it is failed or canceled, or with its object.',
  broken: (step) => {
    const wanted = wantedBy(step.actor);
    if (isLeaving(step.actor)) return undefined;
    return firstWrite(
      step,
      ({ verb, region }, replica) =>
        verb === 'DELETE' && region !== undefined && wanted.has(region) && !isBroken(replica),
    );
  },
};

const leavesOthers: Property = {
  says: 'With its object only the set is deleted, and under Retain nothing.',
  broken: (step) => {
    if (!isLeaving(step.actor)) return undefined;
    const retained = step.actor.object.spec.deletionPolicy === 'Retain';
    const wanted = wantedBy(step.actor);
    return firstWrite(
      step,
      ({ verb, region }) => verb !== 'DELETE' || retained || region === undefined || !wanted.has(region),
    );
  },
};

const createsOnlyMissing: Property = {
  says: 'A PUT is made only for a region of the set, and never over a replica that is there.',
  broken: (step) =>
    firstWrite(step, ({ verb, name, region }, replica) => {
      const unwanted = region === undefined || !wantedBy(step.actor).has(region);
      return verb === 'PUT' && (unwanted || replica?.name === name);
    }),
};

const readsOnly: Property = {
  says: 'Mode Observe writes nothing to Azure; a suspended object that is not being deleted does not even read.',
  broken: (step) => {
    const { mode, suspend } = step.actor.object.spec;
    if (suspend === true && !isLeaving(step.actor) && step.calls.length > 0) return 'a call while suspended';
    return mode === 'Observe' ? firstWrite(step, () => true) : undefined;
  },
};

const confirmedDeletes: Property = {
  says: 'Every DELETE follows a GET of the same name in the same pass that found the replica.',
  broken: ({ calls }) => {
    const bare = calls.find((call, i) => {
      const asked = calls.slice(0, i).some(({ verb, name, told }) => verb === 'GET' && name === call.name && told);
      return call.verb === 'DELETE' && !asked;
    });
    return bare === undefined ? undefined : `DELETE ${bare.name}`;
  },
};

/** In a row: with no edit, no other hand on the replica, and no word from Azure that it is provisioned in between. */
const threeRepairs: Property = {
  says: 'At most three repairs in a row: three deletions of a broken replica, and four creations with the first one.',
  broken: (step) => {
    if (isLeaving(step.actor)) return undefined;
    const tries = step.after.actors.get(step.key)?.tries ?? new Map<Region, never>();
    for (const [region, { creations, deletions }] of tries) {
      if (creations > 4 || deletions > 3) return `${creations} creations, ${deletions} deletions of ${region}`;
    }
    return undefined;
  },
};

const anEditCountsAnew: Property = {
  says: 'Once status speaks of an edit or a request to look, no repair from before it is counted.',
  broken: ({ actor, status }) => {
    const { metadata, status: last } = actor.object;
    const edited = last?.observedGeneration !== metadata.generation;
    if (!edited || status?.observedGeneration !== metadata.generation) return undefined;
    return status.replicas?.find(({ attempts = 0 }) => attempts > 1)?.location;
  },
};

const guardedFirst: Property = {
  says: 'Nothing is written to Azure before the object has its finalizer, unless its replicas are to be retained.',
  broken: (step) => {
    if (step.actor.object.spec.deletionPolicy === 'Retain') return undefined;
    return firstWrite(step, ({ stored }) => stored?.metadata.finalizers?.includes(finalizer) !== true);
  },
};

const letsGoLast: Property = {
  says: 'Under Delete an object goes only when no replica that it created is left of its set, but such as are being deleted.',
  broken: (step) => {
    const { key, actor, before, after } = step;
    const { mode, deletionPolicy } = actor.object.spec;
    if (after.actors.has(key) || mode === 'Observe' || deletionPolicy === 'Retain') return undefined;
    const claimed = step.calls.length === 0 && before.actors.size > 1;
    const left = [...after.replicas.values()].find(
      (replica) =>
        wantedBy(actor).has(replica.region) && replica.state !== 'Deleting' && ownerOf(replica) === `test/${key}`,
    );
    return claimed ? undefined : left?.region;
  },
};

const lawfulStatus: Property = {
  says: 'Every status written keeps the laws of the conditions.',
  broken: ({ actor, status }) => (status === undefined ? undefined : brokenLaws(actor.object, status)[0]),
};

export const safety = {
  homeStays,
  noneKeeps,
  ownedKeeps,
  makeBeforeBreak,
  foreignStays,
  healthyStays,
  leavesOthers,
  createsOnlyMissing,
  readsOnly,
  confirmedDeletes,
  threeRepairs,
  anEditCountsAnew,
  guardedFirst,
  letsGoLast,
  lawfulStatus,
} as const satisfies Record<string, Property>;

const all = Object.entries<Property>(safety);

/** Name and detail of the first property that a pass breaks. */
export function brokenBy(step: Step): { readonly property: string; readonly detail: string } | undefined {
  for (const [property, { broken }] of all) {
    const detail = broken(step);
    if (detail !== undefined) return { property, detail };
  }
  return undefined;
}
