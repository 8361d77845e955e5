import type { Answer } from './world.ts';

const registry = "The Resource 'Microsoft.ContainerRegistry/registries/contoso' under resource group 'registries'";

/** What Azure, or the way to it, can say to any call. Codes and texts are Azure's own. */
export const answers = {
  timeout: {},
  throttled: { status: 429, code: 'TooManyRequests', message: 'Wait.' },
  locked: {
    status: 409,
    code: 'ScopeLocked',
    message: "The scope 'x' cannot perform write operation because following scope(s) are locked: 'x'.",
  },
  rejected: { status: 400, code: 'BadRequest', message: 'No.' },
  forbidden: { status: 403, code: 'AuthorizationFailed', message: 'The client has no authorization.' },
} as const satisfies Record<string, Answer>;

/** Answers of status 404 about what is there: none proves that a replica is gone. */
export const lies = {
  noRegistry: { status: 404, code: 'ResourceNotFound', message: `${registry} was not found.` },
  noSubscription: { status: 404, code: 'SubscriptionNotFound', message: "The subscription 's' could not be found." },
  nothing: { status: 404 },
  registryGone: { status: 404, code: 'RegistryNotFound', message: 'The registry could not be found.' },
  noNamespace: {
    status: 404,
    code: 'InvalidResourceNamespace',
    message: "The resource namespace 'Microsoft.ContainerRegistry' is invalid.",
  },
} as const satisfies Record<string, Answer>;

/** The lies that last until somebody changes something; Azure tells the others for less than a minute. */
export const lastingLies = [lies.noSubscription, lies.nothing, lies.registryGone, lies.noNamespace] as const;
