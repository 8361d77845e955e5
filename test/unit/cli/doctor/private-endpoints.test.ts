import { describe, expect, test } from 'vitest';
import { type Places } from '../../../../src/cli/doctor/features.ts';
import { failing, warning } from '../../../../src/cli/doctor/finding.ts';
import {
  addressChecks,
  connectionChecks,
  freeBySubnet,
  networkOf,
  subnetOf,
} from '../../../../src/cli/doctor/private-endpoints.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import { told } from './told.ts';

const id = '/subscriptions/sub/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso';
const places = (there: readonly string[], missing: readonly string[] = []): Places => ({
  there: there.map(regionOf),
  missing: missing.map(regionOf),
});

describe('private endpoints', () => {
  const subnetId = '/subscriptions/sub/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub/subnets/ends';
  const connection = (name: string, status = 'Approved') => ({
    id: `${id}/c/${name}`,
    endpointId: `/x/${name}`,
    name,
    status,
  });
  const usage = (currentValue: number, limit: number) => ({ id: subnetId, currentValue, limit });
  const one = [{ connection: connection('pe'), subnetId }];
  const check = (free: number | undefined, at: Places, isRegional = false, placed = one) =>
    addressChecks(placed, new Map(free === undefined ? [] : [[subnetId.toLowerCase(), free]]), at, isRegional);

  test.each([
    ['one for the registry and one for each region', ['eastus'], ['uksouth'], false, 3, 1],
    ['with regional endpoints two for each region', ['eastus', 'japaneast'], ['uksouth'], true, 7, 2],
    ['none more when all regions are there', ['eastus', 'japaneast'], [], false, 3, 0],
  ] as const)('take %s', (_, there, missing, isRegional, all, more) => {
    expect(told(check(more, places(there, missing), isRegional))).toEqual([
      `ok: private endpoint pe: ${all} addresses in subnet hub/ends, ${more} of them still to come, ${more} free`,
    ]);
  });

  test('that have too few addresses left must be helped', () => {
    expect(check(1, places(['eastus'], ['uksouth', 'japaneast']))).toEqual([
      failing(
        'private endpoint pe: 4 addresses in subnet hub/ends, 2 of them still to come, and only 1 free: Azure would take back the replica',
        `az network vnet subnet update --ids ${subnetId} --address-prefixes A-WIDER-PREFIX`,
      ),
    ]);
  });

  test('of one subnet share its addresses, whatever the case of its id', () => {
    const two = [...one, { connection: connection('other'), subnetId: subnetId.toUpperCase() }];
    const [shared] = check(1, places(['eastus'], ['uksouth']), false, two);
    expect(shared?.verdict).toBe('failing');
    expect(shared?.says).toMatch(
      /^private endpoints other, pe: 6 addresses .* 2 of them still to come, and only 1 free/,
    );
  });

  test('whose subnet may not be looked into are told as far as they are known', () => {
    expect(told(check(undefined, places(['eastus'], ['uksouth'])))).toEqual([
      'warning: private endpoint pe: 3 addresses in subnet hub/ends, 1 of them still to come; how many are free is not known',
    ]);
    expect(check(undefined, places(['eastus']))[0]?.verdict).toBe('ok');
  });

  test('that wait for approval are told with the command that gives it', () => {
    expect(connectionChecks([connection('pe'), connection('late', 'Pending'), connection('old', 'Rejected')])).toEqual([
      warning(
        'private endpoint late waits for approval',
        `az network private-endpoint-connection approve --id ${id}/c/late`,
      ),
      warning('private endpoint old is Rejected'),
    ]);
  });

  test('are read from what Azure answers', () => {
    expect(subnetOf({ properties: { subnet: { id: subnetId } } })).toBe(subnetId);
    expect(subnetOf({})).toBeUndefined();
    expect(networkOf(subnetId)).toBe(subnetId.replace('/subnets/ends', ''));
    // https://learn.microsoft.com/rest/api/virtualnetwork/virtual-networks/list-usage: -1 for a gateway's subnet
    expect(freeBySubnet([usage(3, 11), { ...usage(-1, 11), id: 'gateway' }, {}])).toEqual(
      new Map([[subnetId.toLowerCase(), 8]]),
    );
  });
});
