import { expect, test } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { table } from '../../../src/cli/output/table.ts';
import { columnsOf } from '../../../src/cli/regions/columns.ts';
import { distanceKm, offeredIn, parseLocations } from '../../../src/cli/regions/locations.ts';
import { rowsOf } from '../../../src/cli/regions/rows.ts';
import { type Region, regionOf } from '../../../src/domain/region.ts';
import { nodesByRegion } from '../../../src/view/nodes.ts';

/** As ARM answers, but for the fields that nobody reads. */
function entry(name: string, latitude: string, longitude: string, more: object = {}) {
  const metadata = { regionType: 'Physical', geography: 'Europe', latitude, longitude, pairedRegion: [] };
  return { name, displayName: name.toUpperCase(), metadata, ...more };
}

const zones = ['1', '2', '3'].map((logicalZone) => ({ logicalZone, physicalZone: `az${logicalZone}` }));
const locations = parseLocations([
  entry('westeurope', '52.3667', '4.9', { availabilityZoneMappings: zones }),
  entry('northeurope', '53.3478', '-6.2597'),
  entry('japaneast', '35.68', '139.77'),
  { name: 'global', displayName: 'Global', metadata: { regionType: 'Logical', regionCategory: 'Other' } },
]);
const everywhere = new Set(['westeurope', 'northeurope', 'japaneast'].map(regionOf));
const rows = (nodes: Readonly<Record<string, number>>, objects: readonly object[] = []) =>
  rowsOf(
    locations,
    everywhere,
    new Map(Object.entries(nodes) as [Region, number][]),
    objects as readonly RegistryReplication[],
  );

test('what is no place is no region', () => {
  expect(locations.map(({ region, zones }) => `${region} ${zones}`)).toEqual([
    'westeurope 3',
    'northeurope 0',
    'japaneast 0',
  ]);
});

test('a region is read whatever Azure leaves out of it', () => {
  const bare = { region: 'atlantis', displayName: 'atlantis', geography: '', zones: 0 };
  const strange = [
    { name: 'atlantis' },
    null,
    7,
    {},
    { name: 'atlantis', metadata: { latitude: null, longitude: '' } },
  ];
  for (const location of parseLocations(strange)) expect(location).toMatchObject(bare);
  expect(parseLocations(strange).map(({ pair, position }) => [pair, position])).toEqual([
    [undefined, undefined],
    [undefined, undefined],
  ]);
});

test('regions are those of the resource type, by display name', () => {
  const types = [
    { resourceType: 'registries', locations: ['West US'] },
    { resourceType: 'registries/replications', locations: ['West Europe', 'Japan East'] },
  ];
  expect([...offeredIn({ resourceTypes: types })]).toEqual(['westeurope', 'japaneast']);
  expect([...offeredIn(null)]).toEqual([]);
});

test('distances are along the surface of the earth', () => {
  const [amsterdam, dublin, tokyo] = locations.map(({ position }) => position ?? { latitude: 0, longitude: 0 });
  if (amsterdam === undefined || dublin === undefined || tokyo === undefined) throw new Error('three places');
  expect(distanceKm(amsterdam, amsterdam)).toBe(0);
  expect(Math.round(distanceKm(amsterdam, dublin))).toBe(756);
  expect(Math.round(distanceKm(amsterdam, tokyo) / 100)).toBe(93);
  expect(Math.round(distanceKm({ latitude: 0, longitude: -179 }, { latitude: 0, longitude: 179 }))).toBe(222);
});

test('nodes are counted by their label, in whatever spelling', () => {
  const label = (region: string) => ({ 'topology.kubernetes.io/region': region });
  const counts = nodesByRegion([label('westeurope'), label('West Europe'), {}, undefined, label('japaneast')]);
  expect([...counts]).toEqual([
    ['westeurope', 2],
    ['japaneast', 1],
  ]);
});

test('the nearest region comes first, by the nearest node', () => {
  const near = rows({ northeurope: 2, japaneast: 1 });
  expect(near.map(({ region, km, nodes }) => `${region} ${km} ${nodes}`)).toEqual([
    'japaneast 0 1',
    'northeurope 0 2',
    'westeurope 756 0',
  ]);
});

test('where no node is in a region of Azure, regions come by name and without distance', () => {
  expect(rows({ 'eu-west-1': 3 }).map(({ region, km }) => `${region} ${km}`)).toEqual([
    'japaneast undefined',
    'northeurope undefined',
    'westeurope undefined',
  ]);
});

test('registries are told in each region of their replicas, and at home', () => {
  const replica = (location: string, managed: string, more: object = { name: location }) => ({
    location,
    managed,
    provisioningState: 'Succeeded',
    ...more,
  });
  const told = rows({}, [
    {
      spec: { registry: { name: 'contoso' } },
      status: {
        registry: { homeRegion: 'westeurope' },
        replicas: [replica('westeurope', 'Home'), replica('japaneast', 'Created')],
      },
    },
    { spec: { registry: { name: 'alone' } }, status: { registry: { homeRegion: 'westeurope' } } },
    // Wanted, and not there.
    { spec: { registry: { name: 'wanted' } }, status: { replicas: [{ location: 'northeurope', managed: 'Created' }] } },
    { spec: { registry: { name: 'new' } } },
  ]);
  expect(Object.fromEntries(told.map(({ region, registries }) => [region, registries]))).toEqual({
    japaneast: ['contoso'],
    northeurope: [],
    westeurope: ['alone (home)', 'contoso (home)'],
  });
});

const japan = [
  {
    spec: { registry: { name: 'contoso' } },
    status: { replicas: [{ location: 'japaneast', name: 'japaneast', provisioningState: 'Succeeded' }] },
  },
];
const wide = columnsOf({ isWide: true, isPlaced: true, hasObjects: true });
const shown = (width: number) => table(wide, rows({ westeurope: 12 }, japan), width);

test('at 80 columns and more everything is there', () => {
  expect(shown(200)).toBe(`\
REGION        DISPLAY NAME   GEOGRAPHY   PAIR   ZONES   DISTANCE    REGISTRIES
westeurope    WESTEUROPE     Europe             3       here (12)
northeurope   NORTHEUROPE    Europe                     756 km
japaneast     JAPANEAST      Europe                     9293 km     contoso
`);
  expect(shown(80)).toBe(shown(200));
});

test('at 52 columns what can be looked up elsewhere goes first', () => {
  expect(shown(52)).toBe(`\
REGION        PAIR   ZONES   DISTANCE    REGISTRIES
westeurope           3       here (12)
northeurope                  756 km
japaneast                    9293 km     contoso
`);
});

test('what nobody may know has no column', () => {
  const titles = (isPlaced: boolean, hasObjects: boolean) =>
    columnsOf({ isWide: false, isPlaced, hasObjects }).map(({ title }) => title);
  expect(titles(false, false)).toEqual(['REGION', 'GEOGRAPHY', 'PAIR', 'ZONES']);
  expect(titles(true, true)).toEqual(['REGION', 'GEOGRAPHY', 'PAIR', 'ZONES', 'DISTANCE', 'REGISTRIES']);
});
