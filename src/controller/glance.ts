import type { RegistryReplication } from '../api/registryreplication.ts';
import { accountsOf } from '../domain/account.ts';
import { judge } from '../domain/judgement.ts';
import type { Memory } from '../domain/memory.ts';
import type { Ownership } from '../domain/ownership.ts';
import { nextLookMs } from '../domain/pace.ts';
import { plan } from '../domain/plan.ts';
import { isAtRest, isDueAnyway, leavesAsItIs } from '../domain/rest.ts';
import { situationOf } from '../domain/situation.ts';
import type { Ports } from '../ports/ports.ts';
import { type Seen, type Way, withEndpoints } from './look.ts';

/** What a pass knows of an object beside what Azure says. */
export interface Known {
  readonly memory: Memory;
  readonly owner: Ownership;
}

/** When to look again. */
interface Look {
  readonly kind: 'look';
  readonly inMs: number;
  readonly failed: false;
}

/** An answer that several registries share is at most this part of the interval old. */
const sharedFor = 0.5;
/** How long a registry at rest is believed to have no regional endpoints: its looks are to cost the provider little. */
const dayMs = 24 * 3_600_000;

/**
 * Looks at an object at rest by Azure Resource Graph, and writes nothing on what that says. The pass ends with this when
 * everything is to stay as it is, or when the answer comes later. Undefined: the provider must be asked.
 */
export async function glance(
  object: RegistryReplication,
  { desired, azure }: Way & { readonly kind: 'open' },
  known: Known,
  ports: Ports,
  signal: AbortSignal,
): Promise<Look | Seen | undefined> {
  const { memory } = known;
  const { intervalMs } = desired;
  if (azure.glance === undefined || memory.registry === undefined) return undefined;
  if (!isAtRest(object, memory, ports.clock.now()) || isDueAnyway(intervalMs, ports.random())) return undefined;
  const glanced = await azure.glance(desired.registry, memory.registry, intervalMs * sharedFor, signal);
  switch (glanced.kind) {
    case 'unseen':
      return undefined;
    case 'later': {
      const waitMs = Math.max(glanced.until.getTime() - ports.clock.now().getTime(), 0);
      return { kind: 'look', inMs: waitMs * (1 + ports.random() / 2), failed: false };
    }
    case 'seen': {
      const actual = await withEndpoints(glanced.actual, object, { desired, azure }, memory, dayMs, signal);
      if (glanced.by === 'provider') return { kind: 'seen', desired, actual, azure };
      const now = ports.clock.now();
      const situation = situationOf(object, { desired, actual }, { ...known, now });
      const accounts = accountsOf(situation, plan(situation), new Map());
      const finding = { kind: 'observed', desired, registry: actual.registry, accounts } as const;
      const judged = judge({ object, ...known, now, retries: 0, finding });
      const inMs = nextLookMs(judged, ports.random());
      if (inMs === undefined || !leavesAsItIs(judged)) return undefined;
      ports.observer(judged);
      return { kind: 'look', inMs, failed: false };
    }
  }
}
