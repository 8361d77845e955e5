import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { group, type RegistryReplication, requestedAt, type Spec } from '../../../src/api/registryreplication.ts';
import { type Chance, chanceFrom } from '../soak/chance.ts';
import { objections, same } from './admission.ts';
import { azureDiffers, azureOf, statusDiffers } from './compare.ts';
import type { Coverage } from './coverage.ts';
import { valueAt, withoutNulls } from './fields.ts';
import { aHand } from './hands.ts';
import { type Lane, type Outcome, outcome, type Stored } from './model.ts';
import { isOverwritten, older } from './status-age.ts';
import { type Action, firstSpec, nextAction } from './steps.ts';
import { anHourLater, aTwist, type Twist } from './twists.ts';
import type { World } from './world.ts';

/** Between two calls of a pass, and between its last call and its status, less time goes by. */
const passMs = 300;
const recreate = `${group}/recreate`;

/** A step that did not end as the model says. */
export class Misled extends Error {
  readonly step: number;
  constructor(step: number, message: string) {
    super(message);
    this.name = 'Misled';
    this.step = step;
  }
}

export interface LaneOptions {
  readonly world: World;
  /** Index of the lane's registry among the world's. */
  readonly index: number;
  readonly seed: number;
  readonly steps: number;
  /** How long one step may take to settle. */
  readonly deadlineMs: number;
  readonly covered: Coverage;
  readonly signal: AbortSignal;
  /** Called before each step, with what it is. */
  readonly tell: (what: string) => void;
}

/** Applies steps to one registry, each after the last has settled. Fails with Misled at the first that went wrong. */
export async function runLane(options: LaneOptions): Promise<void> {
  const { world, index, seed, steps, covered, signal } = options;
  const place = world.places[index];
  if (place === undefined) throw new Error(`no registry for lane ${index}`);
  const chance = chanceFrom(seed * 1_000 + index);
  const owner = `sandbox/${world.namespace}/${place.name}`;
  const lane: Lane = {
    place,
    owner,
    azure: new Map(),
    object: undefined,
    sku: 'Premium',
    policy: {},
    formerOwner: undefined,
    failing: undefined,
    recreate: [],
  };
  const runner = new Runner(options, lane, firstSpec(place, chance));
  while (covered.steps < steps) {
    signal.throwIfAborted();
    await runner.step(chance);
  }
}

class Runner {
  readonly #options: LaneOptions;
  readonly #name: string;
  #lane: Lane;
  #healthy: Spec;
  #troubled = false;
  #asked = '';
  /** The fault that ends with this step. */
  #fault: string | undefined;
  /** The object as last written. */
  #written: RegistryReplication | undefined;
  #did: string[] = [];

  constructor(options: LaneOptions, lane: Lane, healthy: Spec) {
    this.#options = options;
    this.#lane = lane;
    this.#healthy = healthy;
    this.#name = lane.place.name;
  }

  async step(chance: Chance): Promise<void> {
    const { covered, tell } = this.#options;
    covered.steps += 1;
    this.#did = [];
    const began = Date.now();
    const generation = this.#options.world.watched.latest(this.#name)?.metadata.generation;
    const mind = {
      lane: this.#lane,
      chance,
      covered,
      healthy: this.#healthy,
      troubled: this.#troubled,
      asked: this.#asked,
    };
    const next = nextAction(mind);
    const action: Action = this.#mayAct(next) ? next : { kind: 'nothing' };
    const mayChange = this.#lane.object?.deleting !== true;
    const twist = mayChange && chance.maybe(0.2) ? aTwist(this.#lane, chance) : undefined;
    if (twist !== undefined) await this.#twist(twist);
    const hand = twist === undefined && (action.kind === 'nothing' || chance.maybe(0.15));
    if (hand && mayChange) await this.#hand(chance);
    const done: Action = twist?.asks === true ? { kind: 'nothing' } : action;
    tell(`${this.#name}, step ${covered.steps}: ${done.kind}`);
    await this.#act(done);
    const unnoticed = this.#written !== undefined && this.#written.metadata.generation === generation;
    const fights = Object.keys(this.#lane.policy).length > 0 || this.#lane.formerOwner !== undefined;
    // A deletion that failed is tried again after a minute, or when somebody asks.
    const waits = hand || twist !== undefined || fights || done.kind === 'let go';
    const asks = twist?.recreate !== undefined || done.kind === 'ask';
    if (waits && unnoticed && !asks && done.kind !== 'delete') await this.#ask(`step ${covered.steps}`);
    const settled = await this.#settle(began);
    if (this.#fault !== undefined) await this.#options.world.azure.control.clearFaults(this.#fault);
    this.#fault = undefined;
    // What could not be made anew in this step is not to be later.
    if (this.#lane.recreate.length > 0 && settled.status !== undefined) await this.#annotate({ [recreate]: null });
    this.#lane = { ...settled.lane, failing: undefined, recreate: [] };
    if (settled.status === undefined) [this.#written, this.#asked] = [undefined, ''];
    this.#troubled ||= settled.status !== undefined && settled.status.phase !== 'Ready';
    if (settled.status?.phase === 'Ready' && this.#lane.object !== undefined) {
      this.#healthy = this.#lane.object.spec;
      if (done.kind !== 'edit') this.#troubled = false;
    }
  }

  /** Credentials remember for an hour the SKU that they have read: what others find now is not known to the model. */
  #mayAct(action: Action): boolean {
    const { object, sku } = this.#lane;
    if (sku === 'Premium' || object === undefined || !('spec' in action)) return true;
    const credentials = valueAt(withoutNulls(action.spec), 'spec.credentialsRef', 0);
    return action.kind === 'let go' || same(credentials, object.spec.credentialsRef);
  }

  async #twist({ kind, what, act, after, status, recreate: regions, fault }: Twist): Promise<void> {
    const { world, covered } = this.#options;
    this.#did.push(what);
    covered.note(`× ${kind}`);
    if (status !== undefined) await this.#rewriteStatus(status);
    await act(world.azure.control);
    if (fault !== undefined) this.#fault = await world.azure.control.addFault(fault);
    this.#lane = after;
    if (regions === undefined) return;
    // Each value is handled once: what an earlier one named must not be in the way.
    await this.#annotate({ [recreate]: null });
    await this.#isForgotten();
    await this.#ask(`step ${covered.steps}`, { [recreate]: regions.join(',') });
  }

  /** The status names no region any more that an annotation asked to have made anew. */
  async #isForgotten(): Promise<void> {
    const { world, signal, deadlineMs } = this.#options;
    for (const deadline = Date.now() + deadlineMs; ; ) {
      signal.throwIfAborted();
      if (world.watched.latest(this.#name)?.status?.lastHandledRecreate === undefined) return;
      if (Date.now() > deadline) this.#fail(['the regions of recreate were not forgotten']);
      await world.watched.change(this.#name, 300);
    }
  }

  async #annotate(annotations: Readonly<Record<string, string | null>>): Promise<void> {
    const { world } = this.#options;
    this.#written = await world.cluster.kube.patch(world.path(this.#name), { metadata: { annotations } });
  }

  /** The status as it would be if time had passed, or if the cluster had had another name. */
  async #rewriteStatus({ hourPasses, owner }: NonNullable<Twist['status']>): Promise<void> {
    const { world, signal, deadlineMs } = this.#options;
    const { kube } = world.cluster;
    const path = world.path(this.#name);
    const read = async () => (await kube.get<RegistryReplication>(path))?.status;
    await this.#isQuiet(0);
    for (const deadline = Date.now() + deadlineMs; Date.now() < deadline; ) {
      signal.throwIfAborted();
      const before = await read();
      if (before === undefined) return;
      const meant = { ...(hourPasses === true ? older(before, 3_600_000) : before), ...(owner && { owner }) };
      await kube.patch(`${path}/status`, { status: meant });
      await this.#isQuiet(Date.now());
      const after = await read();
      if (after === undefined || !isOverwritten(after, before, meant)) return;
    }
    this.#fail(['the status went on being written as it was before']);
  }

  /** The operator has made no call for a while, nor since `sinceMs`: a pass that was under way has written its status. */
  async #isQuiet(sinceMs: number): Promise<void> {
    const { world, signal, deadlineMs } = this.#options;
    for (const deadline = Date.now() + deadlineMs; Date.now() < deadline; ) {
      const journal = await world.azure.control.journal({ registry: this.#name });
      const quietMs = Date.now() - Math.max(sinceMs, journal.at(-1)?.at ?? 0);
      if (quietMs >= passMs) return;
      await delay(passMs - quietMs, undefined, { signal });
    }
  }

  async #hand(chance: Chance): Promise<void> {
    if (this.#lane.object !== undefined) {
      // What Azure does not show is lag for a minute: hands come later.
      await this.#rewriteStatus({ hourPasses: true });
      this.#lane = anHourLater(this.#lane);
    }
    const { what, region, act, after } = aHand(this.#lane, chance);
    this.#did.push(`somebody ${what} in ${region}`);
    this.#options.covered.note(`× somebody ${what}`);
    await act(this.#options.world.azure.control);
    this.#lane = after;
  }

  async #act(action: Action): Promise<void> {
    const { world, covered } = this.#options;
    switch (action.kind) {
      case 'nothing':
        return;
      case 'ask':
        covered.note('× asked to look now');
        return this.#ask(action.value);
      case 'delete': {
        covered.note('× deleted');
        this.#did.push('deletes the object');
        await world.cluster.kube.delete(world.path(this.#name));
        const { object } = this.#lane;
        if (object !== undefined) this.#lane = { ...this.#lane, object: { ...object, deleting: true } };
        return;
      }
      case 'create':
      case 'edit':
      case 'recover':
      case 'let go':
        return this.#write(action);
    }
  }

  async #write({ kind, spec, edits }: Extract<Action, { readonly spec: unknown }>): Promise<void> {
    const { world, covered } = this.#options;
    const stored = this.#lane.object;
    const meant = withoutNulls(spec);
    this.#did.push(
      `${kind}s ${edits.map(({ field, kind: how, value }) => `${field} ${how}: ${short(value)}`).join(', ')}`,
      `spec to be stored:\n${stringify(spec).replaceAll(/^/gm, '    ')}`,
    );
    const against = objections(meant, stored?.spec);
    const answer = await world.write(this.#name, spec, stored !== undefined);
    for (const edit of edits) covered.add(edit);
    if (edits.length > 1) covered.note('× several fields at once');
    if (kind !== 'edit')
      covered.note(`× ${kind === 'let go' ? 'let go' : `${kind}d`.replace('recoverd', 'recovered')}`);
    if (answer.ok) covered.accepted += 1;
    else covered.refused += 1;
    if (answer.ok && against.length > 0) this.#fail(['the API server took what the schema forbids', ...against]);
    if (!answer.ok && against.length === 0) this.#fail(['the API server refused what the schema allows', answer.why]);
    if (!answer.ok) {
      this.#troubled = true;
      return;
    }
    this.#written = answer.object;
    if (!same(answer.object.spec, meant)) this.#fail([`stored as ${JSON.stringify(answer.object.spec)}`]);
    const fresh: Omit<Stored, 'spec'> = { deleting: false, bound: false, memory: new Map(), notices: new Map() };
    this.#lane = { ...this.#lane, object: { ...(stored ?? fresh), spec: meant as Spec } };
  }

  async #ask(value: string, others: Readonly<Record<string, string>> = {}): Promise<void> {
    if (this.#written === undefined) return;
    this.#did.push(`asks to look now: ${short(value)}`);
    await this.#annotate({ ...others, [requestedAt]: value });
    this.#asked = value;
  }

  /** Waits until what is seen is what the model says. What the operator calls done must be so at once. */
  async #settle(began: number): Promise<Outcome> {
    const { world, signal, deadlineMs } = this.#options;
    for (const deadline = Date.now() + deadlineMs; ; ) {
      signal.throwIfAborted();
      const { expected, wrong, final } = await this.#look(began);
      if (wrong.length === 0) return expected;
      if (final) this.#fail(wrong);
      if (Date.now() > deadline) this.#fail([`not settled after ${deadlineMs / 1_000} s`, ...wrong]);
      await world.watched.change(this.#name, 300);
    }
  }

  async #look(began: number): Promise<{ expected: Outcome; wrong: readonly string[]; final: boolean }> {
    const { world } = this.#options;
    const { control } = world.azure;
    const object = world.watched.latest(this.#name);
    const broken = world.watched.broken(this.#name);
    const azure = azureOf(await control.replicas(this.#name), this.#lane.place.home);
    const expected = outcome(this.#lane, (candidates) => candidates.find((region) => azure[region] !== undefined));
    if (broken.length > 0) return { expected, wrong: broken, final: true };
    const { status } = expected;
    const azureIsWrong = async () => azureDiffers(expected, azure, await this.#writesSince(began));
    if (status === undefined) {
      const isThere = (await world.cluster.kube.get(world.path(this.#name))) !== undefined;
      return isThere
        ? { expected, wrong: ['the object is still there'], final: false }
        : { expected, wrong: await azureIsWrong(), final: true };
    }
    if (object === undefined || !this.#isCurrent(object))
      return { expected, wrong: ['the status is not about the newest spec and request'], final: false };
    const statusIsWrong = statusDiffers(expected.lane, status, object);
    const done = ['Ready', 'Suspended'].includes(object.status?.phase ?? '') || reasonOf(object) === 'PlanPending';
    if (statusIsWrong.length > 0 && !done) return { expected, wrong: statusIsWrong, final: false };
    return { expected, wrong: [...statusIsWrong, ...(await azureIsWrong())], final: done };
  }

  #isCurrent({ metadata, status }: RegistryReplication): boolean {
    if (metadata.uid !== this.#written?.metadata.uid || metadata.generation < this.#written.metadata.generation)
      return false;
    if ((metadata.deletionTimestamp !== undefined) !== (this.#lane.object?.deleting === true)) return false;
    return status?.observedGeneration === metadata.generation && answers(status.lastHandledRequest ?? '', this.#asked);
  }

  /** The operator's writes that Azure took. */
  async #writesSince(began: number): Promise<readonly string[]> {
    const journal = await this.#options.world.azure.control.journal({ registry: this.#name, kind: 'replication' });
    return journal
      .filter(({ at, verb, status }) => at >= began && verb !== 'GET' && status >= 200 && status < 300)
      .map(({ verb, region }) => `${verb} ${region}`)
      .sort();
  }

  #fail(wrong: readonly string[]): never {
    const { covered, world } = this.#options;
    const object = world.watched.latest(this.#name);
    const log = world.operator.log().filter((line) => line['object'] === `${world.namespace}/${this.#name}`);
    throw new Misled(
      covered.steps,
      [
        ...this.#did.map((what) => `did: ${what}`),
        ...wrong.map((what) => `WRONG: ${what}`),
        `the object as last seen:\n${stringify(withoutManagedFields(object))}`,
        ...log.slice(-8).map((line) => `the operator said: ${JSON.stringify(line)}`),
      ].join('\n'),
    );
  }
}

/** Whether a status answers a request, of which it has room for the first 1024 characters. */
function answers(handled: string, asked: string): boolean {
  return handled === asked || (handled.length >= 1_000 && asked.length > 1_024 && asked.startsWith(handled));
}

function reasonOf({ status }: RegistryReplication): string | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.reason;
}

function withoutManagedFields(object: RegistryReplication | undefined): unknown {
  if (object === undefined) return 'none';
  const { managedFields: _, ...metadata } = object.metadata as unknown as Readonly<Record<string, unknown>>;
  return { ...object, metadata };
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
