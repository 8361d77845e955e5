import { type Key, keyOf } from '../../domain/key.ts';
import { plainText } from '../../domain/text.ts';
import { isNotFound, KubeError } from '../../kube/http/error.ts';
import { MapRefusal } from '../../map/reply.ts';
import type { Post } from '../../map/server.ts';
import type { ApplyRequest, DraftRequest, DrainRequest, UndrainRequest } from '../../map/wire.ts';
import type { Cluster } from '../cluster.ts';
import { Problem } from '../command.ts';
import { kubeProblem } from '../kube-words.ts';
import { fieldsOf } from '../plan/applying.ts';
import { pathOf, readStored, type Stored } from './changing.ts';

/** Who is asked for what the page posts. */
export interface Asked {
  readonly cluster: Pick<Cluster, 'client'>;
  /** Whether the map shows the object: others are not steered. */
  readonly isShown: (key: Key) => boolean;
  /** A command line as it is to be pasted. */
  readonly here: (line: string) => string;
}

/** How long the writes of a change may take. They are not ended with the page that asked: half of them would stay. */
export const writesTimeoutMs = 60_000;

/** The object that is asked about, as it is stored. One GET; throws a MapRefusal. */
export async function storedOf(
  { cluster, isShown }: Pick<Asked, 'cluster' | 'isShown'>,
  { namespace, name }: Named,
  signal: AbortSignal,
): Promise<Stored> {
  const key = keyOf({ metadata: { namespace, name } });
  if (!isShown(key)) throw new MapRefusal(404, `There is no RegistryReplication ${key}.`);
  return await readStored(cluster, pathOf(namespace, name), signal);
}

/** The same, whose refusals are told as the command line tells them. */
export function told(post: Post, here: Asked['here']): Post {
  return async (body, signal) => {
    try {
      return await post(body, signal);
    } catch (error) {
      throw refusalFor(error, here);
    }
  };
}

function refusalFor(error: unknown, here: Asked['here']): unknown {
  const placed = (cure: string | undefined) => (cure === undefined ? undefined : here(cure));
  if (error instanceof Problem) return new MapRefusal(422, error.message, placed(error.cure));
  if (!(error instanceof KubeError)) return error;
  if (isNotFound(error)) return new MapRefusal(404, 'The object is gone.');
  const { message, cure } = kubeProblem(error);
  return new MapRefusal(error.status >= 400 ? error.status : 502, message, placed(cure));
}

type Named = Pick<UndrainRequest, 'namespace' | 'name'>;

function named(body: unknown): Named {
  const { namespace, name } = fieldsOf(body);
  if (!isName(namespace) || !isName(name)) throw new MapRefusal(400, 'namespace and name are names of Kubernetes.');
  return { namespace, name };
}

/** More regions than any object may have. */
const mostRegions = 100;

export function draftRequest(body: unknown): DraftRequest {
  const { regions } = fieldsOf(body);
  const object = named(body);
  const isList = Array.isArray(regions) && regions.length <= mostRegions;
  if (!isList || !regions.every(isRegion)) {
    throw new MapRefusal(400, `regions is a list of at most ${mostRegions} names of regions.`);
  }
  return { ...object, regions };
}

export function applyRequest(body: unknown): ApplyRequest {
  const { version } = fieldsOf(body);
  if (typeof version !== 'string') throw new MapRefusal(400, 'version is that of a draft.');
  return { ...draftRequest(body), version: plainText(version, 200) };
}

export function drainRequest(body: unknown): DrainRequest {
  const { for: length, reason } = fieldsOf(body);
  const request = undrainRequest(body);
  if (typeof length !== 'string' || length.length > 40) throw new MapRefusal(400, 'for is a duration such as 2h.');
  if (typeof reason !== 'string' || reason.trim() === '') {
    throw new MapRefusal(400, 'Say why: somebody will find the region drained.');
  }
  return { ...request, for: length, reason: reason.trim() };
}

export function undrainRequest(body: unknown): UndrainRequest {
  const { region } = fieldsOf(body);
  const object = named(body);
  if (!isRegion(region)) throw new MapRefusal(400, 'region is the name of a region.');
  return { ...object, region };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(value);
}

function isRegion(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9 ]{1,60}$/.test(value);
}
