import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { userWith } from '../../support/cli-users.ts';
import { controlPlane } from '../../support/cluster.ts';
import { manifest } from '../../support/kube-session.ts';
import { plugin } from '../../support/plugin.ts';

const cluster = controlPlane();
const { kube } = cluster;
let namespace: string;
const users = { editor: '', viewer: '', nobody: '' };
beforeAll(async () => {
  namespace = await kube.createNamespace('steer');
  users.editor = await userWith(cluster, namespace, ['acr-replication-edit']);
  users.viewer = await userWith(cluster, namespace, ['acr-replication-view']);
  users.nobody = await userWith(cluster, namespace, []);
});
afterAll(() => cluster.close());

const path = (name: string) =>
  `/apis/acr-replication.dev/v1alpha1/namespaces/${namespace}/registryreplications/${name}`;
const run = (kubeconfig: string, ...words: string[]) => plugin(words, { kubeconfig, namespace });
const get = (name: string) => kube.request<RegistryReplication>('GET', path(name));
/** What the operator would have written. */
const say = (name: string, status: object) =>
  kube.request('PATCH', `${path(name)}/status`, { status }, { contentType: 'application/merge-patch+json' });
const condition = (type: string, status: string, reason: string, message: string) => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: '2026-09-10T12:00:00Z',
  observedGeneration: 1,
});

describe('suspend and resume', () => {
  test('set spec.suspend under a field manager of their own, and say when there is nothing to do', async () => {
    await kube.apply(manifest(namespace, 'still'));
    expect(await run(users.editor, 'suspend', 'still')).toEqual({
      code: 0,
      out: 'still suspended\n',
      err: 'nothing is read from Azure or written to it until it is resumed; what Azure has begun goes on\n',
    });
    const { spec, metadata } = await get('still');
    expect(spec.suspend).toBe(true);
    const { managedFields } = metadata as unknown as { managedFields: readonly { manager: string }[] };
    expect(managedFields.map(({ manager }) => manager)).toContain('acr-replication-cli');
    expect(await run(users.editor, 'suspend', 'still')).toEqual({
      code: 0,
      out: 'still is suspended already\n',
      err: '',
    });
    expect(await run(users.editor, 'reconcile', 'still')).toEqual({
      code: 1,
      out: '',
      err: `error: still is suspended, so nobody looks at it\ntry: kubectl acr-replication resume still -n ${namespace}\n`,
    });
    expect(await run(users.editor, 'resume', 'still')).toEqual({
      code: 0,
      out: 'still resumed\n',
      err: 'the operator looks at it within seconds\n',
    });
    expect((await get('still')).spec.suspend).toBe(false);
  });

  test('say who would set it back', async () => {
    const labels = {
      'kustomize.toolkit.fluxcd.io/name': 'apps',
      'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
    };
    await kube.apply(manifest(namespace, 'applied', { labels }));
    const { code, err } = await run(users.editor, 'suspend', 'applied');
    expect(code).toBe(0);
    expect(err).toContain(
      "warning: Flux's Kustomization flux-system/apps applies this object and may set spec.suspend back.\n" +
        'try: set suspend: true in Git, or flux suspend kustomization apps -n flux-system\n',
    );
  });

  test('say that a deletion does not wait for it, and what would keep the replicas', async () => {
    await kube.apply(manifest(namespace, 'going', { finalizers: ['acr-replication.dev/finalizer'] }));
    await kube.request('DELETE', path('going'));
    expect(await run(users.editor, 'suspend', 'going')).toEqual({
      code: 1,
      out: '',
      err:
        'error: going is being deleted, which goes on whether it is suspended or not; only its replicas can be kept\n' +
        `try: kubectl patch registryreplications.acr-replication.dev going -n ${namespace} --type merge -p '{"spec":{"deletionPolicy":"Retain"}}'\n`,
    });
    await kube.patch(path('going'), { metadata: { finalizers: null } });
  });

  test.each(['suspend', 'resume', 'reconcile'])('%s names the object that is not there', async (command) => {
    expect(await run(users.editor, command, 'nowhere')).toEqual({
      code: 1,
      out: '',
      err:
        `error: there is no RegistryReplication nowhere in namespace ${namespace}\n` +
        'try: kubectl acr-replication list --all-namespaces\n',
    });
  });

  test.each([
    ['viewer', 'suspend', 'patch'],
    ['nobody', 'suspend', 'get'],
    ['viewer', 'reconcile', 'patch'],
    ['nobody', 'reconcile', 'get'],
    ['nobody', 'resume', 'get'],
  ] as const)('a %s who calls %s is told that %s is not theirs, and by whom it can be', async (user, command, verb) => {
    const name = `${user}-${command}`;
    await kube.apply(manifest(namespace, name));
    const { code, out, err } = await run(users[user], command, name);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(new RegExp(`^error: .* may not ${verb} RegistryReplications in namespace ${namespace}\n`));
    const role = verb === 'get' ? 'acr-replication-view' : 'acr-replication-edit';
    expect(err).toMatch(
      new RegExp(`\ntry: .* --clusterrole=${role} --serviceaccount=${namespace}:.* --namespace=${namespace}\n$`),
    );
    expect((await get(name)).spec.suspend).toBeUndefined();
    expect((await get(name)).metadata.annotations).toBeUndefined();
  });
});

describe('reconcile', () => {
  /** Answers the request as an operator does, step by step. */
  async function answer(name: string, ...steps: readonly object[]): Promise<void> {
    const asked = await kube.waitFor<RegistryReplication>(
      path(name),
      (object) => object?.metadata.annotations?.['acr-replication.dev/requested-at'] !== undefined,
      { deadlineMs: 30_000, what: 'the request' },
    );
    const lastHandledRequest = asked.metadata.annotations?.['acr-replication.dev/requested-at'];
    for (const step of steps) await say(name, { observedGeneration: 1, lastHandledRequest, ...step });
  }

  test('waits until the operator is done, and says what came of it', async () => {
    await kube.apply(manifest(namespace, 'well'));
    const [result] = await Promise.all([
      run(users.editor, 'reconcile', 'well'),
      answer('well', {
        phase: 'Ready',
        summary: '3/3',
        conditions: [condition('Ready', 'True', 'InSync', 'all regions are ready')],
      }),
    ]);
    expect(result).toEqual({
      code: 0,
      out: 'well 3/3 InSync: all regions are ready\n',
      err: expect.stringMatching(/^(waiting for the operator\n)?$/),
    });
  });

  test('says why it is stuck and fails', async () => {
    await kube.apply(manifest(namespace, 'stuck'));
    const [result] = await Promise.all([
      run(users.editor, 'reconcile', 'stuck'),
      answer('stuck', {
        phase: 'Failed',
        conditions: [
          condition('Ready', 'False', 'Forbidden', 'grant the role'),
          condition('Stalled', 'True', 'Forbidden', 'grant the role'),
        ],
      }),
    ]);
    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.err).toMatch(
      /error: stuck is stuck, Forbidden: grant the role\ntry: kubectl acr-replication logs stuck -n steer.*\n$/,
    );
  });

  test('gives up when nobody answers, and says whom to look for', async () => {
    await kube.apply(manifest(namespace, 'alone'));
    expect(await run(users.editor, 'reconcile', 'alone', '--timeout', '2s')).toEqual({
      code: 1,
      out: '',
      err:
        'waiting for the operator\n' +
        'error: the operator did not look at alone within 2s\n' +
        'try: kubectl get pods -A -l app.kubernetes.io/name=acr-replication-operator\n',
    });
  });

  /** Does something as soon as the plugin has asked. */
  const meanwhile = async (name: string, act: () => Promise<unknown>) => {
    const [result] = await Promise.all([
      run(users.editor, 'reconcile', name, '--timeout', '20s'),
      answer(name, {}).then(act),
    ]);
    return result;
  };
  const conditions = [condition('Ready', 'True', 'InSync', 'all regions are ready')];

  test('who asks at the same time gets the same answer', async () => {
    await kube.apply(manifest(namespace, 'both'));
    const requested = { metadata: { annotations: { 'acr-replication.dev/requested-at': 'later' } } };
    const result = await meanwhile('both', async () => {
      await kube.patch(path('both'), requested);
      await say('both', { observedGeneration: 1, lastHandledRequest: 'later', summary: '1/1', conditions });
    });
    expect(result).toMatchObject({ code: 0, out: 'both 1/1 InSync: all regions are ready\n' });
  });

  test('an object that is suspended meanwhile is waited for no more', async () => {
    await kube.apply(manifest(namespace, 'stopped'));
    const working = [...conditions, condition('Reconciling', 'True', 'Creating', 'being created')];
    const result = await meanwhile('stopped', async () => {
      const { metadata } = await get('stopped');
      const lastHandledRequest = metadata.annotations?.['acr-replication.dev/requested-at'];
      await say('stopped', { observedGeneration: 1, lastHandledRequest, conditions: working });
      await kube.patch(path('stopped'), { spec: { suspend: true } });
    });
    expect(result.code).toBe(1);
    expect(result.err).toMatch(
      /error: stopped is suspended, so nobody looks at it\ntry: kubectl acr-replication resume stopped -n steer-\w+\n$/,
    );
  });

  test('an object that is deleted meanwhile is said to be', async () => {
    await kube.apply(manifest(namespace, 'shortlived'));
    const result = await meanwhile('shortlived', () => kube.request('DELETE', path('shortlived')));
    expect(result.code).toBe(1);
    expect(result.err).toMatch(/error: shortlived was deleted meanwhile\n/);
  });

  test('the end of an object that is being deleted is what it waits for', async () => {
    await kube.apply(manifest(namespace, 'leaving', { finalizers: ['acr-replication.dev/finalizer'] }));
    await kube.request('DELETE', path('leaving'));
    const [result] = await Promise.all([
      run(users.editor, 'reconcile', 'leaving'),
      answer('leaving', {
        conditions: [condition('Reconciling', 'True', 'Deleting', 'japaneast: being deleted.')],
      }).then(async () => {
        await expect.poll(async () => (await get('leaving')).status?.conditions?.length).toBe(1);
        await kube.patch(path('leaving'), { metadata: { finalizers: null } });
      }),
    ]);
    expect(result).toMatchObject({ code: 0, out: 'leaving is gone\n' });
  });

  test('only asks with --no-wait', async () => {
    await kube.apply(manifest(namespace, 'later'));
    expect(await run(users.editor, 'reconcile', 'later', '--no-wait')).toEqual({
      code: 0,
      out: 'later will be looked at\n',
      err: '',
    });
    expect((await get('later')).metadata.annotations?.['acr-replication.dev/requested-at']).toMatch(/^20\d\d-/);
  });

  test('a duration that is none is told before anything is asked', async () => {
    expect(await run(users.nobody, 'reconcile', 'well', '--timeout', 'soon')).toEqual({
      code: 2,
      out: '',
      err: 'error: --timeout soon is no duration such as 90s, 5m, 1h30m or 2d\ntry: --timeout 10m\n',
    });
  });
});

describe('recreate', () => {
  const replicas = ['eastus', 'japaneast'].map((location) => ({
    location,
    name: location,
    provisioningState: 'Succeeded',
    routing: 'Enabled',
  }));
  async function withReplicas(name: string, status: object = {}): Promise<void> {
    await kube.apply(manifest(namespace, name));
    await say(name, { observedGeneration: 1, registry: { homeRegion: 'eastus' }, replicas, ...status });
  }
  const losses = [
    'The replica of contoso in japaneast is deleted with all images in it.',
    'Until it is back, pulls go to eastus.',
    'It is then created anew, and every image is copied to it again, which may take hours and is billed as transfer.',
    '',
  ].join('\n');

  test('says what is lost, and does nothing when there is nobody to ask', async () => {
    await withReplicas('unasked');
    expect(await run(users.editor, 'recreate', 'unasked', 'japaneast')).toEqual({
      code: 1,
      out: '',
      err:
        `${losses}error: there is nobody to ask whether that is wanted\n` +
        `try: kubectl acr-replication recreate unasked japaneast -n ${namespace} --yes\n`,
    });
    expect((await get('unasked')).metadata.annotations).toBeUndefined();
  });

  test('adds the region to those that are pending', async () => {
    await withReplicas('pending');
    await kube.patch(path('pending'), { metadata: { annotations: { 'acr-replication.dev/recreate': 'uksouth' } } });
    const { code, out } = await run(users.editor, 'recreate', 'pending', 'Japan East', '--yes');
    expect({ code, out }).toEqual({ code: 0, out: 'the replica of pending in japaneast will be made anew\n' });
    expect((await get('pending')).metadata.annotations?.['acr-replication.dev/recreate']).toBe('uksouth,japaneast');
  });

  test('names the region that was meant', async () => {
    await withReplicas('slip');
    expect(await run(users.editor, 'recreate', 'slip', 'japanest', '--yes')).toEqual({
      code: 1,
      out: '',
      err: `error: japanest is not a region of slip\ntry: kubectl acr-replication recreate slip japaneast -n ${namespace}\n`,
    });
  });

  test('a viewer reads what would be lost, and may not', async () => {
    await withReplicas('viewed');
    const { code, out, err } = await run(users.viewer, 'recreate', 'viewed', 'japaneast', '--yes');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/ may not patch RegistryReplications in namespace /);
  });
});
