import { describe, expect, test } from 'vitest';
import { warning } from '../../../../src/cli/doctor/finding.ts';
import { nodeChecks } from '../../../../src/cli/doctor/nodes.ts';
import { told } from './told.ts';

describe('the images of AKS nodes', () => {
  const node = (version: string, pool = 'system', cluster = 'MC_platform_prod_westeurope') => ({
    'kubernetes.azure.com/node-image-version': `AKSUbuntu-2204gen2containerd-${version}`,
    'kubernetes.azure.com/agentpool': pool,
    'kubernetes.azure.com/cluster': cluster,
  });

  test.each(['202607.29.0', '202608.01.1', '202701.02.0'])('of %s know regional hosts', (version) => {
    expect(told(nodeChecks([node(version)]))).toEqual(['ok: the images of all 1 AKS nodes know regional hosts']);
  });

  test('that are older are told by pool, with the command that renews it', () => {
    const nodes = [node('202607.28.0'), node('202509.23.0'), node('202607.29.0'), node('202512.01.0', 'gpu')];
    expect(nodeChecks(nodes)).toEqual([
      warning(
        'node pool gpu: 1 of 4 nodes have image 202512.01, and before 202607.29 a pull from a regional host by managed identity is answered 401',
        'az aks nodepool upgrade --resource-group platform --cluster-name prod --name gpu --node-image-only',
      ),
      warning(
        'node pool system: 2 of 4 nodes have image 202509.23, and before 202607.29 a pull from a regional host by managed identity is answered 401',
        'az aks nodepool upgrade --resource-group platform --cluster-name prod --name system --node-image-only',
      ),
    ]);
  });

  test('of a group that does not tell the cluster are found by it', () => {
    expect(nodeChecks([node('202509.23.0', 'one', 'my_group')])[0]?.cure).toContain(
      `az aks list --query "[?nodeResourceGroup=='my_group']`,
    );
  });

  test('of other clouds have no such label', () => expect(nodeChecks([{ 'kubernetes.io/os': 'linux' }])).toEqual([]));
});
