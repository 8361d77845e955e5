import { nearest } from '../../domain/nearest.ts';
import { type Call, misused, Problem } from '../command.ts';
import { standardInput } from '../convert/again.ts';
import { parsed, textOf } from '../convert/arm/expression.ts';
import type { Parameters } from '../convert/arm/scope.ts';
import { type Given, registriesOf } from '../convert/declared.ts';
import { parametersIn, readFile } from '../convert/documents.ts';
import { lettingGo } from '../convert/letting-go.ts';
import { convertedOf } from '../convert/manifest.ts';
import { filesIn, textBehind, textIn } from '../files.ts';
import { registryOfId } from '../import/registry-id.ts';
import { subscriptionOf } from '../subscription.ts';

const help = 'kubectl acr-replication convert --help';

export async function run(call: Call): Promise<number> {
  const { text, texts, terminal } = call;
  const paths = texts('filename');
  if (paths.length === 0) throw new Problem('convert needs -f FILE', help, misused);
  const given = givenBy(call);
  const settings = settingsOf(texts('set'), texts('parameters'));
  const known = given.registry;
  const place = {
    subscriptionId: known?.subscriptionId ?? subscriptionIfGiven(call),
    resourceGroup: known?.resourceGroup ?? given.resourceGroup,
  };
  const readings: ReturnType<typeof readFile>[] = [];
  for (const path of paths.flatMap(filesIn)) {
    readings.push(readFile(path === '-' ? standardInput : path, await textBehind(path), { place, ...settings }));
  }
  refuseUnknown(
    texts('set'),
    readings.flatMap(({ parameters = [] }) => parameters),
  );
  const registries = registriesOf(
    readings.flatMap((reading) => reading.registries),
    given,
  );
  const converted = registries.map((registry) => convertedOf(registry, text('namespace')));
  const notes = [...readings.flatMap((reading) => reading.notes), ...converted.flatMap((one) => one.notes)];
  for (const note of notes) terminal.err(`${terminal.paint('busy', 'note:')} ${note}\n`);
  const manifests = converted.flatMap(({ manifest }) => manifest ?? []);
  if (manifests.length === 0) {
    throw new Problem(
      'there is no registry with replicas in what -f names',
      'what Azure has: kubectl acr-replication import --help',
    );
  }
  terminal.out(manifests.join('---\n'));
  for (const line of lettingGo(registries.flatMap(({ holders }) => holders))) terminal.err(`${line}\n`);
  return 0;
}

function givenBy(call: Call): Given {
  const id = call.text('registry');
  const registry = id === undefined ? undefined : registryOfId(id);
  if (id !== undefined && registry === undefined) {
    throw new Problem(
      `${id} is not the resource id of a registry`,
      'az acr show --name REGISTRY --query id --output tsv',
      misused,
    );
  }
  return {
    registry,
    resourceGroup: call.text('resource-group'),
    subscriptionId: () => subscriptionOf(call),
  };
}

function subscriptionIfGiven(call: Call): string | undefined {
  const isGiven = call.text('subscription') !== undefined || Boolean(call.env['AZURE_SUBSCRIPTION_ID']);
  return isGiven ? subscriptionOf(call) : undefined;
}

/** What --set and --parameters give: parameters by their names in lower case, the rest by the text of the expression. */
function settingsOf(sets: readonly string[], files: readonly string[]) {
  const parameters = new Map<string, { readonly typed: string } | { readonly value: unknown }>(
    files.flatMap((file) => [...parametersIn(file, textIn(file))]),
  );
  const given = new Map<string, unknown>();
  for (const set of sets) {
    const at = endOfName(set);
    const [name, value] = [set.slice(0, at).trim(), set.slice(at + 1)];
    if (at <= 0) throw new Problem(`--set is ${set}, and is NAME=VALUE`, help, misused);
    if (name.includes('(')) given.set(expressionText(name), value);
    else parameters.set(name.toLowerCase(), { typed: value });
  }
  return { parameters: parameters as Parameters, given };
}

/** A parameter that no template has is a slip of the pen. */
function refuseUnknown(sets: readonly string[], parameters: readonly string[]): void {
  const names = sets.map((set) => set.slice(0, endOfName(set)).trim()).filter((name) => !name.includes('('));
  const unknown = names.find((name) => !parameters.some((one) => one.toLowerCase() === name.toLowerCase()));
  if (unknown === undefined) return;
  const near = nearest(unknown, parameters);
  throw new Problem(
    `there is no parameter ${unknown} in what -f names${near === undefined ? '' : `; did you mean ${near}?`}`,
    parameters.length === 0 ? help : `one of ${parameters.join(', ')}`,
    misused,
  );
}

/** The index of the = behind the name; one inside of the parentheses of an expression belongs to it. */
function endOfName(set: string): number {
  let depth = 0;
  for (let i = 0; i < set.length; i++) {
    const sign = set.charAt(i);
    if (sign === '(') depth++;
    else if (sign === ')') depth--;
    else if (sign === '=' && depth === 0) return i;
  }
  return -1;
}

function expressionText(name: string): string {
  try {
    return textOf(parsed(name));
  } catch (error) {
    throw new Problem(`--set ${name} is no expression: ${(error as Error).message}`, help, misused);
  }
}
