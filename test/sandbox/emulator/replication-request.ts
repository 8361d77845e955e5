import { ERRORS, type Reply } from './errors.ts';
import { isObject } from './json.ts';

/** What a PUT or PATCH of a replication says; members it does not name are absent. */
export interface ReplicationRequest {
  readonly location?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly regionEndpointEnabled?: boolean;
  readonly zoneRedundancy?: 'Enabled' | 'Disabled';
}

/** Unknown members are let pass, wrong types are not. */
export function parseReplication(text: string): ReplicationRequest | Reply {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    return ERRORS.invalidContent(error instanceof Error ? error.message : 'not JSON');
  }
  if (!isObject(body)) return ERRORS.invalidContent('The request body must be an object');
  const { location, tags } = body;
  const properties = body['properties'] ?? {};
  if (!isObject(properties)) return wrong('properties', 'an object');
  const { regionEndpointEnabled, zoneRedundancy } = properties;
  if (location !== undefined && typeof location !== 'string') return wrong('location', 'a string');
  if (tags !== undefined && tags !== null && !isTags(tags)) return wrong('tags', 'an object of strings');
  if (regionEndpointEnabled !== undefined && typeof regionEndpointEnabled !== 'boolean')
    return wrong('properties.regionEndpointEnabled', 'a boolean');
  if (zoneRedundancy !== undefined && zoneRedundancy !== 'Enabled' && zoneRedundancy !== 'Disabled')
    return wrong('properties.zoneRedundancy', 'Enabled or Disabled');
  return {
    ...(location === undefined ? {} : { location }),
    ...(isTags(tags) ? { tags } : {}),
    ...(regionEndpointEnabled === undefined ? {} : { regionEndpointEnabled }),
    ...(zoneRedundancy === undefined ? {} : { zoneRedundancy }),
  };
}

export function isReply(value: object): value is Reply {
  return 'status' in value && typeof value.status === 'number';
}

function isTags(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((v) => typeof v === 'string');
}

function wrong(member: string, expected: string): Reply {
  return ERRORS.invalidContent(`The value of '${member}' must be ${expected}`);
}
