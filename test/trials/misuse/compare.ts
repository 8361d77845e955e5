import type { RegistryReplication, Status } from '../../../src/api/registryreplication.ts';
import type { ReplicationBody } from '../../sandbox/emulator/bodies.ts';
import { brokenLaws } from '../../support/status-laws.ts';
import { same } from './admission.ts';
import { differences, type ExpectedStatus, type Lane, type Outcome } from './model.ts';

/** What Azure has, in the words of the model. */
export function azureOf(replicas: readonly ReplicationBody[], home: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    replicas.map(({ location, name, tags, properties }) => [
      location,
      {
        name: location === home ? '' : name,
        routing: properties.regionEndpointEnabled ? 'Enabled' : 'Disabled',
        zoneRedundancy: properties.zoneRedundancy,
        tags,
        failed: properties.provisioningState === 'Failed',
        synced: 'displayStatus' in properties.status && properties.status.displayStatus === 'Ready',
      },
    ]),
  );
}

/** Every way in which Azure is not as it must be. */
export function azureDiffers(
  { lane, writes }: Outcome,
  seen: Readonly<Record<string, unknown>>,
  written: readonly string[],
) {
  const { azure } = lane;
  const regions = [...new Set([...azure.keys(), ...Object.keys(seen)])].sort();
  const wrong = regions.flatMap((region) => {
    const [wanted, is] = [azure.get(region), seen[region]];
    return same(wanted, is) ? [] : [`Azure, ${region}: expected ${text(wanted)}, is ${text(is)}`];
  });
  return same(writes, written) ? wrong : [...wrong, `writes to Azure: expected ${text(writes)}, were ${text(written)}`];
}

/** Every way in which the status of an object that has settled is not as it must be. */
export function statusDiffers(lane: Lane, expected: ExpectedStatus, object: RegistryReplication): readonly string[] {
  const { status = {} } = object;
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  const { seen } = expected;
  const suspendedWithDifferences =
    status.phase === 'Suspended' && ready?.status === 'True' ? leftWhenSuspended(lane) : [];
  return [
    ...(status.phase === expected.phase ? [] : [`phase: expected ${expected.phase}, is ${status.phase}`]),
    ...(expected.reasons.includes(ready?.reason ?? '')
      ? []
      : [`reason of Ready: expected ${expected.reasons.join(' or ')}, is ${ready?.reason}`]),
    ...(seen === undefined
      ? []
      : [
          ...(status.summary === seen.summary ? [] : [`summary: expected ${seen.summary}, is ${status.summary}`]),
          ...(same(status.plan ?? [], seen.plan) ? [] : [`plan: expected ${text(seen.plan)}, is ${text(status.plan)}`]),
          ...(same(rolesIn(status), seen.replicas)
            ? []
            : [`replicas: expected ${text(seen.replicas)}, are ${text(rolesIn(status))}`]),
        ]),
    ...(status.plan?.length === 0 ? ['plan: an empty list'] : []),
    ...suspendedWithDifferences.map((difference) => `suspended with Ready=True, although ${difference} was left to do`),
    ...brokenLaws(object, status),
  ];
}

/**
 * What the operator knows to be left to do: it may have seen more happen to Azure, but not while suspended. Tags are not
 * in the status, which is all that it remembers of Azure then: that they differ it can't know.
 */
function leftWhenSuspended(lane: Lane): readonly string[] {
  const { object } = lane;
  if (object?.seen === undefined) return ['everything'];
  const left = differences({ ...lane, azure: object.seen }, object);
  return left.map((line) => line.replace(/ tags$/, '')).filter((line) => !line.startsWith('~') || line.includes(' '));
}

function rolesIn({ replicas = [] }: Status): Readonly<Record<string, string>> {
  return Object.fromEntries(
    replicas.map(({ location, managed, provisioningState, routing, note }) => [
      location,
      managed === undefined
        ? 'missing'
        : `${managed} ${provisioningState} ${routing}${note === undefined ? '' : ' noted'}`,
    ]),
  );
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
