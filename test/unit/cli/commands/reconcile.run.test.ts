import { expect, test } from 'vitest';
import type { RegistryReplication } from '../../../../src/api/registryreplication.ts';
import type { Cluster } from '../../../../src/cli/cluster.ts';
import type { Call } from '../../../../src/cli/command.ts';
import { run } from '../../../../src/cli/commands/reconcile.run.ts';
import { painter } from '../../../../src/cli/output/terminal.ts';
import { KubeError } from '../../../../src/kube/http/error.ts';
import { noon, resource } from '../../../support/builders.ts';

const lost = new KubeError({ request: 'GET x', status: 0, reason: 'ECONNREFUSED' });
const forbidden = new KubeError({ request: 'GET x', status: 403, reason: 'Forbidden' });

/** A cluster that answers, after the request to look now, in turn with these; the last one lasts. */
function scene(...answers: readonly (RegistryReplication | KubeError)[]) {
  const turns = [resource(['japaneast']), ...answers];
  let asked = 0;
  const cluster = {
    namespace: 'platform',
    async object() {
      const turn = turns[Math.min(asked++, turns.length - 1)];
      if (turn instanceof KubeError) throw turn;
      return turn;
    },
    client: { call: async () => ({}) },
  } as unknown as Cluster;
  const said = { out: '', err: '' };
  const start = Date.now();
  const call: Call = {
    args: ['contoso'],
    flag: () => false,
    text: (name) => (name === 'timeout' ? '2s' : undefined),
    texts: () => [],
    typed: 'kubectl acr-replication reconcile contoso',
    here: (line) => line,
    terminal: {
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      ask: undefined,
      isTerminal: false,
      columns: () => undefined,
      paint: painter(false),
      isUnicode: true,
    },
    env: {},
    cluster: () => cluster,
    now: () => new Date(noon.getTime() + Date.now() - start),
    signal: new AbortController().signal,
  };
  return { call, said };
}

const lastTransitionTime = noon.toISOString();
const ready = { type: 'Ready', status: 'True', reason: 'InSync', message: 'Ready.', lastTransitionTime } as const;
const done = resource(['japaneast'], {
  metadata: { annotations: { 'acr-replication.dev/requested-at': 'x' } },
  status: { observedGeneration: 1, lastHandledRequest: 'x', summary: '1/1', conditions: [ready] },
});

test('an API server that is away for a while is waited for', async () => {
  const { call, said } = scene(lost, done);
  expect(await run(call)).toBe(0);
  expect(said).toEqual({ out: 'contoso 1/1 InSync: Ready.\n', err: 'GET x: ECONNREFUSED\n' });
});

test('one that stays away is what is told in the end, and not that no operator runs', async () => {
  await expect(run(scene(lost).call)).rejects.toBe(lost);
});

test('a refusal is told at once', async () => {
  await expect(run(scene(forbidden, done).call)).rejects.toBe(forbidden);
});
