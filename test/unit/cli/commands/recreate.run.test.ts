import { describe, expect, test } from 'vitest';
import type { RegistryReplication } from '../../../../src/api/registryreplication.ts';
import type { Cluster } from '../../../../src/cli/cluster.ts';
import type { Call } from '../../../../src/cli/command.ts';
import { run } from '../../../../src/cli/commands/recreate.run.ts';
import { painter } from '../../../../src/cli/output/terminal.ts';
import { KubeError } from '../../../../src/kube/http/error.ts';

const annotation = 'acr-replication.dev/recreate';

/** A cluster with one object. Each patch is stored, and `answer` says what the operator makes of it. */
function scene(options: { answers?: string; conflicts?: number; handled?: string } = {}) {
  let { conflicts = 0 } = options;
  const patches: (string | null | undefined)[] = [];
  let object = {
    metadata: {
      name: 'contoso',
      namespace: 'platform',
      resourceVersion: '1',
      annotations: { [annotation]: options.handled ?? '' },
    },
    spec: { registry: { name: 'contoso' }, regions: [{ location: 'japaneast' }, { location: 'westeurope' }] },
    status: {
      replicas: [{ location: 'japaneast', name: 'japaneast', provisioningState: 'Failed' }],
      ...(options.handled === undefined ? {} : { lastHandledRecreate: options.handled }),
    },
  } as unknown as RegistryReplication;
  const cluster = {
    namespace: 'platform',
    object: async () => object,
    client: {
      async call({
        body,
      }: {
        body: { metadata: { resourceVersion?: string; annotations: Record<string, string | null> } };
      }) {
        const asked = body.metadata.annotations[annotation] ?? null;
        if (conflicts-- > 0) {
          // Somebody else asks for another region at the same time.
          object = { ...object, metadata: { ...object.metadata, annotations: { [annotation]: 'westeurope' } } };
          if (body.metadata.resourceVersion !== undefined) {
            throw new KubeError({ request: 'PATCH', status: 409, reason: 'Conflict' });
          }
        }
        patches.push(asked);
        const { lastHandledRecreate: _, ...status } = object.status ?? {};
        object = { ...object, metadata: { ...object.metadata, annotations: { [annotation]: asked ?? '' } }, status };
        return object;
      },
    },
  } as unknown as Cluster;
  const said = { out: '', err: '', questions: [] as string[] };
  const ask = async (question: string): Promise<string> => {
    said.questions.push(question);
    return options.answers ?? '';
  };
  const call: Call = {
    args: ['contoso', 'japaneast'],
    typed: 'kubectl acr-replication recreate contoso japaneast',
    here: (line) => line,
    flag: (name) => name === 'yes' && options.answers === undefined,
    text: () => undefined,
    texts: () => [],
    terminal: {
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      ask,
      isTerminal: true,
      columns: () => 80,
      paint: painter(false),
      isUnicode: true,
    },
    env: {},
    cluster: () => cluster,
    now: () => new Date('2026-09-10T12:00:00Z'),
    signal: new AbortController().signal,
  };
  return { call, said, patches };
}

describe('asked whether it is wanted', () => {
  for (const answers of ['y', 'Y', ' yes ']) {
    test(`${JSON.stringify(answers)} does it`, async () => {
      const { call, said, patches } = scene({ answers });
      expect(await run(call)).toBe(0);
      expect(said.questions).toEqual(['Make it anew? [y/N] ']);
      expect(said.err).toContain('is deleted with all images in it');
      expect(patches).toEqual(['japaneast']);
    });
  }
  for (const answers of ['', 'n', 'yesterday']) {
    test(`${JSON.stringify(answers)} does nothing`, async () => {
      const { call, said, patches } = scene({ answers });
      expect(await run(call)).toBe(1);
      expect(said.out).toBe('nothing was done\n');
      expect(patches).toEqual([]);
    });
  }
});

test('a region that somebody else asks for at the same time stays', async () => {
  const { call, patches } = scene({ conflicts: 1 });
  expect(await run(call)).toBe(0);
  expect(patches).toEqual(['westeurope,japaneast']);
});

test('a region that was made anew before is taken out first, so that it counts again', async () => {
  const { call, patches } = scene({ handled: 'japaneast' });
  expect(await run(call)).toBe(0);
  expect(patches).toEqual([null, 'japaneast']);
});

test('what somebody else asks for while it is taken out stays', async () => {
  const { call, patches } = scene({ handled: 'japaneast', conflicts: 1 });
  expect(await run(call)).toBe(0);
  expect(patches).toEqual(['westeurope', 'westeurope,japaneast']);
});
