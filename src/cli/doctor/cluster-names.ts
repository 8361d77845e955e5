import type { Key } from '../../domain/key.ts';
import type { Region } from '../../domain/region.ts';
import { ownerOf, type Replica } from '../../domain/replication.ts';
import { type Check, warning } from './finding.ts';

/** Who made a replica, and when, as Azure keeps it (systemData). */
export interface Making {
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

/** What this cluster knows of itself and of one of its objects. */
export interface Own {
  /** Undefined: it is not known. */
  readonly clusterName: string | undefined;
  readonly key: Key;
  /** When the object was made, ISO 8601. */
  readonly since: string;
  /** Whether there is an object; undefined: it cannot be told. */
  readonly hasObject: (namespace: string, name: string) => boolean | undefined;
  /** The command that gives this cluster another name. */
  readonly rename: string;
}

/** How owner tags stand to this cluster. */
export interface TaggedReplicas {
  /** Of an object that this cluster does not have, although the tag has its name. */
  readonly absent: readonly Replica[];
  /** Of an object of another cluster, or of another object here. */
  readonly others: readonly Replica[];
  /** Of the object itself. */
  readonly own: readonly Replica[];
}

export function taggedReplicas(replicas: Iterable<Replica>, { clusterName, key, hasObject }: Own): TaggedReplicas {
  const kindOf = (replica: Replica): keyof TaggedReplicas | undefined => {
    const tag = ownerOf(replica);
    if (tag === undefined || clusterName === undefined) return undefined;
    if (tag === `${clusterName}/${key}`) return 'own';
    const [cluster, namespace = '', name = ''] = tag.split('/');
    return cluster === clusterName && hasObject(namespace, name) === false ? 'absent' : 'others';
  };
  const { absent = [], others = [], own = [] } = Object.groupBy(replicas, (one) => kindOf(one) ?? 'untagged');
  return { absent, others, own };
}

/** The clocks of Azure and of the API server differ. */
const skewMs = 60_000;

/**
 * Signs that another cluster bears this one's CLUSTER_NAME. No sign is a proof, and two such clusters whose objects have
 * one name and one set of regions leave none at all: the tag is all that Azure keeps of an owner.
 *
 * - A tag with this cluster's name is of an object that is not here. The operator takes its owner for gone.
 * - A replica with the tag of the object is older than the object: one of the same name made it, here or there.
 * - Replicas with the tag of the object were made by several identities.
 */
export function clusterNameChecks(
  { absent, own }: TaggedReplicas,
  making: ReadonlyMap<Region, Making>,
  { clusterName, since, rename }: Own,
): readonly Check[] {
  const twin = `another cluster has the CLUSTER_NAME ${clusterName} too`;
  const checks: Check[] = [];
  if (absent.length > 0) {
    const named = absent.map((replica) => `${replica.region} (${ownerOf(replica)})`).sort();
    checks.push(warning(`made by an object that is not here: ${named.join(', ')}; it was deleted, or ${twin}`, rename));
  }
  const made = own.flatMap(({ region }) => {
    const how = making.get(region);
    return how === undefined ? [] : [{ region, ...how }];
  });
  const older = made.filter(({ at }) => Date.parse(at) < Date.parse(since) - skewMs).map(({ region }) => region);
  if (older.length > 0) {
    checks.push(
      warning(
        `older than this object and tagged as its own: ${older.sort().join(', ')}; an earlier object of this name made it, or ${twin}`,
        rename,
      ),
    );
  }
  const makers = [...new Set(made.flatMap(({ by }) => (by === '' ? [] : [by])))].sort();
  if (makers.length > 1) {
    checks.push(
      warning(
        `tagged as this object's and made by ${makers.length} identities (${makers.join(', ')}): the operator's has changed, or ${twin}`,
        rename,
      ),
    );
  }
  return checks;
}
