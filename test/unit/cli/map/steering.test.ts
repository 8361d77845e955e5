import { expect, test } from 'vitest';
import type { Cluster } from '../../../../src/cli/cluster.ts';
import { type Stored, versionOf } from '../../../../src/cli/map/changing.ts';
import { steeringPosts } from '../../../../src/cli/map/steering.ts';
import { resource } from '../../../support/builders.ts';

test('a page that is closed while its change is written leaves no half of it', async () => {
  const page = new AbortController();
  const stored = resource(['japaneast', 'uksouth']) as Stored;
  const now = [...stored.spec.regions];
  const writes: string[] = [];
  const client: Pick<Cluster['client'], 'call'> = {
    call(request, signal) {
      if (request.method === 'PATCH') {
        writes.push(request.contentType ?? '');
        page.abort(); // closed as soon as the first write is on its way
        if (writes.length === 1) now.push({ location: 'westeurope' });
        else now.splice(0, now.length, ...now.filter(({ location }) => location !== 'uksouth'));
      }
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      return Promise.resolve({ ...stored, spec: { ...stored.spec, regions: [...now] } });
    },
  };
  const posts = steeringPosts({
    cluster: { client: client as Cluster['client'] },
    isShown: () => true,
    planDraft: () => Promise.reject(new Error('not asked')),
    here: (line) => line,
  });
  const { name, namespace } = stored.metadata;
  const body = { name, namespace, regions: ['japaneast', 'westeurope'], version: versionOf(stored) };
  await posts['/api/apply']?.(body, page.signal);
  expect(writes).toEqual(['application/apply-patch+yaml', 'application/json-patch+json']);
  expect(now).toEqual([{ location: 'japaneast' }, { location: 'westeurope' }]);
});
