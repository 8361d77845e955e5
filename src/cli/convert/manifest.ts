import type { Spec } from '../../api/registryreplication.ts';
import type { Replica, Tags } from '../../domain/replication.ts';
import { keepsAll, manifestText, othersThan, regionsOf } from '../import/manifest.ts';
import type { Registry } from './declared.ts';

/** A manifest, or undefined where there is nothing to say; and what it cannot say, in sentences. */
export interface Converted {
  readonly manifest: string | undefined;
  readonly notes: readonly string[];
}

/**
 * The manifest of a registry as a file declares it: that of `import`, with the tags that are declared, and in mode
 * Observe, for Azure was not asked, and others still hold the replicas.
 */
export function convertedOf(registry: Registry, namespace: string | undefined): Converted {
  const { ref, home, sku, replicas, sources } = registry;
  const called = `registry ${ref.name}`;
  const others = othersThan(home, replicas);
  if (others.length === 0 && sku !== undefined && sku.toLowerCase() !== 'premium') {
    return { manifest: undefined, notes: [`${called} is ${sku} and has no replicas: it is left out.`] };
  }
  if (others.length === 0 && home === undefined) {
    return { manifest: undefined, notes: [`${called} has neither replicas nor a known home region: it is left out.`] };
  }
  const tagged = others.map((replica) => [replica, tagsFor(replica)] as const);
  const entries = regionsOf(others).map((entry, i) => {
    const tags = tagged[i]?.[1].tags ?? {};
    return Object.keys(tags).length === 0 ? entry : { ...entry, tags };
  });
  const regions: Spec['regions'] = home === undefined || entries.length > 0 ? entries : [{ location: home }];
  const notes = [
    ...tagged.flatMap(([{ region }, { notes: own }]) => own.map((note) => `${called}, ${region}: ${note}`)),
    ...others.flatMap((replica, i) => unnamed(replica, entries[i]).map((note) => `${called}, ${note}`)),
    ...(replicas.length > others.length
      ? [`${called}: ${home} is its home region, which is there by itself; it is left out.`]
      : []),
  ];
  const where = home === undefined ? '' : `, at home in ${home}`;
  const comment = [
    `Registry ${ref.name} as it is declared to ${sources.join(' and ')}${where}.`,
    `In mode Observe nothing is written to Azure: status.plan says what would be. Take the mode out when nobody else manages the replicas any more. ${keepsAll}`,
  ];
  return { manifest: manifestText(ref, namespace, { regions, mode: 'Observe' }, comment), notes };
}

/** A name that is too short for the CRD, or would be that of another region's replica. */
function unnamed({ name, region }: Replica, entry: Spec['regions'][number] | undefined): readonly string[] {
  return name.toLowerCase() === region || entry?.name !== undefined
    ? []
    : [`${region}: its name ${name} cannot be said and is left out; the replica is found by its region.`];
}

/** Names of tags that the CRD refuses, and why. */
const refused: readonly (readonly [RegExp, string])[] = [
  [/^(managed-by|acr-replication-owner)$/i, "is the operator's own"],
  [/^(azure|microsoft|windows)/i, 'has a name that Azure reserves'],
  [/[<>%&\\?/]|^.{513}|^$/, 'has a name that Azure does not take'],
];
/** Azure takes 50 tags on a resource, of which two are the operator's own. */
const mostTags = 48;

function tagsFor({ tags }: Replica): { readonly tags: Tags; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const taken = new Map<string, string>();
  for (const [name, value] of Object.entries(tags)) {
    const twin = [...taken.keys()].find((other) => other.toLowerCase() === name.toLowerCase());
    const why =
      refused.find(([pattern]) => pattern.test(name))?.[1] ??
      (twin === undefined ? undefined : `is ${twin} in another spelling`) ??
      (value.length > 256 ? 'has a value of more than 256 characters' : undefined);
    if (why === undefined) taken.set(name, value);
    else notes.push(`tag ${name} ${why}; it is left out.`);
  }
  if (taken.size <= mostTags) return { tags: Object.fromEntries(taken), notes };
  return { tags: {}, notes: [...notes, `it has ${taken.size} tags, more than ${mostTags}; they are left out.`] };
}
