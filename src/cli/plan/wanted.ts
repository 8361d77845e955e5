import { isDeleting, type RegistryReplication } from '../../api/registryreplication.ts';
import { desiredOf } from '../../domain/desired.ts';
import { keyOf } from '../../domain/key.ts';
import type { Memory } from '../../domain/memory.ts';
import { leavesAzure, outsetOf } from '../../domain/outset.ts';
import type { Neighbours } from '../../domain/owners.ts';
import type { Desired } from '../../domain/replication.ts';
import { Problem } from '../command.ts';
import type { Stop } from './forecast.ts';

/** What is wanted in Azure, and why the operator would not act on it. Throws a Problem when the spec is none to act on. */
export function wantedOf(
  object: RegistryReplication,
  memory: Pick<Memory, 'registry'>,
  neighbours: Neighbours,
): { readonly desired: Desired; readonly stop: Stop | undefined } {
  const outset = outsetOf(object, memory, neighbours);
  switch (outset.kind) {
    case 'clear':
      return { desired: outset.desired, stop: undefined };
    case 'claimed':
      if (isDeleting(object) && leavesAzure(object)) return { desired: outset.desired, stop: undefined };
      return { desired: outset.desired, stop: `${outset.holder} manages the registry` };
    case 'suspended': {
      const parsed = desiredOf(object, neighbours.subscriptionId);
      if (!parsed.ok) throw refused(object, parsed.problems);
      return { desired: parsed.desired, stop: 'spec.suspend is true' };
    }
    case 'invalid':
      throw refused(object, outset.problems);
  }
}

/** What the API server takes and the operator does not. */
function refused(object: RegistryReplication, problems: readonly string[]): Problem {
  const needsSubscription = problems.some((problem) => problem.includes('subscriptionId is not set'));
  return new Problem(
    `the operator would refuse ${keyOf(object)} (InvalidSpec): ${problems.join('; ')}`,
    needsSubscription
      ? 'set spec.registry.subscriptionId, or say with --subscription which one the operator has'
      : "kubectl explain registryreplication.spec, and mend the object's spec",
  );
}
