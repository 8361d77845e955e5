import { expect, test } from 'vitest';
import { regionOf } from '../../../src/domain/region.ts';
import { regionalHost } from '../../../src/domain/regional-host.ts';

const cases: readonly {
  readonly name: string;
  readonly loginServer: string;
  readonly region?: string;
  readonly host: string | undefined;
}[] = [
  { name: 'Azure', loginServer: 'contoso.azurecr.io', host: 'contoso.westeurope.geo.azurecr.io' },
  { name: 'Azure in China', loginServer: 'contoso.azurecr.cn', host: 'contoso.westeurope.geo.azurecr.cn' },
  { name: 'Azure for US governments', loginServer: 'contoso.azurecr.us', host: 'contoso.westeurope.geo.azurecr.us' },
  {
    name: 'a domain name label, which is more than the name',
    loginServer: 'contoso-h4xd2.azurecr.io',
    host: 'contoso-h4xd2.westeurope.geo.azurecr.io',
  },
  { name: 'none for a host of nobody knows whom', loginServer: 'contoso.example.com', host: undefined },
  { name: 'none for a regional host', loginServer: 'contoso.eastus.geo.azurecr.io', host: undefined },
  { name: 'none without a login server', loginServer: '', host: undefined },
  {
    name: 'none for a region that is no label',
    loginServer: 'contoso.azurecr.io',
    region: 'East US 2 (Stage)',
    host: undefined,
  },
];

for (const { name, loginServer, region = 'westeurope', host } of cases) {
  test(name, () => expect(regionalHost({ loginServer }, regionOf(region))).toBe(host));
}
