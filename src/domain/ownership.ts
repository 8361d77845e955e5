import type { Remembered } from './memory.ts';
import { ownerOf, type Replica } from './replication.ts';
import { plainText } from './text.ts';

/** To whom replicas belong, as an object sees it. */
export interface Ownership {
  /** The owner tag of this object: `<cluster>/<namespace>/<name>`. */
  readonly tag: string;
  /** Whether an owner tag is one that this object's replicas had before the cluster was renamed. */
  readonly wasOwn: (tag: string) => boolean;
  /** Whether the object that another owner tag names may still manage the registry. */
  readonly isAlive: (tag: string) => boolean;
}

/**
 * Whether a replica is one that this object created: by its tag, or by a tag from before the cluster was renamed on a
 * replica that status says was created by this object.
 */
export function isOwn(replica: Replica, owner: Ownership, before: Remembered | undefined): boolean {
  const tag = ownerOf(replica);
  if (tag === owner.tag) return true;
  return before?.managed === 'Created' && (tag === undefined || owner.wasOwn(tag));
}

/** Whether the owner tag itself says that this object created the replica. */
export function isTaggedOwn(replica: Replica, owner: Ownership, before: Remembered | undefined): boolean {
  return ownerOf(replica) !== undefined && isOwn(replica, owner, before);
}

/** Whether an own replica bears the owner tag from before the cluster was renamed. */
export function isTaggedAsBefore(replica: Replica, owner: Ownership, before: Remembered | undefined): boolean {
  const tag = ownerOf(replica);
  return tag !== undefined && tag !== owner.tag && isOwn(replica, owner, before);
}

/** The living owner of a replica that is not this object's to change, as people may read it; undefined when there is none. */
export function strangerOwning(replica: Replica, owner: Ownership, before: Remembered | undefined): string | undefined {
  const tag = ownerOf(replica);
  if (tag === undefined || isOwn(replica, owner, before) || !owner.isAlive(tag)) return undefined;
  return plainText(tag, 512);
}
