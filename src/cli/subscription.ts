import { type Call, misused, type Option, Problem } from './command.ts';
import { isSubscriptionId } from './import/registry-id.ts';

export const subscriptionOption: Option = {
  name: 'subscription',
  value: 'ID',
  says: 'The Azure subscription. Default: AZURE_SUBSCRIPTION_ID.',
};

/** The subscription of --subscription, AZURE_SUBSCRIPTION_ID or else `known`, in lower case. */
export function subscriptionOf({ text, env, typed }: Pick<Call, 'text' | 'env' | 'typed'>, known?: string): string {
  const given = text('subscription') ?? (env['AZURE_SUBSCRIPTION_ID'] || known);
  if (given !== undefined && isSubscriptionId(given)) return given.toLowerCase();
  const wrong = given === undefined ? 'no Azure subscription is given' : `${given} is not the id of a subscription`;
  const cure = `${typed} --subscription "$(az account show --query id --output tsv)"`;
  throw new Problem(wrong, cure, misused);
}
