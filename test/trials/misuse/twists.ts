import type { EmulatorControl } from '../../sandbox/emulator/control.ts';
import type { FaultRule } from '../../sandbox/emulator/fault-rules.ts';
import type { Chance } from '../soak/chance.ts';
import { isRead, type Lane } from './model.ts';
import { wishesOf } from './wishes.ts';

/** What happens to a registry or a cluster, beside edits of the object and hands on its replicas. */
export interface Twist {
  /** The same words for every twist of its kind. */
  readonly kind: string;
  readonly what: string;
  /** Does it to Azure. */
  readonly act: (control: EmulatorControl) => Promise<void>;
  readonly after: Lane;
  /** What the object's status is told beside: an hour passes, or the cluster had another name when it was written. */
  readonly status?: { readonly hourPasses?: true; readonly owner?: string };
  /** The operator is asked to look, and nothing else is done in this step. */
  readonly asks?: true;
  /** Regions that the annotation recreate names from now on. */
  readonly recreate?: readonly string[];
  /** A fault that ends with the step. */
  readonly fault?: FaultRule;
}

const homes = ['eastus', 'westeurope', 'southeastasia', 'northeurope'] as const;
const policies = [{}, { policytag: 'shared' }, { team: 'policy' }] as const;

/** A change that this lane allows; undefined when there is none of the kind that chance picked. */
export function aTwist(lane: Lane, chance: Chance): Twist | undefined {
  const { place, azure, object, owner } = lane;
  const registry = place.name;
  const nothing = async (): Promise<void> => {};
  const others = [...azure].filter(([region]) => region !== place.home);
  const [some] = chance.some(others, 1);
  const sku = lane.sku === 'Premium' ? 10 : 90; // else little can be done meanwhile
  switch (chance.weighted({ hour: 20, policy: 15, failing: 30, sku, anew: 5, renamed: 8, recreate: 12 })) {
    case 'hour':
      return object === undefined
        ? undefined
        : {
            kind: 'an hour passed',
            what: 'an hour passes',
            act: nothing,
            after: anHourLater(lane),
            status: { hourPasses: true },
          };
    case 'policy': {
      const policy = chance.pick(policies);
      return {
        kind: 'a policy rewrote tags',
        what: `a policy says ${JSON.stringify(policy)}`,
        after: { ...lane, policy },
        async act(control) {
          for (const { id, effect, match } of await control.faults())
            if (effect.kind === 'policyModifies' && match?.registry === registry) await control.clearFaults(id);
          if (Object.keys(policy).length > 0)
            await control.addFault({ match: { registry }, effect: { kind: 'policyModifies', tags: policy } });
        },
      };
    }
    case 'failing': {
      if (some === undefined) return undefined;
      const [region] = some;
      const verb = chance.maybe(0.6) ? 'PATCH' : 'DELETE';
      return {
        kind: `a ${verb} was to fail`,
        what: `the next ${verb} of ${region} will fail`,
        act: nothing,
        after: { ...lane, failing: { verb, region } },
        fault: { match: { registry, verb, region }, times: 1, effect: { kind: 'operationFails' } },
      };
    }
    case 'sku': {
      if (object !== undefined && !isRead(lane)) return undefined;
      const sku = lane.sku === 'Premium' ? 'Basic' : 'Premium';
      return {
        kind: 'the SKU changed',
        what: `somebody makes the registry ${sku}`,
        after: { ...lane, sku },
        asks: true,
        act: (control) => control.alterRegistry({ registry, sku }),
      };
    }
    case 'anew': {
      if (!isRead(lane)) return undefined;
      const home = chance.pick(homes.filter((region) => region !== place.home)) ?? place.home;
      // What Azure does not show is lag for a minute: by then it is later.
      return {
        kind: 'the registry was made anew elsewhere',
        what: `the registry is made anew in ${home}`,
        after: { ...anHourLater(lane), place: { ...place, home }, azure: new Map() },
        status: { hourPasses: true },
        asks: true,
        act: (control) => control.recreateRegistry({ registry, location: home }),
      };
    }
    case 'renamed': {
      const mine = others.filter(([, replica]) => replica.tags['acr-replication-owner'] === owner);
      if (object === undefined || object.spec.suspend === true || mine.length === 0) return undefined;
      const formerOwner = owner.replace(/^[^/]*/, 'former');
      const tags = { 'acr-replication-owner': formerOwner };
      const changed = new Map(azure);
      for (const [region, replica] of mine) changed.set(region, { ...replica, tags: { ...replica.tags, ...tags } });
      return {
        kind: 'the cluster was renamed',
        what: 'the cluster had another name until now',
        after: { ...lane, azure: changed, formerOwner },
        status: { owner: formerOwner },
        async act(control) {
          for (const [region, replica] of mine)
            await control.alterReplica({ registry, region, tags: { ...replica.tags, ...tags } });
        },
      };
    }
    case 'recreate': {
      if (object?.spec.mode === 'Observe' || object?.spec.suspend === true || object === undefined) return undefined;
      const wanted = wishesOf(object.spec).filter(
        ({ region }) => region !== place.home && object.memory.has(region) && azure.get(region)?.failed === false,
      );
      const recreate = chance.some(wanted, 2).map(({ region }) => region);
      if (recreate.length === 0 || lane.sku !== 'Premium') return undefined;
      return {
        kind: 'asked to make replicas anew',
        what: `asks to make anew ${recreate.join(', ')}`,
        act: nothing,
        after: { ...lane, recreate },
        asks: true,
        recreate,
      };
    }
  }
}

/** Every notice that was running is over. */
export function anHourLater(lane: Lane): Lane {
  const { object } = lane;
  if (object === undefined) return lane;
  const notices = new Map([...object.notices.keys()].map((region) => [region, 'over'] as const));
  return { ...lane, object: { ...object, notices } };
}
