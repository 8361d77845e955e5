import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  apiVersion,
  kind,
  plural,
  type RegistryReplication,
  requestedAt,
  type Spec,
} from '../../../src/api/registryreplication.ts';
import type { KubeAdmin } from '../../sandbox/kube-admin.ts';
import { type Actor, firstSpec } from './cast.ts';
import type { Chance } from './chance.ts';
import { type Edit, edited, weights } from './edits.ts';
import { type Findings, messageOf } from './findings.ts';

export interface PersonOptions {
  readonly kube: KubeAdmin;
  readonly actors: readonly Actor[];
  readonly chance: Chance;
  readonly findings: Findings;
  readonly rotateSecret: (namespace: string) => Promise<void>;
  /** Aborts at the end of the run: then nothing is insisted on any more. */
  readonly signal: AbortSignal;
}

/** The person who edits the objects, and goes on asking until the API server has answered. */
export interface Person {
  readonly counts: Readonly<Partial<Record<Edit | 'create', number>>>;
  /** How many edits are under way. */
  pending(): number;
  createAll(): Promise<void>;
  /** Edits one of the objects that no edit is under way for. Returns at once. */
  editOne(): void;
  lookNow(actor: Actor): Promise<void>;
}

function pathOf({ namespace, name }: Pick<Actor, 'namespace' | 'name'>): string {
  return `/apis/${apiVersion}/namespaces/${namespace}/${plural}/${name}`;
}

export function personOf({ kube, actors, chance, findings, rotateSecret, signal }: PersonOptions): Person {
  const counts: Partial<Record<Edit | 'create', number>> = {};
  const count = (edit: Edit | 'create') => {
    counts[edit] = (counts[edit] ?? 0) + 1;
  };

  async function put(actor: Actor, spec: Spec, change: 'create' | 'edit'): Promise<void> {
    const { namespace, name, history } = actor;
    history.ask(spec, change, Date.now());
    const manifest = { apiVersion, kind, metadata: { namespace, name }, spec };
    const stored = await insist(() => kube.apply<RegistryReplication>(manifest), signal);
    history.acknowledged(Date.now());
    if (change === 'create') history.created(stored.metadata.creationTimestamp, Date.now());
  }

  async function annotate(actor: Actor, annotation: string): Promise<void> {
    const metadata = { annotations: { [annotation]: randomUUID() } };
    await insist(() => kube.patch(pathOf(actor), { metadata }), signal);
  }

  async function remake(actor: Actor, spec: Spec): Promise<void> {
    actor.history.ask(spec, 'delete', Date.now());
    await insist(() => kube.delete(pathOf(actor)), signal);
    actor.history.acknowledged(Date.now());
    let [lastSeen, asked] = [actor.history.current?.from ?? 0, Date.now()];
    while ((await insist(() => kube.get(pathOf(actor)), signal)) !== undefined) {
      lastSeen = asked;
      await delay(1_000, undefined, { signal });
      asked = Date.now();
    }
    actor.history.gone(lastSeen, Date.now());
    await put(actor, firstSpec(actor, chance), 'create');
  }

  async function carryOut(actor: Actor, edit: Edit): Promise<void> {
    const spec = actor.history.current?.spec;
    if (spec === undefined) return;
    if (edit === 'look now') await annotate(actor, requestedAt);
    else if (edit === 'other annotation') await annotate(actor, 'example.com/note');
    else if (edit === 'rotate a secret') await insist(() => rotateSecret(actor.namespace), signal);
    else if (edit === 'delete and make again') await remake(actor, spec);
    else await put(actor, edited(spec, edit, chance), 'edit');
  }

  async function busy(actor: Actor, work: () => Promise<void>): Promise<void> {
    actor.busy = true;
    try {
      await work();
    } catch (error) {
      if (!signal.aborted) findings.add('refused edit', `${actor.key}: ${messageOf(error)}`);
    } finally {
      actor.busy = false;
    }
  }

  return {
    counts,
    pending: () => actors.filter((actor) => actor.busy).length,
    async createAll() {
      const left = actors.values();
      const create = async () => {
        for (const actor of left) {
          await busy(actor, () => put(actor, firstSpec(actor, chance), 'create'));
          count('create');
        }
      };
      await Promise.all(Array.from({ length: 8 }, create));
    },
    editOne() {
      const actor = chance.pick(actors.filter((a) => !a.busy));
      if (actor === undefined) return;
      const edit = chance.weighted(weights);
      count(edit);
      void busy(actor, () => carryOut(actor, edit));
    },
    lookNow: (actor) => busy(actor, () => annotate(actor, requestedAt)),
  };
}

/** Asks the API server until it answers; only a refusal that will not change is thrown. */
async function insist<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      const code = (error as { readonly code?: unknown }).code;
      if (typeof code === 'number' && code < 500 && code !== 429 && code !== 409 && code !== 401) throw error;
    }
    await delay(500, undefined, { signal });
  }
}
