import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import type { ArmClient } from '../../../src/azure/wire/client.ts';
import type { Region } from '../../../src/domain/region.ts';
import type { Replica, Switch, Tags } from '../../../src/domain/replication.ts';
import { registry } from '../../support/builders.ts';
import type { Answer, World } from './world.ts';

/** What is asked of Azure, one call each. An answer that is an error is thrown. */
export interface Arm {
  readonly registry: () => Promise<World['registry']>;
  readonly list: () => Promise<readonly Replica[]>;
  readonly get: (name: string) => Promise<Replica>;
  readonly put: (name: string, region: Region, settings: Settings) => Promise<Replica>;
  readonly patch: (name: string, settings: Settings) => Promise<Replica>;
  readonly remove: (name: string) => Promise<void>;
}

/** The settings in a body; what is undefined was not sent. */
export interface Settings {
  readonly tags: Tags | undefined;
  readonly routing: Switch | undefined;
  readonly zoneRedundancy: Switch | undefined;
}

/** A body of the SDK's: what a PUT or a PATCH sends. */
interface Body {
  readonly location?: string;
  readonly tags?: Tags;
  readonly regionEndpointEnabled?: boolean;
  readonly zoneRedundancy?: Switch;
}

/**
 * The SDK's client in front of `arm`, so that all of src/azure runs as it is, classification of errors included. Nothing
 * of HTTP is gone through: that would take a thousand times as long.
 */
export function armClient(arm: Arm): ArmClient {
  const accepted = (answer: () => Promise<unknown>, options: { readonly onResponse?: (response: object) => void }) => ({
    submitted: async () => {
      const parsedBody = await answer();
      options.onResponse?.({ parsedBody, headers: new Headers() });
    },
  });
  const client = {
    registries: {
      get: async () => {
        const { home, sku } = await arm.registry();
        const { id, loginServer } = registry();
        return { id, loginServer, location: home, sku: { name: sku } };
      },
    },
    replications: {
      list: () => ({
        async *byPage() {
          yield (await arm.list()).map((replica) => ({ ...propertiesOf(replica), ...envelopeOf(replica) }));
        },
      }),
      get: async (_group: string, _registry: string, name: string) => {
        const replica = await arm.get(name);
        return { ...propertiesOf(replica), ...envelopeOf(replica) };
      },
      create: (_group: string, _registry: string, name: string, body: Body, options: object) =>
        accepted(async () => onWire(await arm.put(name, body.location as Region, settingsIn(body))), options),
      update: (_group: string, _registry: string, name: string, body: Body, options: object) =>
        accepted(async () => onWire(await arm.patch(name, settingsIn(body))), options),
      delete: (_group: string, _registry: string, name: string, options: object) =>
        accepted(() => arm.remove(name), options),
    },
  };
  return client as unknown as ArmClient;
}

function settingsIn({ tags, regionEndpointEnabled, zoneRedundancy }: Body): Settings {
  const routing = regionEndpointEnabled === undefined ? undefined : regionEndpointEnabled ? 'Enabled' : 'Disabled';
  return { tags, routing, zoneRedundancy };
}

function envelopeOf({ name, region, tags }: Replica): object {
  return { name, location: region, tags };
}

function propertiesOf({ state, status, routing, zoneRedundancy }: Replica): object {
  return {
    provisioningState: state,
    status: { displayStatus: status },
    regionEndpointEnabled: routing === 'Enabled',
    zoneRedundancy,
  };
}

/** A replica as ARM's own body has it, with the properties one level deeper than in the SDK's. */
function onWire(replica: Replica): object {
  return { ...envelopeOf(replica), properties: propertiesOf(replica) };
}

const request = createPipelineRequest({ url: 'https://management.azure.com/' });
const headers = createHttpHeaders();

/** What the SDK throws for such an answer. */
export function errorOf({ status, code, message = '' }: Answer): Error {
  if (status === undefined) return new RestError('no answer', { code: 'ETIMEDOUT', request });
  const bodyAsText = code === undefined ? '' : JSON.stringify({ error: { code, message } });
  const response = { status, headers, request, bodyAsText };
  return new RestError(message, { statusCode: status, request, response, ...(code === undefined ? {} : { code }) });
}
