import { isDeleting, type RegistryReplication } from '../../api/registryreplication.ts';
import { explain } from '../../domain/failure.ts';
import { type Memory, memoryOf } from '../../domain/memory.ts';
import type { Actual, Desired } from '../../domain/replication.ts';
import type { Azure } from '../azure.ts';
import { type Call, Problem } from '../command.ts';
import { cautionsOf } from './cautions.ts';
import type { Subject } from './dry-run.ts';
import { forecast } from './forecast.ts';
import { neighboursOf, type Said, type Surroundings } from './neighbours.ts';
import type { ObjectPlan } from './object-plan.ts';
import { rememberedAzure } from './remembered.ts';
import { wantedOf } from './wanted.ts';

/** What is known beside an object to plan for. */
export interface Among {
  readonly surroundings: Surroundings;
  readonly planned: readonly RegistryReplication[];
  readonly said: Said;
  /** Undefined: Azure is not asked. */
  readonly azure: Azure | undefined;
}

/** What the operator's next pass would do, and what it would find. */
export interface Foresight {
  readonly plan: ObjectPlan;
  readonly actual: Actual;
}

/**
 * Plans for one object by the very functions of the pass: one GET of the registry and one LIST per page, or none. Throws
 * a Problem where the registry cannot be read.
 */
export async function foresee(
  { object, stored, applied, statusAt }: Subject,
  { surroundings, planned, said, azure }: Among,
  now: Date,
  call: Pick<Call, 'signal' | 'typed'>,
): Promise<Foresight> {
  const { namespace, name } = object.metadata;
  const { neighbours, notes, stop: unattended } = neighboursOf(object, surroundings, planned, said);
  const memory = memoryOf(object);
  const { desired, stop } = wantedOf(object, memory, neighbours);
  const actual =
    azure === undefined
      ? storedAzure(object, stored ?? object, memory)
      : await readAzure(azure, desired, isDeleting(object), call);
  const plan: ObjectPlan = {
    namespace,
    name,
    applied,
    registry: desired.registry.name,
    seen: azure === undefined ? { from: 'status', at: statusAt } : { from: 'azure' },
    lines: forecast(object, { desired, actual }, { memory, neighbours, now }, stop ?? unattended),
    notes: [...notes, ...cautionsOf(desired, actual, memory)],
  };
  return { plan, actual };
}

function storedAzure(object: RegistryReplication, stored: RegistryReplication, memory: Memory): Actual {
  const actual = rememberedAzure(stored, memory);
  if (actual !== undefined) return actual;
  const { namespace, name } = object.metadata;
  throw new Problem(
    `Azure is not asked, and no operator has told yet what there is for ${namespace}/${name}`,
    'az login',
  );
}

/** One GET of the registry, and one LIST per page. */
async function readAzure(
  azure: Azure,
  { registry }: Desired,
  anySku: boolean,
  { signal, typed }: Pick<Call, 'signal' | 'typed'>,
): Promise<Actual> {
  const seen = await azure.replications.observe(registry, undefined, signal, { anySku });
  if (seen.ok) return seen.value;
  throw new Problem(`registry ${registry.name} cannot be read: ${explain(seen.failure)}`, `${typed} --from-status`);
}
