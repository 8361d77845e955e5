import { expect, test, vi } from 'vitest';
import type { KubeClient, KubeRequest } from '../../../src/kube/http/client.ts';
import { createNodeRegions, type NodeRegions, readNodeRegions } from '../../../src/map/node-regions.ts';
import { clockAt } from '../../support/clock.ts';

const { signal } = new AbortController();
const node = (labels?: Readonly<Record<string, string>>) => ({ metadata: { name: 'node', ...(labels && { labels }) } });
const inRegion = (region: string) => node({ 'topology.kubernetes.io/region': region });

test('nodes are counted by the region that their label names; those without are left out', async () => {
  const asked: KubeRequest[] = [];
  const pages = [
    { metadata: { continue: 'more' }, items: [inRegion('westeurope'), inRegion('japaneast'), node()] },
    { metadata: {}, items: [inRegion('West Europe'), node({ 'topology.kubernetes.io/region': '' })] },
  ];
  const client = {
    call: async (request: KubeRequest) => {
      asked.push(request);
      return pages[asked.length - 1];
    },
  } as unknown as KubeClient;
  expect(await readNodeRegions(client, signal)).toEqual({ westeurope: 2, japaneast: 1 });
  expect(asked.map(({ query }) => query)).toEqual([{ limit: '500' }, { limit: '500', continue: 'more' }]);
  for (const { path, accept } of asked) {
    expect(path).toBe('/api/v1/nodes');
    expect(accept).toContain('PartialObjectMetadataList'); // a whole node has some ten kB
  }
});

test('the count is read in the background, again when it is five minutes old, and is none when it is refused', async () => {
  let nowMs = 0;
  const read = vi.fn<() => Promise<NodeRegions>>().mockResolvedValueOnce({ westeurope: 2 });
  const nodes = createNodeRegions(
    read,
    clockAt(() => new Date(nowMs)),
    signal,
  );
  expect(nodes()).toBeUndefined();
  await vi.waitFor(() => expect(nodes()).toEqual({ westeurope: 2 }));
  nowMs = 299_000;
  nodes();
  expect(read).toHaveBeenCalledTimes(1);
  read.mockRejectedValueOnce(new Error('403'));
  nowMs = 301_000;
  expect(nodes()).toEqual({ westeurope: 2 });
  await vi.waitFor(() => expect(nodes()).toBeUndefined());
  expect(read).toHaveBeenCalledTimes(2);
});
