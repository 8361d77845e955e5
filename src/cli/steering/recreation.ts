import { isDeleting, type RegistryReplication } from '../../api/registryreplication.ts';
import { recreateOf, regionsIn } from '../../domain/memory.ts';
import { nearest } from '../../domain/nearest.ts';
import { type Region, regionOf } from '../../domain/region.ts';
import { Problem } from '../command.ts';

/** What making a replica anew comes to. */
export interface Recreation {
  readonly region: Region;
  /** The value of the annotation: this region beside those that were asked for and are not done. */
  readonly annotation: string;
  /** What is lost, a sentence each. */
  readonly losses: readonly string[];
}

/** Throws a Problem where the operator would not do it. */
export function recreationOf(object: RegistryReplication, location: string): Recreation {
  const { metadata, spec, status } = object;
  const region = regionOf(location);
  const set = spec.regions.map((wish) => regionOf(wish.location));
  if (isDeleting(object)) {
    throw new Problem(`${metadata.name} is being deleted, so nothing would be made anew`);
  }
  const home = status?.registry?.homeRegion;
  if (home !== undefined && regionOf(home) === region) {
    throw new Problem(
      `${region} is the home region of ${spec.registry.name}, which Azure does not let anybody delete`,
      othersOf(metadata.name, region, set),
    );
  }
  if (!set.includes(region))
    throw new Problem(`${region} is not a region of ${metadata.name}`, meant(metadata.name, region, set));
  if (spec.mode === 'Observe') {
    throw new Problem(
      `${metadata.name} only observes (spec.mode), so nothing would be made anew`,
      `kubectl patch registryreplications.acr-replication.dev ${metadata.name} --type merge -p '{"spec":{"mode":"Apply"}}'`,
    );
  }
  const entries = (status?.replicas ?? []).map((replica) => ({ ...replica, region: regionOf(replica.location) }));
  const here = entries.find((entry) => entry.region === region);
  if (here?.provisioningState === undefined) {
    throw new Problem(
      `${metadata.name} has no replica in ${region} that could be made anew`,
      `kubectl acr-replication reconcile ${metadata.name}`,
    );
  }
  const serving = entries
    .filter(
      (entry) => entry.region !== region && entry.provisioningState === 'Succeeded' && entry.routing !== 'Disabled',
    )
    .map((entry) => entry.region);
  return {
    region,
    annotation: [...pendingOf(object).filter((one) => one !== region), region].join(),
    losses: [
      `The replica of ${spec.registry.name} in ${region} is deleted with all images in it.`,
      serving.length === 0
        ? 'No other replica serves pulls: until it is back they fail.'
        : `Until it is back, pulls go to ${serving.toSorted().join(', ')}.`,
      'It is then created anew, and every image is copied to it again, which may take hours and is billed as transfer.',
      ...(spec.suspend === true ? ['The object is suspended: it happens as soon as it is resumed.'] : []),
    ],
  };
}

/** Regions that were asked for and that the operator has not handled. */
export function pendingOf(object: RegistryReplication): readonly Region[] {
  const done = regionsIn(object.status?.lastHandledRecreate ?? '');
  return regionsIn(recreateOf(object)).filter((region) => !done.includes(region));
}

/** Whether a region was handled under the annotation as it stands: it must be taken out before it counts again. */
export function isHandled({ status }: RegistryReplication, region: Region): boolean {
  return regionsIn(status?.lastHandledRecreate ?? '').includes(region);
}

function meant(name: string, region: Region, set: readonly Region[]): string {
  const near = nearest(region, set);
  return near === undefined ? othersOf(name, region, set) : `kubectl acr-replication recreate ${name} ${near}`;
}

function othersOf(name: string, region: Region, set: readonly Region[]): string {
  const others = set.filter((one) => one !== region).toSorted();
  return others.length === 0 ? `kubectl acr-replication status ${name}` : `one of ${others.join(', ')}`;
}
