import { expect, test } from 'vitest';
import { azLines, kubectlCells, kubectlLines } from './tables.ts';

const column = (name: string, priority = 0) => ({ name, priority });

test("the table has the API server's columns of priority 0, aligned as kubectl does", () => {
  const cells = kubectlCells({
    columnDefinitions: [column('Name'), column('Regions'), column('Home', 1), column('Age')],
    rows: [
      { cells: ['contoso', '2/3', 'eastus', '7s'], object: {} },
      { cells: ['a-longer-name', null, null, '2d'], object: {} },
    ],
  });
  expect(kubectlLines(cells)).toEqual([
    'NAME            REGIONS   AGE',
    'contoso         2/3       7s',
    'a-longer-name             2d',
  ]);
});

test('replicas are listed as the Azure CLI lists them: dashes two longer than the header, nothing where there is no status', () => {
  const replica = (name: string, provisioningState: string, displayStatus?: string) => ({
    name,
    location: name,
    properties: { provisioningState, status: displayStatus === undefined ? {} : { displayStatus } },
  });
  expect(azLines([replica('southafricanorth', 'Creating'), replica('eastus', 'Succeeded', 'Ready')])).toEqual([
    'NAME              LOCATION          PROVISIONING STATE    STATUS',
    '----------------  ----------------  --------------------  --------',
    'southafricanorth  southafricanorth  Creating',
    'eastus            eastus            Succeeded             Ready',
  ]);
});
