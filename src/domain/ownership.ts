import { ownerOf, type Replica } from './replication.ts';

/** To whom replicas belong, as an object sees it. */
export interface Ownership {
  /** The owner tag of this object: `<cluster>/<namespace>/<name>`. */
  readonly tag: string;
  /** Whether the object that another owner tag names may still exist. */
  readonly isAlive: (tag: string) => boolean;
}

/** The living owner of a replica that is not this object's to delete; undefined when there is none. */
export function strangerOwning(replica: Replica, { tag, isAlive }: Ownership): string | undefined {
  const owner = ownerOf(replica);
  return owner === undefined || owner === tag || !isAlive(owner) ? undefined : owner;
}
