import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { stringify } from 'yaml';
import type { CommandEnd } from '../../sandbox/command.ts';
import { asAdministrator, kubectl } from './kubectl.ts';

/** A manifest as Git has it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: object;
}

/** Rolls a manifest out; `folder` holds what the tool needs as files. Ends as the tool ends. */
export type Rollout = (manifest: Manifest, folder: string) => Promise<CommandEnd>;

/** What Argo CD is told by the application's syncPolicy.syncOptions. */
type SyncOption = 'ServerSideApply=true' | 'Replace=true';
/** How Argo CD compares; default: what the application, or the annotation compare-options, does not say otherwise. */
type Comparison = 'ServerSideApply=true' | 'ServerSideDiff=true' | undefined;

const byFlux: Rollout = (manifest, folder) => byLibrary(['flux'], manifest, folder);
export const byArgocd =
  (...options: readonly SyncOption[]): Rollout =>
  (manifest, folder) =>
    byLibrary(['argocd', ...options], manifest, folder);
export const byKubectl =
  (verb: 'apply' | 'replace', ...flags: readonly string[]): Rollout =>
  async (manifest, folder) =>
    kubectl(verb, ...flags, '-f', await fileOf(manifest, folder));
/** As a chart with this one template, whose release is upgraded. */
const byHelm =
  (tool: 'helm' | 'helm3'): Rollout =>
  async (manifest, folder) => {
    const chart = join(folder, manifest.metadata.name);
    await mkdir(join(chart, 'templates'), { recursive: true });
    await writeFile(join(chart, 'Chart.yaml'), stringify({ apiVersion: 'v2', name: 'registries', version: '1.0.0' }));
    await writeFile(join(chart, 'templates', 'registry.yaml'), stringify(manifest));
    const { name, namespace } = manifest.metadata;
    return asAdministrator(inject(tool), ['upgrade', '--install', name, chart, '-n', namespace]);
  };

/** Those that apply on the server's side, where each states what is its own. */
export const serverSide = {
  Flux: byFlux,
  'Argo CD, ServerSideApply=true': byArgocd('ServerSideApply=true'),
  'kubectl apply --server-side': byKubectl('apply', '--server-side', '--force-conflicts'),
  'Helm 4': byHelm('helm'),
} as const;

/** Those that send what differs between a file and the file before it: a list is a value like any other. */
export const clientSide = {
  'Argo CD': byArgocd(),
  'kubectl apply': byKubectl('apply'),
  'Helm 3': byHelm('helm3'),
} as const;

/** Whether Argo CD calls an application of this manifest Synced or OutOfSync. */
export async function argocdStatus(manifest: Manifest, folder: string, compared: Comparison): Promise<string> {
  const { stdout, stderr } = await byLibrary(['diff', ...(compared === undefined ? [] : [compared])], manifest, folder);
  return stdout.trim() || stderr;
}

async function byLibrary(
  [what = '', ...options]: readonly string[],
  manifest: Manifest,
  folder: string,
): Promise<CommandEnd> {
  const file = await fileOf(manifest, folder);
  return asAdministrator(inject('rollout'), [what, inject('controlPlane').adminKubeconfig, file, ...options]);
}

async function fileOf(manifest: Manifest, folder: string): Promise<string> {
  const file = join(folder, `${manifest.metadata.name}.json`);
  await writeFile(file, JSON.stringify(manifest));
  return file;
}
