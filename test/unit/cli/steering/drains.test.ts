import { describe, expect, test } from 'vitest';
import type { Spec, Status } from '../../../../src/api/registryreplication.ts';
import type { Cluster } from '../../../../src/cli/cluster.ts';
import type { Call } from '../../../../src/cli/command.ts';
import { run as runDrain } from '../../../../src/cli/commands/drain.run.ts';
import { run as runUndrain } from '../../../../src/cli/commands/undrain.run.ts';
import { painter } from '../../../../src/cli/output/terminal.ts';
import { type DrainEntry, drainManager, type Stored, untilOf } from '../../../../src/cli/steering/drains.ts';
import { KubeError } from '../../../../src/kube/http/error.ts';
import { noon, resource } from '../../../support/builders.ts';

const drill = (location: string, until = '2026-09-10T18:00:00Z'): DrainEntry => ({ location, until, reason: 'drill' });

const owning = (locations: readonly string[]) => ({
  'f:spec': { 'f:drains': Object.fromEntries(locations.map((location) => [`k:${JSON.stringify({ location })}`, {}])) },
});

/** As the API server stores an object whose drains of these locations the plugin has stated, and Argo CD all others. */
function stored(drains: readonly DrainEntry[], own: readonly string[] = [], spec: Partial<Spec> = {}): Stored {
  const status = { registry: { homeRegion: 'eastus' } } as Status;
  const object = resource(['japaneast', 'westeurope'], { spec: { ...spec, drains }, status });
  const others = drains.map(({ location }) => location).filter((location) => !own.includes(location));
  const managedFields = [
    { manager: drainManager, operation: 'Apply', fieldsV1: owning(own) },
    { manager: 'argocd-controller', operation: 'Apply', fieldsV1: owning(others) },
  ];
  return { ...object, metadata: { ...object.metadata, managedFields } } as unknown as Stored;
}

interface Request {
  readonly method?: string;
  readonly contentType?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A call of the plugin about objects; `sent` are the writes, of which the first so many meet a conflict. */
function scene(
  objects: readonly Stored[],
  { args, text = {}, conflicts = 0 }: { args: readonly string[]; text?: Record<string, string>; conflicts?: number },
) {
  const sent: Request[] = [];
  const said = { out: '', err: '' };
  let left = conflicts;
  const find = (name: string) => objects.find(({ metadata }) => metadata.name === name) ?? objects[0];
  const cluster = {
    namespace: 'platform',
    object: async (name: string) => find(name),
    async *objects() {
      yield objects;
    },
    client: {
      async call({ path, ...request }: Request & { readonly path: string }) {
        const object = find(path.split('/').at(-1) ?? '');
        if (request.method !== 'PATCH') return object;
        sent.push(request);
        if (left-- > 0) throw new KubeError({ request: 'PATCH', status: 409, reason: 'Conflict' });
        return object;
      },
    },
  } as unknown as Cluster;
  const call: Call = {
    args,
    typed: `kubectl acr-replication drain ${args.join(' ')}`,
    here: (line) => line,
    flag: () => false,
    text: (name) => text[name],
    texts: () => [],
    terminal: {
      out: (line) => void (said.out += line),
      err: (line) => void (said.err += line),
      ask: undefined,
      isTerminal: true,
      columns: () => 80,
      paint: painter(false),
      isUnicode: true,
    },
    env: {},
    cluster: () => cluster,
    now: () => noon,
    signal: new AbortController().signal,
  };
  const statedIn = ({ body }: Request) => (body as { spec?: Partial<Spec> }).spec?.drains ?? [];
  return { call, sent, said, stated: () => sent.map(statedIn) };
}

function named(name: string, object: Stored): Stored {
  return { ...object, metadata: { ...object.metadata, name } };
}

const twoHours = { for: '2h', reason: 'INC-4711' };

describe('the end of a drain is', () => {
  const rows = [
    ['so long from now', { forMs: 7_200_000 }, '2026-09-10T14:00:00Z'],
    ['a moment in any zone', { until: '2026-09-11T06:00:00+09:00' }, '2026-09-10T21:00:00Z'],
  ] as const;
  for (const [name, given, then] of rows) test(name, () => expect(untilOf(noon, given)).toBe(then));

  const wrong = [
    ['not left out', {}, 'say how long: either --for or --until'],
    ['not said twice', { forMs: 1_000, until: '2026-09-11T06:00:00Z' }, 'say how long: either --for or --until'],
    ['no moment without a zone', { until: '2026-09-11T06:00:00' }, 'is no moment with a zone'],
    ['not past', { until: '2026-09-10T11:00:00Z' }, '2026-09-10T11:00:00Z is past'],
    ['not more than 30 days away', { forMs: 31 * 86_400_000 }, 'a drain lasts 30 days at most'],
  ] as const;
  for (const [name, given, says] of wrong) test(name, () => expect(() => untilOf(noon, given)).toThrow(says));
});

describe('drain', () => {
  test('states its own entry by server-side apply, at the version that was read', async () => {
    const { call, sent, said } = scene([stored([])], { args: ['Japan East'], text: twoHours });
    expect(await runDrain(call)).toBe(0);
    expect(sent).toMatchObject([
      {
        contentType: 'application/apply-patch+yaml',
        query: { fieldManager: 'acr-replication-drain' },
        body: {
          metadata: { name: 'contoso', resourceVersion: '1' },
          spec: { drains: [{ location: 'japaneast', until: '2026-09-10T14:00:00Z', reason: 'INC-4711' }] },
        },
      },
    ]);
    expect(said.out).toBe('japaneast of contoso goes out of routing, until 2026-09-10T14:00:00Z\n');
    expect(said.err).toBe(
      'see how it goes: kubectl acr-replication status contoso\nend it before then: kubectl acr-replication undrain japaneast contoso\n',
    );
  });

  const rows = [
    ['states again what it has stated before', [drill('westeurope')], ['westeurope'], ['westeurope', 'japaneast']],
    ['leaves to others what they state', [drill('westeurope')], [], ['japaneast']],
    ['drops what is over', [drill('westeurope', '2026-09-10T11:00:00Z')], ['westeurope'], ['japaneast']],
    ['spells a region as the spec does', [drill('Japan East')], ['Japan East'], ['Japan East']],
    [
      'states, too, what others state alike',
      [{ ...drill('japaneast', '2026-09-10T14:00:00Z'), reason: 'INC-4711' }],
      [],
      ['japaneast'],
    ],
  ] as const;
  for (const [name, drains, own, then] of rows) {
    test(name, async () => {
      const { call, stated } = scene([stored(drains, own)], { args: ['japaneast', 'contoso'], text: twoHours });
      await runDrain(call);
      expect(stated().map((all) => all.map(({ location }) => location))).toEqual([then]);
    });
  }

  test('tries again when somebody wrote the object meanwhile', async () => {
    const { call, sent } = scene([stored([])], { args: ['japaneast'], text: twoHours, conflicts: 2 });
    expect(await runDrain(call)).toBe(0);
    expect(sent).toHaveLength(3);
  });

  test('of a region that others drain until another moment is refused, and nothing is written', async () => {
    const { call, sent } = scene([stored([drill('Japan East')])], { args: ['japaneast'], text: twoHours });
    await expect(runDrain(call)).rejects.toMatchObject({
      message: expect.stringContaining(
        'spec.drains has japaneast until 2026-09-10T18:00:00Z already, stated by argocd-controller: change it in that file',
      ),
      cure: 'kubectl acr-replication undrain japaneast contoso',
    });
    expect(sent).toEqual([]);
  });

  test('warns of a file whose list of drains replaces this one', async () => {
    const object = stored([]);
    const file = (spec: object) => ({ 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ spec }) });
    const said = async (spec: object) => {
      const metadata = { ...object.metadata, annotations: file(spec) };
      const one = scene([{ ...object, metadata }], { args: ['japaneast'], text: twoHours });
      await runDrain(one.call);
      return one.said.err;
    };
    expect(await said({ drains: [drill('westeurope')] })).toContain('write this drain into it, too');
    expect(await said({})).not.toContain('write this drain into it, too');
  });

  test('takes home, too', async () => {
    const { call, stated } = scene([stored([])], { args: ['eastus'], text: twoHours });
    await runDrain(call);
    expect(stated()).toMatchObject([[{ location: 'eastus' }]]);
  });

  const refusals = [
    ['without a reason', ['japaneast'], { for: '2h' }, 'say why'],
    ['of a region that the object does not have', ['uksouth', 'contoso'], twoHours, 'contoso has no region uksouth'],
    [
      'of a region that no object has',
      ['uksouth'],
      twoHours,
      'no RegistryReplication in namespace platform has uksouth',
    ],
    ['where several objects have the region', ['japaneast'], twoHours, 'contoso, fabrikam have japaneast'],
  ] as const;
  for (const [name, args, text, says] of refusals) {
    test(`${name} is refused, and nothing is written`, async () => {
      const { call, sent } = scene([stored([]), named('fabrikam', stored([]))], { args, text });
      await expect(runDrain(call)).rejects.toThrow(says);
      expect(sent).toEqual([]);
    });
  }

  test('warns where it does nothing for now', async () => {
    const replicas = [
      { location: 'japaneast', routing: 'Enabled' },
      { location: 'eastus', routing: 'Disabled' },
    ];
    const object = stored([], [], { suspend: true });
    const last = { ...object, status: { ...object.status, replicas } } as Stored;
    const { call, said } = scene([last], { args: ['japaneast'], text: twoHours });
    await runDrain(call);
    expect(said.err).toContain('contoso is suspended: no drain begins or ends until it is resumed.');
    expect(said.err).toContain('no other region of contoso is in routing: the drain waits until one is.');
  });
});

test('drain warns where another object manages the registry, and counts no region that is none of the set', async () => {
  const replicas = [
    { location: 'japaneast', routing: 'Enabled' },
    { location: 'uksouth', routing: 'Enabled', managed: 'Unlisted' },
  ];
  const conditions = [{ type: 'Stalled', status: 'True', reason: 'RegistryClaimed', message: 'x manages it already.' }];
  const object = stored([]);
  const last = { ...object, status: { ...object.status, replicas, conditions } } as unknown as Stored;
  const { call, said } = scene([last], { args: ['japaneast'], text: twoHours });
  await runDrain(call);
  expect(said.err.replaceAll(/\s+/g, ' ')).toContain('another object manages the registry of contoso: nothing is');
  expect(said.err).toContain('no other region of contoso is in routing: the drain waits until one is.');
});

describe('undrain', () => {
  test('takes its own entry out, and leaves the others that it has stated', async () => {
    const own = [drill('japaneast'), drill('westeurope')];
    const before = stored(own, ['japaneast', 'westeurope']);
    const { call, stated, sent } = scene([before], { args: ['japaneast'] });
    expect(await runUndrain(call)).toBe(0);
    expect(stated()[0]).toMatchObject([{ location: 'westeurope' }]);
    expect(sent[1]).toMatchObject({ contentType: 'application/json-patch+json' }); // the entry is still there
  });

  test('takes out what others state, and says that they may bring it back', async () => {
    const { call, sent, said } = scene([stored([drill('westeurope'), drill('Japan East')])], { args: ['japaneast'] });
    await runUndrain(call);
    expect(sent.at(-1)?.body).toMatchObject([
      { op: 'test', path: '/metadata/uid' },
      { op: 'test', path: '/spec/drains/1' },
      { op: 'remove', path: '/spec/drains/1' },
    ]);
    expect(said.err).toBe(
      [
        'warning: argocd-controller stated this drain, too: a file that has it brings it',
        '         back.',
        'try: take it out of that file, or argocd app set NAME --sync-policy none',
        'see how it goes: kubectl acr-replication status contoso\n',
      ].join('\n'),
    );
  });

  test('of what nobody else states warns of nothing', async () => {
    const { call, said } = scene([stored([drill('japaneast')], ['japaneast'])], { args: ['japaneast'] });
    await runUndrain(call);
    expect(said.err).toBe('see how it goes: kubectl acr-replication status contoso\n');
  });

  test('takes out a drain of a region that the object has no more', async () => {
    for (const args of [['uksouth'], ['uksouth', 'contoso']]) {
      const { call, sent } = scene([stored([drill('uksouth')]), named('fabrikam', stored([]))], { args });
      expect(await runUndrain(call)).toBe(0);
      expect(sent.at(-1)).toMatchObject({ contentType: 'application/json-patch+json' });
    }
  });

  test('means the one object of several that drains the region', async () => {
    const objects = [stored([]), named('fabrikam', stored([drill('japaneast')], ['japaneast']))];
    const { call, said } = scene(objects, { args: ['japaneast'] });
    expect(await runUndrain(call)).toBe(0);
    expect(said.out).toBe('japaneast of fabrikam goes back to the routing that it has without a drain\n');
    expect(said.err).toContain('see how it goes: kubectl acr-replication status fabrikam\n');
  });

  test('of a region that is not drained does nothing', async () => {
    const { call, sent, said } = scene([stored([])], { args: ['japaneast'] });
    expect(await runUndrain(call)).toBe(0);
    expect(sent).toEqual([]);
    expect(said.out).toBe('japaneast of contoso is not drained\n');
  });
});
