import { Problem } from '../../command.ts';
import { type Fields, fieldsOf } from '../../plan/applying.ts';
import { again } from '../again.ts';
import type { Declared, DeclaredReplica, Reading } from '../declared.ts';
import { switchOf, tagsOf, textOrNone, zoneRedundancyOf } from '../fields.ts';
import { indices, type Missing, type Place, resolved, type Scope, Unresolved } from './evaluate.ts';
import { isObject } from './functions.ts';
import { innerScope, type Parameters, templateScope } from './scope.ts';

const registryType = 'microsoft.containerregistry/registries';
const replicationType = `${registryType}/replications`;
const source = 'Azure Resource Manager';
const deploymentType = 'microsoft.resources/deployments';

/** Whether a document is an ARM template, such as Bicep compiles to. */
export function isTemplate(document: Fields): boolean {
  return (
    /deploymentTemplate\.json/i.test(String(document['$schema'])) ||
    ('contentVersion' in document && 'resources' in document)
  );
}

/** Whether a document holds values for the parameters of a template. */
export function isParameters(document: Fields): boolean {
  return /deploymentParameters\.json/i.test(String(document['$schema']));
}

/** What the command line gives for a template. */
export interface TemplateInput {
  readonly place: Place;
  readonly parameters: Parameters;
  /** Values of what only Azure knows, by the text of the expression. */
  readonly given: ReadonlyMap<string, unknown>;
}

/** A resource of a template, one per turn of its loop. */
interface Found {
  /** In lower case. */
  readonly type: string;
  /** As people call it: the type and the symbolic name or the name as written. */
  readonly by: string;
  readonly fields: Fields;
  readonly scope: Scope;
  /** Where its deployment goes. */
  readonly place: Place;
  /** The registry's name, where the resource stands inside of it. */
  readonly parent: string | undefined;
}

/** The registries of a template, and those that it gives replicas to. Throws a Problem that names what must be given. */
export function readTemplate(file: string, template: Fields, input: TemplateInput): Reading {
  try {
    let hashed = false;
    const onHash = () => {
      hashed = true;
    };
    const scope = templateScope(template, input.parameters, { ...input, onHash });
    const all = resourcesIn(template, scope, input.place);
    const registries = all
      .filter(({ type, fields }) => type === registryType && fields['existing'] !== true)
      .map((found) => registryOf(file, found));
    const replicas = all.filter(({ type }) => type === replicationType).map((found) => replicaOf(file, found));
    const linked = all.filter(({ type, fields }) => type === deploymentType && templateOf(fields) === undefined);
    return {
      registries: together([...registries, ...replicas]),
      parameters: Object.keys(fieldsOf(template['parameters'])),
      notes: [
        ...linked.map(({ by }) => `${by} of ${file} is in a file of its own (templateLink): convert that, too.`),
        ...(hashed ? [hashedNote(file)] : []),
      ],
    };
  } catch (error) {
    if (error instanceof Unresolved) throw problemOf(file, error.missing);
    throw error;
  }
}

function hashedNote(file: string): string {
  return `${file} makes names with uniqueString(), of the resource group and subscription exactly as they are written; az acr list tells whether the registry is called so.`;
}

/** The resources that count, those of nested deployments and inside of registries included. */
function resourcesIn(template: Fields, scope: Scope, place: Place): readonly Found[] {
  return entriesOf(template['resources']).flatMap(([symbol, fields]) => turnsOf(symbol, fields, { scope, place }));
}

/** With symbolic names the resources are members of an object. */
function entriesOf(resources: unknown): readonly (readonly [string | undefined, Fields])[] {
  if (Array.isArray(resources)) return resources.map((fields) => [undefined, fieldsOf(fields)]);
  return Object.entries(fieldsOf(resources)).map(([symbol, fields]) => [symbol, fieldsOf(fields)]);
}

interface Around {
  readonly scope: Scope;
  readonly place: Place;
  /** The registry that the resource stands inside of. */
  readonly registry?: string;
}

function turnsOf(symbol: string | undefined, fields: Fields, around: Around): readonly Found[] {
  const own = String(fields['type']).toLowerCase();
  const type = around.registry !== undefined && !own.includes('/') ? `${registryType}/${own}` : own;
  if (type !== registryType && type !== replicationType && type !== deploymentType) return [];
  if (type === deploymentType && !mattersIn(fields)) return [];
  const by = `${type.split('/').at(-1)?.replace(/ies$/, 'y').replace(/s$/, '')} ${symbol ?? String(fields['name'])}`;
  return scopesOf(fields['copy'], around.scope).flatMap((scope) => {
    if (fields['condition'] !== undefined && resolved(fields['condition'], scope) === false) return [];
    const place = placeOf(fields, scope, around.place);
    const found: Found = { type, by, fields, scope, place, parent: around.registry };
    if (type === deploymentType) return [found, ...nestedIn(found)];
    if (type !== registryType || fields['resources'] === undefined) return [found];
    const registry = textAt('name', found);
    const inside = entriesOf(fields['resources']).flatMap(([name, child]) =>
      turnsOf(name, child, { scope, place, registry }),
    );
    return [found, ...inside];
  });
}

/** Deployments without a registry are left alone, for they may depend on what only Azure knows. */
function mattersIn(deployment: Fields): boolean {
  const template = templateOf(deployment);
  return template === undefined || JSON.stringify(template).toLowerCase().includes(`"${registryType}`);
}

/** The scope of each turn of a loop; without a loop, the scope. */
function scopesOf(copy: unknown, scope: Scope): readonly Scope[] {
  if (!isObject(copy)) return [scope];
  const name = String(copy['name']).toLowerCase();
  return indices(copy['count'], scope).map((index) => ({
    ...scope,
    copies: new Map([...scope.copies, ['', index], [name, index]]),
  }));
}

/** A deployment, and what is existing, can name another resource group. */
function placeOf(fields: Fields, scope: Scope, around: Place): Place {
  const named = (name: string) => (fields[name] === undefined ? undefined : String(resolved(fields[name], scope)));
  return {
    subscriptionId: named('subscriptionId') ?? around.subscriptionId,
    resourceGroup: named('resourceGroup') ?? around.resourceGroup,
  };
}

function templateOf(fields: Fields): Fields | undefined {
  const template = fieldsOf(fields['properties'])['template'];
  return isObject(template) ? template : undefined;
}

/** Bicep's modules are nested deployments with a scope of their own; without it they see the parameters around them. */
function nestedIn({ fields, scope, place }: Found): readonly Found[] {
  const template = templateOf(fields);
  if (template === undefined) return [];
  const properties = fieldsOf(fields['properties']);
  const isInner = /^inner$/i.test(String(fieldsOf(properties['expressionEvaluationOptions'])['scope']));
  if (!isInner) return resourcesIn(template, scope, place);
  return resourcesIn(template, innerScope(template, fieldsOf(properties['parameters']), scope, place), place);
}

function registryOf(file: string, found: Found): Declared {
  const { by, fields } = found;
  return {
    file,
    by,
    name: textAt('name', found),
    ...found.place,
    home: known(() => textOrNone(resolved(fields['location'], found.scope))),
    sku: known(() => textOrNone(resolved(fieldsOf(fields['sku'])['name'], found.scope))),
    replicas: [],
    source,
    holders: [],
  };
}

/** What a manifest can do without. */
function known(value: () => string | undefined): string | undefined {
  try {
    return value();
  } catch (error) {
    if (error instanceof Unresolved && error.missing.kind !== 'sense') return undefined;
    throw error;
  }
}

function replicaOf(file: string, found: Found): Declared {
  const { by, fields, parent, scope } = found;
  const path = textAt('name', found).split('/');
  const name = path.at(-1);
  const registry = path.length === 2 ? path[0] : parent;
  const properties = fieldsOf(fields['properties']);
  const setting = (value: unknown) => (value === undefined ? undefined : resolved(value, scope));
  const replica: DeclaredReplica = {
    by,
    location: textAt('location', found),
    name,
    routing: switchOf(setting(properties['regionEndpointEnabled'])),
    zoneRedundancy: zoneRedundancyOf(setting(properties['zoneRedundancy'])),
    tags: tagsOf(setting(fields['tags'])),
  };
  const holders = [{ kind: 'template', file } as const];
  return {
    file,
    by,
    name: registry,
    ...found.place,
    home: undefined,
    sku: undefined,
    replicas: [replica],
    holders,
    source,
  };
}

function textAt(field: string, { fields, scope, by }: Found): string {
  const value = resolved(fields[field], scope);
  if (typeof value === 'string' && value !== '') return value;
  throw new Unresolved({ kind: 'sense', text: String(fields[field]), why: `the ${field} of ${by} is no text` });
}

/** One holder is enough for all replicas of a template. */
function together(all: readonly Declared[]): readonly Declared[] {
  const seen = new Set<string>();
  return all.map((one) => {
    const holders = one.holders.filter(() => {
      const key = `${one.subscriptionId}/${one.resourceGroup}/${one.name}`.toLowerCase();
      return !seen.has(key) && seen.add(key);
    });
    return { ...one, holders };
  });
}

function problemOf(file: string, missing: Missing): Problem {
  switch (missing.kind) {
    case 'parameter':
      return new Problem(
        `${file}: parameter ${missing.name} has no value`,
        `${again(file)} --set ${missing.name}=VALUE, or --parameters FILE`,
      );
    case 'value':
      return new Problem(`${file}: only Azure knows ${missing.text}`, `${again(file)} --set "${missing.text}=VALUE"`);
    case 'resource group':
      return new Problem(`${file} depends on the resource group that it is deployed to`, `${again(file)} -g GROUP`);
    case 'subscription':
      return new Problem(
        `${file} depends on the subscription that it is deployed to`,
        `${again(file)} --subscription "$(az account show --query id --output tsv)"`,
      );
    case 'sense':
      return new Problem(
        `${file}: ${shortened(missing.text)} cannot be worked out: ${missing.why}`,
        'import what Azure has instead: kubectl acr-replication import --help',
      );
  }
}

/** An expression as far as a person reads it. */
function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
