import type { Status } from '../../../src/api/registryreplication.ts';

const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** The same status with all that it says of replicas so much longer ago, as if nobody had looked meanwhile. */
export function older(status: Status, ms: number): Status {
  return { ...status, ...(status.replicas === undefined ? {} : { replicas: shifted(status.replicas, ms) }) };
}

/** Whether a pass that had read the status `before` it was changed to `meant` has written what it knew. */
export function isOverwritten(after: Status, before: Status, meant: Status): boolean {
  const sinceIn = ({ replicas = [] }: Status) => new Map(replicas.map(({ location, since }) => [location, since]));
  const [now, then, wished] = [sinceIn(after), sinceIn(before), sinceIn(meant)];
  const isOld = [...now].some(([region, since]) => since === then.get(region) && since !== wished.get(region));
  return isOld || (meant.owner !== before.owner && after.owner === before.owner);
}

function shifted<T>(value: T, ms: number): T {
  if (typeof value === 'string')
    return (moment.test(value) ? `${new Date(Date.parse(value) - ms).toISOString().slice(0, 19)}Z` : value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => shifted(item, ms)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shifted(member, ms)])) as T;
}
