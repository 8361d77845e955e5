import type { Switch, Tags } from '../../domain/replication.ts';

/** A setting that a file writes as true or false; anything else is not said. */
export function switchOf(value: unknown): Switch | undefined {
  return typeof value === 'boolean' ? (value ? 'Enabled' : 'Disabled') : undefined;
}

/** A setting that a file writes as Azure does. */
export function zoneRedundancyOf(value: unknown): Switch | undefined {
  return value === 'Enabled' || value === 'Disabled' ? value : undefined;
}

/** Tags with the values that are texts; none where there is no object. */
export function tagsOf(value: unknown): Tags {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

export function textOrNone(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
