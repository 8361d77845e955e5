import { setTimeout as delay } from 'node:timers/promises';
import { apiVersion, plural, type RegistryReplication } from '../../../src/api/registryreplication.ts';
import type { KubeAdmin } from '../kube-admin.ts';
import { readManifestFile } from '../manifests.ts';
import type { Arm } from './arm-client.ts';
import type { Screen } from './screen.ts';
import { azLines } from './tables.ts';
import { Missed, watchObject } from './watch.ts';
import { within } from './world.ts';

const sampleFile = 'deploy/samples/contoso.yaml';

export interface Stage {
  readonly screen: Screen;
  readonly kube: KubeAdmin;
  readonly arm: Arm;
  readonly sample: RegistryReplication;
  readonly signal: AbortSignal;
}

/** Deadlines ten times as long as what they are for takes. */
const readyMs = 180_000;
const callMs = 30_000;

export async function readSample(): Promise<RegistryReplication> {
  const [sample] = await readManifestFile(sampleFile);
  return sample as unknown as RegistryReplication;
}

export async function applySample({ screen, kube, sample, signal }: Stage): Promise<void> {
  const { metadata, spec } = sample;
  title(screen, `Apply ${sampleFile}`);
  screen.prose(`The registry ${spec.registry.name} is at home in eastus. It shall also be in ${listed(spec.regions)}.`);
  screen.say();
  await within(callMs, `Applying ${sampleFile}`, signal, async () => {
    await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: metadata.namespace } });
    await kube.applyFile(sampleFile);
  });
  await watchObject(screen, kube, metadata.namespace, signal, {
    done: 'Ready: every region has its replica, and the images have arrived',
    waitingFor: 'waiting for Ready',
    deadlineMs: readyMs,
    holds: isReady,
  });
}

export async function editSet({ screen, kube, sample, signal }: Stage): Promise<void> {
  const { metadata, spec } = sample;
  title(screen, 'Edit the set: brazilsouth out, uksouth in');
  screen.prose(
    'The old replica goes when the new one is made. The edit also sets interval: 30s, so that the operator looks at Azure that often even when nothing happens.',
  );
  screen.say();
  const regions = [...spec.regions.filter(({ location }) => location !== 'brazilsouth'), { location: 'uksouth' }];
  await within(callMs, 'Editing the object', signal, () =>
    kube.patch(pathOf(sample), { spec: { regions, interval: '30s' } }),
  );
  await watchObject(screen, kube, metadata.namespace, signal, {
    done: 'Ready: uksouth is there, brazilsouth is gone',
    waitingFor: 'waiting for Ready',
    deadlineMs: readyMs,
    holds: (object) => isReady(object) && !has(object, 'brazilsouth'),
  });
}

/** Asks Azure itself, as somebody else than the operator; fails when it does not have the set. */
export async function listReplicas({ screen, arm, sample, signal }: Stage, wanted: readonly string[]): Promise<void> {
  const replicas = await within(callMs, 'Listing the replicas in Azure', signal, () => arm.list());
  screen.say();
  screen.say(`$ az acr replication list --registry ${sample.spec.registry.name} --output table`, 'bold');
  for (const line of azLines(replicas)) screen.say(line);
  const found = replicas.map(({ location }) => location).sort();
  if (found.join() !== [...wanted].sort().join())
    throw new Missed(`Azure has replicas in ${found.join(', ')}, not in ${wanted.join(', ')}`);
}

export async function causeDrift({ screen, kube, arm, sample, signal }: Stage): Promise<void> {
  const victim = 'westeurope';
  title(screen, `Delete ${victim} behind the operator's back`);
  screen.prose('Nobody tells the operator. It finds out when it next looks, within half a minute.');
  screen.say();
  const before = await kube.get<RegistryReplication>(pathOf(sample));
  await screen.step(
    `Deleting the replica ${victim} over ARM`,
    () =>
      within(readyMs, `Deleting the replica ${victim}`, signal, async () => {
        await arm.delete(victim);
        while ((await arm.list()).some(({ location }) => location === victim)) await delay(500, undefined, { signal });
      }),
    () => `Azure has no replica in ${victim} any more`,
  );
  screen.say();
  const since = sinceOf(before, victim);
  await watchObject(screen, kube, sample.metadata.namespace, signal, {
    done: `Ready again: ${victim} is back, and nobody had to ask`,
    waitingFor: 'waiting for the operator to notice and mend it',
    deadlineMs: readyMs,
    holds: (object) => isReady(object) && sinceOf(object, victim) !== since,
  });
}

function title(screen: Screen, text: string): void {
  screen.say();
  screen.say(text, ['bold', 'cyan']);
}

function listed(regions: readonly { readonly location: string }[]): string {
  return new Intl.ListFormat('en').format(regions.map(({ location }) => location));
}

function pathOf({ metadata: { namespace, name } }: RegistryReplication): string {
  return `/apis/${apiVersion}/namespaces/${namespace}/${plural}/${name}`;
}

function isReady({ status, metadata }: RegistryReplication): boolean {
  return status?.phase === 'Ready' && status.observedGeneration === metadata.generation;
}

function has({ status }: RegistryReplication, region: string): boolean {
  return status?.replicas?.some(({ location }) => location === region) ?? false;
}

function sinceOf(object: RegistryReplication | undefined, region: string): string | undefined {
  return object?.status?.replicas?.find(({ location }) => location === region)?.since;
}
