import { setTimeout as delay } from 'node:timers/promises';
import type { EmulatorControl } from '../../sandbox/emulator/control.ts';
import { type Place, regions } from './cast.ts';
import type { Chance } from './chance.ts';

const weights = {
  'replica created': 6,
  'replica created for another cluster': 1,
  'replica deleted': 6,
  'tags changed': 4,
  'all tags removed': 2,
  'routing changed': 4,
  'replica failed': 4,
  'registry deleted and made again': 0.5,
  'access tokens revoked': 0.5,
} as const;

export type Hand = keyof typeof weights;

export interface ForeignHands {
  readonly counts: Readonly<Partial<Record<Hand, number>>>;
  /** Whether something is half done, such as a registry that is deleted and still to come back. */
  pending(): number;
  /** Makes one change behind the operator's back. Returns at once. */
  changeOne(): void;
}

/** What people, portals and Azure itself do to replicas without asking the operator. */
export function foreignHandsOf(
  control: EmulatorControl,
  places: readonly Place[],
  chance: Chance,
  signal: AbortSignal,
): ForeignHands {
  const counts: Partial<Record<Hand, number>> = {};
  let pending = 0;

  async function change(hand: Hand, place: Place): Promise<boolean> {
    const { name: registry, location: home } = place;
    if (hand === 'access tokens revoked') return done(control.revokeTokens('challenge'));
    if (hand === 'registry deleted and made again') {
      await control.deleteRegistry(registry);
      await delay(chance.whole(1_000, 15_000), undefined, { signal }).catch(() => {});
      const { resourceGroup, subscriptionId } = place;
      return done(control.putRegistry({ name: registry, resourceGroup, subscriptionId, location: home }));
    }
    const there = (await control.replicas(registry)).filter(({ location }) => location !== home);
    if (hand === 'replica created' || hand === 'replica created for another cluster') {
      const location = chance.pick(regions.filter((r) => r !== home && !there.some((t) => t.location === r)));
      if (location === undefined) return false;
      const tags =
        hand === 'replica created'
          ? { by: 'hand' }
          : { 'managed-by': 'acr-replication-operator', 'acr-replication-owner': 'other-cluster/platform/contoso' };
      return done(control.createReplica({ registry, location, tags }));
    }
    const replica = chance.pick(there);
    if (replica === undefined) return false;
    const which = { registry, region: replica.location };
    if (hand === 'replica deleted') return done(control.deleteReplica(which));
    if (hand === 'tags changed')
      return done(control.alterReplica({ ...which, tags: { ...replica.tags, team: 'somebody', 'cost-center': '9' } }));
    if (hand === 'all tags removed') return done(control.alterReplica({ ...which, tags: {} }));
    if (hand === 'replica failed')
      return done(control.alterReplica({ ...which, provisioningState: chance.pick(['Failed', 'Canceled']) }));
    return done(control.alterReplica({ ...which, regionEndpointEnabled: !replica.properties.regionEndpointEnabled }));
  }

  return {
    counts,
    pending: () => pending,
    changeOne() {
      const place = chance.pick(places);
      if (place === undefined) return;
      const hand = chance.weighted(weights);
      pending += 1;
      // The replica, or the registry, may just have gone.
      void change(hand, place)
        .catch(() => false)
        .then((changed) => {
          pending -= 1;
          if (changed) counts[hand] = (counts[hand] ?? 0) + 1;
        });
    },
  };
}

async function done(change: Promise<unknown>): Promise<true> {
  await change;
  return true;
}
