import { type Failure, failed, type Outcome, ok } from '../../domain/failure.ts';
import type { RegistryRef } from '../../domain/replication.ts';
import { type Azure, signedIn } from '../azure.ts';
import { adviceOf, answered, listed } from '../azure-answer.ts';
import { type Call, misused, Problem } from '../command.ts';
import { type Found, manifestOf } from '../import/manifest.ts';
import { registryOfId } from '../import/registry-id.ts';
import { cured, told } from '../output/told.ts';
import { subscriptionOf } from '../subscription.ts';

const apiVersion = '2025-11-01';
/** How many registries are read at once. */
const atOnce = 8;

/** Exit code 1 when a registry could not be read; those that could are printed. */
export async function run(call: Call): Promise<number> {
  const { text, terminal, env, signal } = call;
  const wanted = wantedOf(call);
  const azure = await signedIn(env, signal);
  const refs = 'ref' in wanted ? [wanted.ref] : await registriesIn(azure, wanted, call);
  const manifests: string[] = [];
  const failures: Failure[] = [];
  for (let i = 0; i < refs.length; i += atOnce) {
    const found = await Promise.all(refs.slice(i, i + atOnce).map((ref) => find(azure, ref, signal)));
    for (const outcome of found) {
      if (outcome.ok) manifests.push(manifestOf(outcome.value, text('namespace')));
      else failures.push(outcome.failure);
    }
  }
  terminal.out(manifests.join('---\n'));
  const [first] = failures;
  if (first !== undefined && failures.length === refs.length) answered(failed(first));
  for (const failure of failures) {
    terminal.err(told(terminal, failure.message, 'error:'));
    terminal.err(cured(terminal, adviceOf(failure)));
  }
  return failures.length === 0 ? 0 : 1;
}

type Wanted = { readonly ref: RegistryRef } | { readonly subscription: string; readonly name: string | undefined };

/** What the options ask for; sends nothing. */
function wantedOf({ text, env, typed }: Call): Wanted {
  const help = 'kubectl acr-replication import --help';
  const [registry, group] = [text('registry'), text('resource-group')];
  const byId = registry === undefined ? undefined : registryOfId(registry);
  if (byId !== undefined) return { ref: byId };
  if (registry !== undefined && !/^[a-z0-9]+$/i.test(registry)) {
    throw new Problem(
      `${registry} is neither the name nor the resource id of a registry`,
      /^[a-z0-9]+\./i.test(registry) ? `${typed} --registry ${registry.split('.')[0]}` : 'az acr list --query "[].id"',
      misused,
    );
  }
  if (registry === undefined && group !== undefined) throw new Problem('-g needs --registry', help, misused);
  if (registry === undefined && text('subscription') === undefined) {
    throw new Problem('import needs --registry, or --subscription for all registries', help, misused);
  }
  const subscriptionId = subscriptionOf({ text, env, typed });
  if (registry !== undefined && group !== undefined) {
    return { ref: { subscriptionId, resourceGroup: group, name: registry } };
  }
  return { subscription: subscriptionId, name: registry };
}

/** The registry of that name, or all Premium ones, sorted. Throws a Problem when there is none. */
async function registriesIn(
  azure: Azure,
  { subscription, name }: { readonly subscription: string; readonly name: string | undefined },
  { terminal, signal }: Call,
): Promise<readonly RegistryRef[]> {
  const path = `/subscriptions/${subscription}/providers/Microsoft.ContainerRegistry/registries`;
  const entries = await listed(azure, path, apiVersion, signal);
  const all = entries.flatMap((entry) => {
    const { id = '', sku } = entry as { readonly id?: string; readonly sku?: { readonly name?: string } };
    const ref = registryOfId(id);
    return ref === undefined ? [] : [{ ref, isPremium: sku?.name === 'Premium' }];
  });
  const named = all.filter(({ ref }) => ref.name.toLowerCase() === name?.toLowerCase());
  if (name !== undefined && named.length === 0) {
    throw new Problem(`there is no registry ${name} in subscription ${subscription}`, 'az acr list --output table');
  }
  if (name !== undefined) return named.map(({ ref }) => ref);
  const premium = all.filter(({ isPremium }) => isPremium).map(({ ref }) => ref);
  const rest = all.length - premium.length;
  if (rest > 0) terminal.err(`${rest} of ${all.length} registries are not Premium and have no replicas.\n`);
  if (premium.length === 0) {
    throw new Problem(`there is no Premium registry in subscription ${subscription}`, 'az acr list --output table');
  }
  const sortedBy = ({ resourceGroup, name: own }: RegistryRef) => `${resourceGroup}/${own}`.toLowerCase();
  return premium.sort((a, b) => (sortedBy(a) < sortedBy(b) ? -1 : 1));
}

/** One registry as it is: two or three GETs. */
async function find({ replications }: Azure, ref: RegistryRef, signal: AbortSignal): Promise<Outcome<Found>> {
  const observed = await replications.observe(ref, undefined, signal);
  if (!observed.ok) return observed;
  const actual = observed.value;
  // As Azure spells it, whatever was typed: equal bytes.
  return ok({ ref: registryOfId(actual.registry.id) ?? ref, actual });
}
