import { isDeepStrictEqual } from 'node:util';
import { isDeleting } from '../../api/registryreplication.ts';
import { type Key, keyOf } from '../../domain/key.ts';
import { regionOf } from '../../domain/region.ts';
import { KubeError } from '../../kube/http/error.ts';
import { MapRefusal } from '../../map/reply.ts';
import type { Post } from '../../map/server.ts';
import type { Applied, Draft, Refusal, UndoRequest } from '../../map/wire.ts';
import { kubeProblem } from '../kube-words.ts';
import { gitToolOf } from '../steering/git.ts';
import { sourceOf } from '../steering/git-source.ts';
import { carryOut, changeTo, imagined, pathOf, rehearse, type Stored, versionOf } from './changing.ts';
import { diffOf } from './diff.ts';
import type { PlanDraft } from './draft-plan.ts';
import { echoesOf, listed } from './field-owners.ts';
import { type Entry, entriesFor, manifestOf } from './manifest.ts';
import { type Asked, applyRequest, draftRequest, storedOf, told, writesTimeoutMs } from './requests.ts';

export interface SteeringOptions extends Asked {
  readonly planDraft: PlanDraft;
}

const goingAway: Refusal = { error: 'The object is being deleted: a change of its regions would come to nothing.' };

/** The regions before and after the last apply of an object. */
interface Undoable {
  readonly uid: string;
  readonly before: readonly Entry[];
  readonly after: readonly Entry[];
}

/** What may be posted to the plugin's map, with the rights of who started it. */
export function steeringPosts(options: SteeringOptions): Readonly<Record<string, Post>> {
  const { cluster, planDraft, here } = options;
  const undoable = new Map<Key, Undoable>();

  /** Why the object is not to be changed from here: it goes, or another tool would undo it. */
  async function blockedBy(stored: Stored, signal: AbortSignal): Promise<Refusal | undefined> {
    return isDeleting(stored) ? goingAway : await keptInGit(stored, signal);
  }

  async function keptInGit(stored: Stored, signal: AbortSignal): Promise<Refusal | undefined> {
    const tool = gitToolOf(stored);
    if (tool === undefined) return undefined;
    const source = await sourceOf(cluster, tool.keeper, signal);
    const [where, cure] =
      'says' in source
        ? [
            ` ${source.says}`,
            `Change the manifest there: copy it from here. To change the object here after all: ${tool.pause}`,
          ]
        : ['', `${source.shownBy} shows where its source is: change the manifest there.`];
    return { error: `${tool.name} applies this object and would undo a change made here.${where}`, cure };
  }

  async function draft(body: unknown, signal: AbortSignal): Promise<Draft> {
    const request = draftRequest(body);
    const stored = await storedOf(options, request, signal);
    const { regions } = stored.spec;
    const wanted = entriesFor(regions, request.regions.map(regionOf));
    const refusal = await blockedBy(stored, signal);
    const { result, forbidden } = await rehearsed(stored, wanted, signal);
    const { plan, fears } = await planDraft({ stored, result }, signal);
    const manifest = manifestOf(stored, wanted);
    const { added, removed } = differenceOf(regions, wanted);
    const blocked = refusal ?? forbidden;
    return {
      manifest,
      diff: diffOf(manifestOf(stored, regions), manifest),
      plan,
      fears: [...fears, ...(refusal === undefined ? echoesOf(stored, added, removed) : [])],
      ...(blocked === undefined ? {} : { blocked }),
      version: versionOf(stored),
    };
  }

  /** The object as it would be; for whom may not change it, as far as that can be told. Other refusals are thrown. */
  async function rehearsed(
    stored: Stored,
    wanted: readonly Entry[],
    signal: AbortSignal,
  ): Promise<{ readonly result: Stored; readonly forbidden?: Refusal }> {
    if (isDeepStrictEqual(stored.spec.regions, wanted)) return { result: stored };
    const { namespace, name } = stored.metadata;
    try {
      const change = changeTo(stored, wanted);
      return { result: await rehearse(cluster, pathOf(namespace, name), { stored, change }, signal) };
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 403) throw error;
      const { message, cure } = kubeProblem(error);
      const forbidden = { error: message, ...(cure === undefined ? {} : { cure: here(cure) }) };
      return { result: imagined(stored, wanted), forbidden };
    }
  }

  async function change(stored: Stored, wanted: readonly Entry[], signal: AbortSignal): Promise<readonly string[]> {
    const blocked = await blockedBy(stored, signal);
    if (blocked !== undefined) throw new MapRefusal(409, blocked.error, blocked.cure);
    const { namespace, name, uid } = stored.metadata;
    const { regions: before } = stored.spec;
    const after = await carryOut(
      cluster,
      pathOf(namespace, name),
      { stored, change: changeTo(stored, wanted) },
      AbortSignal.timeout(writesTimeoutMs),
    );
    undoable.set(keyOf(stored), { uid, before, after: after.spec.regions });
    const { added, removed } = differenceOf(before, after.spec.regions);
    return [
      ...(added.length === 0 ? [] : [`${listed(added)} ${are(added)} wanted now.`]),
      ...(removed.length === 0 ? [] : [`${listed(removed)} ${are(removed)} no longer wanted.`]),
      ...echoesOf(stored, added, removed),
    ];
  }

  async function apply(body: unknown, signal: AbortSignal): Promise<Applied> {
    const { version, ...request } = applyRequest(body);
    const stored = await storedOf(options, request, signal);
    if (versionOf(stored) !== version) {
      throw new MapRefusal(409, 'Somebody edited the object since the draft was made.', 'Look at the draft again.');
    }
    const wanted = entriesFor(stored.spec.regions, request.regions.map(regionOf));
    if (isDeepStrictEqual(stored.spec.regions, wanted)) {
      return { said: ['Nothing is changed: the object has these regions already.'], undo: false };
    }
    return { said: await change(stored, wanted, signal), undo: true };
  }

  async function undo(body: unknown, signal: AbortSignal): Promise<Applied> {
    const request: UndoRequest = draftRequest(body);
    const stored = await storedOf(options, request, signal);
    const key = keyOf(stored);
    const last = undoable.get(key);
    if (last === undefined || last.uid !== stored.metadata.uid) {
      throw new MapRefusal(409, 'There is nothing to take back: nothing was applied to this object from here.');
    }
    const isSame = isDeepStrictEqual(stored.spec.regions, last.after);
    if (!isSame) undoable.delete(key);
    if (!isSame || !haveRegions(last.after, request.regions)) {
      throw new MapRefusal(
        409,
        'Somebody changed the regions since: taking back would undo that, too.',
        'Choose the regions that are wanted, and look at the draft.',
      );
    }
    const said = await change(stored, last.before, signal);
    undoable.delete(key);
    return { said, undo: false };
  }

  return { '/api/draft': told(draft, here), '/api/apply': told(apply, here), '/api/undo': told(undo, here) };
}

/** The locations that come and go. */
function differenceOf(before: readonly Entry[], after: readonly Entry[]) {
  const locations = (entries: readonly Entry[]) => new Set(entries.map(({ location }) => location));
  const [old, fresh] = [locations(before), locations(after)];
  return {
    added: [...fresh].filter((location) => !old.has(location)),
    removed: [...old].filter((location) => !fresh.has(location)),
  };
}

/** Whether the entries are of these regions, and of no others. */
function haveRegions(entries: readonly Entry[], regions: readonly string[]): boolean {
  const names = new Set(entries.map(({ location }) => regionOf(location)));
  return isDeepStrictEqual(names, new Set(regions.map(regionOf)));
}

function are(names: readonly string[]): string {
  return names.length === 1 ? 'is' : 'are';
}
