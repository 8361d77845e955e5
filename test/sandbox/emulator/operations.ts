import type { Azure } from './azure.ts';
import { operationBody, registryId } from './bodies.ts';
import type { AuthorisedCall } from './call.ts';
import { ERRORS, type Reply } from './errors.ts';
import { type Operation, past, type Registry, type Replica } from './model.ts';
import { guidFrom } from './random.ts';

/** Starts an operation; faults may change how it goes. Nothing runs: its end is a moment on the clock. */
export function begin(
  azure: Azure,
  call: AuthorisedCall,
  registry: Registry,
  replica: Replica,
  kind: Operation['kind'],
  before?: NonNullable<Operation['before']>,
): Operation {
  const { times, random, store, faults } = azure;
  const lasts = { create: times.operationMs, update: times.updateMs, delete: times.deleteMs }[kind];
  const endsAt = call.now + Math.round(lasts * (1 + times.jitter * random()));
  const operation: Operation = {
    id: `replications-${guidFrom(random)}`,
    kind,
    subscriptionId: registry.subscriptionId,
    registry: registry.name,
    replica: replica.name,
    location: replica.location,
    startedAt: call.now,
    endsAt,
    outcome: { kind: 'succeeds' },
    ...(before === undefined ? {} : { before }),
  };
  if (kind === 'create') Object.assign(replica, { statusAt: endsAt, readyAt: endsAt + times.syncMs });
  replica.operation = operation;
  faults.start(call, { operation, replica });
  store.addOperation(operation);
  return operation;
}

/**
 * Creates and updates are polled below the replica, deletes at the subscription in the replica's region. [recording]
 */
export function operationPath(
  operation: Operation,
  registry: Registry | undefined,
): { readonly header: string; readonly path: string } {
  const { kind, subscriptionId, location, replica, id } = operation;
  if (kind === 'delete' || registry === undefined)
    return {
      header: 'Location',
      path: `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerRegistry/locations/${location}/operationResults/${id}`,
    };
  return {
    header: 'Azure-AsyncOperation',
    path: `${registryId(registry)}/replications/${replica}/operationStatuses/${id}`,
  };
}

/** `…/operationStatuses/{id}`: always 200, with a renewed URL. */
export function operationStatus(azure: Azure, call: AuthorisedCall): Reply {
  const operation = azure.store.operation(call.names.operation ?? '');
  if (!azure.urls.valid(call.path, call.query)) return ERRORS.badSignature();
  if (operation === undefined || operation.kind === 'delete')
    return ERRORS.operationUnknown(call.names.operation ?? '');
  return {
    status: 200,
    headers: renewed(azure, call, 'Azure-AsyncOperation', !past(operation.endsAt, call.now)),
    body: operationBody(operation, call.now),
  };
}

/**
 * `…/operationResults/{id}`: 202 with a renewed URL while it runs, then what the delete came to: 200 without a body.
 */
export function operationResult(azure: Azure, call: AuthorisedCall): Reply {
  const operation = azure.store.operation(call.names.operation ?? '');
  if (!azure.urls.valid(call.path, call.query)) return ERRORS.badSignature();
  if (operation === undefined || operation.kind !== 'delete')
    return ERRORS.operationUnknown(call.names.operation ?? '');
  if (!past(operation.endsAt, call.now)) return { status: 202, headers: renewed(azure, call, 'Location', true) };
  const { outcome } = operation;
  if (outcome.kind === 'succeeds') return { status: 200 };
  const { code, message } =
    outcome.kind === 'canceled' ? { code: 'OperationCanceled', message: 'The operation was canceled.' } : outcome;
  return { status: 409, body: { error: { code, message } } };
}

function renewed(azure: Azure, call: AuthorisedCall, header: string, runs: boolean): Record<string, string> {
  const url = azure.urls.sign(azure.origin, call.path, call.query.get('api-version') ?? '', call.now);
  return {
    [header]: url,
    ...(runs && azure.retryAfterSeconds !== undefined ? { 'retry-after': `${azure.retryAfterSeconds}` } : {}),
  };
}
