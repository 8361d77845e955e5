import { describe, expect, test } from 'vitest';
import { accountsOf, type Result } from '../../../src/domain/account.ts';
import { regionOf } from '../../../src/domain/region.ts';
import { entry, replica, situation } from '../../support/builders.ts';

const tokyo = regionOf('japaneast');
const failure = { kind: 'terminal', reason: 'Rejected', code: 'x', message: 'x' } as const;
const rows: readonly (readonly [name: string, listed: boolean, result: Result, state: string | undefined])[] = [
  [
    'a creation shows what Azure answered',
    false,
    { kind: 'created', replica: replica('japaneast', { state: 'Creating' }) },
    'Creating',
  ],
  [
    'a change shows what Azure answered',
    true,
    { kind: 'updated', replica: replica('japaneast', { state: 'Updating' }) },
    'Updating',
  ],
  ['a deletion shows as such', true, { kind: 'deleting' }, 'Deleting'],
  ['a deletion of what LIST did not show shows nothing', false, { kind: 'deleting' }, undefined],
  [
    'a GET is believed more than LIST',
    true,
    { kind: 'found', replica: replica('japaneast', { state: 'Failed' }) },
    'Failed',
  ],
  ['a GET is believed when it finds nothing', true, { kind: 'found', replica: undefined }, undefined],
  ['a failure shows what LIST showed', true, { kind: 'failed', failure }, 'Succeeded'],
  ['a failure shows nothing where LIST did not', false, { kind: 'failed', failure }, undefined],
];

describe('after a pass', () => {
  for (const [name, listed, result, state] of rows) {
    test(name, () => {
      const given = situation(['japaneast'], listed ? [replica('japaneast')] : []);
      const accounts = accountsOf(given, [], new Map([[tokyo, result]]));
      expect(accounts.find(({ region }) => region === tokyo)?.replica?.state).toBe(state);
    });
  }

  test('every region that the spec, Azure or status names has one row, home too, in order', () => {
    const given = situation(['uksouth'], [replica('japaneast')], { remembered: [entry('brazilsouth')] });
    const regions = accountsOf(given, [], new Map()).map(({ region }) => region);
    expect(regions).toEqual(['brazilsouth', 'eastus', 'japaneast', 'uksouth']);
  });
});
