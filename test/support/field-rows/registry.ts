import { expect } from 'vitest';
import { DEFAULTS } from '../../sandbox/emulator/settings.ts';
import type { Row, Stage } from '../field-steps.ts';
import { resourceGroup } from '../registry-scene.ts';
import { inJapan, made, settling } from './common.ts';

export const otherSubscription = '11111111-1111-1111-1111-111111111111';

export const registryRows: Readonly<Record<string, Row>> = {
  'spec.registry.name': {
    set: [{ ...made, shows: { status: { registry: { loginServer: 'specregistryname.azurecr.io' } } } }],
    changed: [
      { spec: { ...inJapan, registry: { name: 'SpecRegistryName', resourceGroup: resourceGroup.toUpperCase() } } },
      {
        spec: { ...inJapan, registry: { name: 'fabrikam', resourceGroup } },
        refused: /registry is immutable: .*set deletionPolicy: Retain first; then delete this object and create one/,
      },
    ],
    removed: [{ spec: { ...inJapan, registry: { resourceGroup } }, refused: /spec\.registry\.name: Required value/ }],
    invalid: [
      { spec: inJapan, about: 'acr1', refused: /spec\.registry\.name: .*5 to 50 letters and digits/ },
      {
        spec: { ...inJapan, registry: { name: 'contoso.azurecr.io', resourceGroup } },
        refused: /spec\.registry\.name: .*without the domain: contoso/,
      },
      {
        spec: { ...inJapan, interval: '30s' },
        about: 'latename',
        reason: 'Retrying',
        says: /^There is no registry latename in resource group registries\. Check registry name/,
        shows: settling,
      },
    ],
    backToValid: [
      {
        about: 'latename',
        first: ({ world: { azure } }) =>
          azure.control.putRegistry({ name: 'latename', resourceGroup, location: 'eastus' }),
        azure: { japaneast: {} },
        writes: ['PUT japaneast'],
      },
    ],
  },

  'spec.registry.resourceGroup': {
    set: [{ ...made, shows: { status: { registry: { id: expect.stringContaining('/resourceGroups/registries/') } } } }],
    changed: [
      {
        spec: { ...inJapan, registry: { name: 'specregistryresourcegroup', resourceGroup: 'elsewhere' } },
        refused: /registry is immutable/,
      },
    ],
    removed: [
      {
        spec: { ...inJapan, registry: { name: 'specregistryresourcegroup' } },
        refused: /spec\.registry\.resourceGroup: Required value/,
      },
    ],
    invalid: [
      {
        spec: { ...inJapan, registry: { name: 'specregistryresourcegroup', resourceGroup: 'group.' } },
        refused: /spec\.registry\.resourceGroup: .*does not end in a period/,
      },
      {
        spec: { ...inJapan, registry: { name: 'lategroup', resourceGroup: 'lategroup' } },
        about: 'lategroup',
        reason: 'Retrying',
        says: /^There is no resource group lategroup in subscription/,
        shows: settling,
      },
    ],
    backToValid: [
      {
        about: 'lategroup',
        first: (stage) => appears(stage, { name: 'lategroup', resourceGroup: 'lategroup' }),
        azure: { japaneast: {} },
        writes: ['PUT japaneast'],
      },
    ],
  },

  'spec.registry.subscriptionId': {
    registry: { subscriptionId: otherSubscription },
    set: [
      {
        spec: {
          ...inJapan,
          registry: { name: 'specregistrysubscriptionid', resourceGroup, subscriptionId: otherSubscription },
        },
        shows: { status: { registry: { id: expect.stringContaining(`/subscriptions/${otherSubscription}/`) } } },
        azure: { japaneast: {} },
        writes: ['PUT japaneast'],
      },
    ],
    changed: [
      {
        spec: {
          ...inJapan,
          registry: { name: 'specregistrysubscriptionid', resourceGroup, subscriptionId: DEFAULTS.subscriptionId },
        },
        refused: /registry is immutable/,
      },
    ],
    removed: [
      {
        spec: inJapan,
        about: 'latesubscription',
        reason: 'Retrying', // looked for in the operator's own
        says: /^There is no registry latesubscription/,
      },
    ],
    invalid: [
      {
        spec: { ...inJapan, registry: { name: 'anothername', resourceGroup, subscriptionId: '1234' } },
        about: 'anothername',
        refused: /spec\.registry\.subscriptionId: .*write the subscription's id, not its name/,
      },
      {
        spec: {
          ...inJapan,
          registry: { name: 'anothername', resourceGroup, subscriptionId: otherSubscription.replaceAll('1', '9') },
        },
        about: 'anothername',
        reason: 'Retrying',
        says: /^There is no subscription 99999999-/,
        shows: settling,
      },
    ],
    backToValid: [
      {
        about: 'latesubscription',
        first: (stage) => appears(stage, { name: 'latesubscription', resourceGroup }),
        azure: { japaneast: {} },
        writes: ['PUT japaneast'],
      },
      // Stating the operator's own names the same registry, as does leaving it out again.
      {
        about: 'latesubscription',
        spec: {
          ...inJapan,
          registry: { name: 'latesubscription', resourceGroup, subscriptionId: DEFAULTS.subscriptionId },
        },
      },
      { about: 'latesubscription', spec: inJapan },
    ],
  },
};

/** The registry of an object that is Stalled for want of it is made in Azure, and somebody asks to look. */
async function appears({ world }: Stage, registry: { name: string; resourceGroup: string }) {
  await world.azure.control.putRegistry({ ...registry, location: 'eastus' });
  const annotations = { 'acr-replication.dev/requested-at': 'now' };
  await world.cluster.kube.patch(world.path(registry.name), { metadata: { annotations } });
}
