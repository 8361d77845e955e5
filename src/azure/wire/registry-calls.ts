import type {
  RegistriesGetOptionalParams,
  ReplicationsCreateOptionalParams,
  ReplicationsDeleteOptionalParams,
} from '@azure/arm-containerregistry';
import type { Change, NewReplica, RegistryRef, Switch } from '../../domain/replication.ts';
import type { ClientFor } from './client.ts';

/** The requests about one registry. Answers come unparsed, and errors are thrown as the SDK has them. */
export interface RegistryCalls {
  /** One GET. */
  getRegistry(signal: AbortSignal): Promise<unknown>;
  /** One GET in the preview version of the API, with the body as ARM sent it. */
  getRegistryPreview(signal: AbortSignal): Promise<unknown>;
  /** One GET for each page that is asked for. */
  replicationPages(signal: AbortSignal): AsyncIterator<readonly unknown[]>;
  /** One GET. */
  getReplication(name: string, signal: AbortSignal): Promise<unknown>;
  /** One PUT. Resolves when ARM accepts, with what `read` makes of the body of ARM's answer. */
  putReplication<T>(replica: NewReplica, read: BodyReader<T>, signal: AbortSignal): Promise<T | undefined>;
  /** One PATCH. Resolves when ARM accepts, with what `read` makes of the body of ARM's answer. */
  patchReplication<T>(name: string, change: Change, read: BodyReader<T>, signal: AbortSignal): Promise<T | undefined>;
  /** One DELETE. Resolves when it is accepted; `page`: by something in between, which answered with an HTML page. */
  deleteReplication(name: string, signal: AbortSignal): Promise<'accepted' | 'page'>;
}

/** Gives undefined for a body that holds something else. */
export type BodyReader<T> = (body: unknown) => T | undefined;

/** The requests in one context, which Azure's activity log names by the correlation id. */
export function registryCalls(
  clientFor: ClientFor,
  correlationId: string | undefined,
): (ref: RegistryRef) => RegistryCalls {
  // ARM takes the id over into the activity log, as it does Terraform's:
  // pull request 3253 of hashicorp/terraform-provider-azurerm.
  const headers = correlationId === undefined ? {} : { 'x-ms-correlation-request-id': correlationId };
  const options = (abortSignal: AbortSignal) => ({ abortSignal, requestOptions: { headers } });
  return ({ subscriptionId, resourceGroup, name: registryName }) => {
    const { registries, previews, replications } = clientFor(subscriptionId);
    return {
      getRegistry: (signal) => registries.get(resourceGroup, registryName, options(signal)),
      async getRegistryPreview(signal) {
        let body: unknown;
        const onResponse: RegistriesGetOptionalParams['onResponse'] = ({ parsedBody }) => {
          body = parsedBody;
        };
        await previews.get(resourceGroup, registryName, { ...options(signal), onResponse });
        return body; // the SDK drops what its own version of the API does not have
      },
      replicationPages: (signal) => replications.list(resourceGroup, registryName, options(signal)).byPage(),
      getReplication: (name, signal) => replications.get(resourceGroup, registryName, name, options(signal)),
      putReplication({ region, name, tags, routing, zoneRedundancy }, read, signal) {
        const replication = {
          location: region,
          tags: { ...tags },
          ...regionEndpoint(routing),
          ...(zoneRedundancy === undefined ? {} : { zoneRedundancy }),
        };
        return acceptedBody(read, (onResponse) =>
          replications.create(resourceGroup, registryName, name, replication, { ...options(signal), onResponse }),
        );
      },
      patchReplication(name, { routing, tags }, read, signal) {
        const change = { ...regionEndpoint(routing), ...(tags === undefined ? {} : { tags: { ...tags } }) };
        return acceptedBody(read, (onResponse) =>
          replications.update(resourceGroup, registryName, name, change, { ...options(signal), onResponse }),
        );
      },
      async deleteReplication(name, signal) {
        let type = '';
        const onResponse: ReplicationsDeleteOptionalParams['onResponse'] = ({ headers }) => {
          type = headers.get('content-type') ?? '';
        };
        await replications.delete(resourceGroup, registryName, name, { ...options(signal), onResponse }).submitted();
        return /html/i.test(type) ? 'page' : 'accepted';
      },
    };
  };
}

function regionEndpoint(routing: Switch | undefined): { readonly regionEndpointEnabled?: boolean } {
  return routing === undefined ? {} : { regionEndpointEnabled: routing === 'Enabled' };
}

/**
 * Starts an operation and reads the body of ARM's first answer, without waiting for the operation's end. A body that
 * can be read counts even where the SDK takes the state in it for an error.
 */
async function acceptedBody<T>(
  read: BodyReader<T>,
  start: (onResponse: NonNullable<ReplicationsCreateOptionalParams['onResponse']>) => { submitted(): Promise<void> },
): Promise<T | undefined> {
  let body: unknown;
  try {
    const poller = start((response) => {
      body = response.parsedBody;
    });
    await poller.submitted(); // returning the poller would wait for the end: it is a thenable
  } catch (error) {
    const value = read(body);
    if (value === undefined) throw error;
    return value;
  }
  return read(body);
}
