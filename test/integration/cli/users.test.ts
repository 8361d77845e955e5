import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { commands } from '../../../src/cli/catalog.ts';
import { type Emulator, startEmulator } from '../../sandbox/emulator/emulator.ts';
import { azureLogin } from '../../support/azure-login.ts';
import { aggregateRoles, userWith } from '../../support/cli-users.ts';
import { controlPlane } from '../../support/cluster.ts';
import { manifest } from '../../support/kube-session.ts';

/** Every command, on the real API server and the emulated Azure, as people with Kubernetes' own roles in a namespace. */
const cluster = controlPlane();
const { kube } = cluster;
const roles = ['none', 'view', 'edit', 'admin'] as const;
type Role = (typeof roles)[number];

let namespace: string;
let azure: Emulator;
const kubeconfigs = new Map<Role, string>();
beforeAll(async () => {
  azure = await startEmulator();
  await aggregateRoles(cluster);
  namespace = await kube.createNamespace('users');
  for (const role of roles) {
    kubeconfigs.set(role, await userWith(cluster, namespace, role === 'none' ? [] : [role]));
    await kube.apply(objectOf(role));
    await kube.patch(`/apis/acr-replication.dev/v1alpha1/namespaces/${namespace}/registryreplications/${role}/status`, {
      status: {
        observedGeneration: 1,
        phase: 'Ready',
        registry: { id: idOfContoso(), homeRegion: 'eastus', sku: 'Premium', loginServer: 'contoso.azurecr.io' },
        replicas: [{ location: 'japaneast', name: 'japaneast', managed: 'Created', provisioningState: 'Succeeded' }],
      },
    });
    await writeFile(fileOf(role), stringify(objectOf(role)));
  }
});
afterAll(async () => {
  await azure.stop();
  await cluster.close();
});

function objectOf(role: Role) {
  const registry = { name: 'contoso', resourceGroup: 'registries', subscriptionId: azure.subscriptionId };
  return { ...manifest(namespace, role), spec: { registry, regions: [{ location: 'japaneast' }] } };
}
const idOfContoso = () =>
  `/subscriptions/${azure.subscriptionId}/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso`;
const fileOf = (role: Role) => join(cluster.dir, `users-${role}.yaml`);

/** What a command comes to: well, or the verb that is refused. */
type Outcome = 'well' | 'get' | 'list' | 'watch' | 'patch';
interface Row {
  /** OBJECT and FILE stand for the user's own; commands that show something live are ended once they have. */
  readonly line: string;
  readonly none: Outcome;
  readonly view: Outcome;
  /** With the roles edit and admin, which differ in nothing here. */
  readonly edit: Outcome;
  readonly shows: RegExp;
}
/** Taken from Azure's quickstart templates, with what only its deployment would say. */
const template =
  'test/unit/cli/convert/samples/quickstart-geo-replication.json -g registries --set acrName=contoso --set acrReplicaLocation=uksouth';
const rows: readonly Row[] = [
  { line: 'list', none: 'list', view: 'well', edit: 'well', shows: /^REGISTRY +NAME/ },
  { line: 'list --map', none: 'list', view: 'well', edit: 'well', shows: /under way 4 {2}japaneast/ },
  { line: 'list -w', none: 'watch', view: 'well', edit: 'well', shows: /^REGISTRY +NAME/ },
  { line: 'status OBJECT', none: 'get', view: 'well', edit: 'well', shows: /LAST EVENTS\n(?! *They cannot)/ },
  { line: 'status OBJECT -w', none: 'get', view: 'well', edit: 'well', shows: /LAST EVENTS/ },
  { line: 'map --no-open', none: 'watch', view: 'well', edit: 'well', shows: /^http:\/\/127\.0\.0\.1:\d+\/\?token=/ },
  { line: 'plan OBJECT', none: 'get', view: 'well', edit: 'well', shows: /to create/ },
  { line: 'plan -f FILE', none: 'get', view: 'patch', edit: 'well', shows: /to create/ },
  {
    line: 'import --registry contoso',
    none: 'well',
    view: 'well',
    edit: 'well',
    shows: /^kind: RegistryReplication$/m,
  },
  { line: `convert -f ${template}`, none: 'well', view: 'well', edit: 'well', shows: /^kind: RegistryReplication$/m },
  { line: 'regions', none: 'well', view: 'well', edit: 'well', shows: /^REGION /m },
  { line: 'reconcile OBJECT --no-wait', none: 'get', view: 'patch', edit: 'well', shows: /will be looked at/ },
  { line: 'suspend OBJECT', none: 'get', view: 'patch', edit: 'well', shows: /suspended/ },
  { line: 'resume OBJECT', none: 'get', view: 'well', edit: 'well', shows: /resumed|not suspended already/ },
  { line: 'recreate OBJECT japaneast --yes', none: 'get', view: 'patch', edit: 'well', shows: /will be made anew/ },
  {
    line: 'drain japaneast OBJECT --for 2h --reason drill',
    none: 'get',
    view: 'patch',
    edit: 'well',
    shows: /drain|out of routing/,
  },
  { line: 'undrain japaneast OBJECT', none: 'get', view: 'well', edit: 'well', shows: /drain|out of routing/ },
  { line: 'doctor', none: 'well', view: 'well', edit: 'well', shows: /^Kubernetes\n/ },
  { line: 'version', none: 'well', view: 'well', edit: 'well', shows: /^PART/ },
  { line: 'completion bash', none: 'well', view: 'well', edit: 'well', shows: /complete/ },
  { line: 'logs --operator-namespace NAMESPACE', none: 'list', view: 'well', edit: 'well', shows: /^$/ },
];

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}
/** Runs the plugin; one that goes on is interrupted as soon as it has shown something. */
function run(line: string, role: Role): Promise<Run> {
  const words = line.replace('OBJECT', role).replace('FILE', fileOf(role)).replace('NAMESPACE', namespace).split(' ');
  const kubeconfig = kubeconfigs.get(role) ?? expect.fail(`no user ${role}`);
  const args = [resolve('dist/kubectl-acr_replication.mjs'), ...words, '-n', namespace];
  const env = { ...process.env, ...azureLogin(azure), KUBECONFIG: kubeconfig, NO_COLOR: '1', LC_ALL: 'C' };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (words.includes('-w') || words[0] === 'map') child.kill('SIGINT');
  });
  return new Promise((done) => void child.on('close', (code) => done({ code, out, err })));
}

test('every command is in the table', () => {
  const named = new Set(rows.map(({ line }) => line.split(' ')[0]));
  expect(named).toEqual(new Set(commands.map(({ name }) => name)));
});

describe.each(roles)('with the role %s', (role) => {
  test.each(rows)('$line', async (row) => {
    const { line, shows } = row;
    const { code, out, err } = await run(line, role);
    const outcome = role === 'admin' ? row.edit : row[role];
    if (outcome === 'well') {
      expect(err).not.toMatch(/error: .* may not /);
      expect(out).toMatch(shows);
      expect(code).toBeOneOf([...codesOf(line)]);
      return;
    }
    expect([code, out]).toEqual([1, '']);
    const refusal = new RegExp(
      `^error: (?:/\\S+: )?system:serviceaccount:${namespace}:\\S+ may not ${outcome} \\w+ in namespace `,
      'm',
    );
    expect(err).toMatch(refusal);
    const needed = line.startsWith('logs')
      ? 'view'
      : outcome === 'patch'
        ? 'acr-replication-edit'
        : 'acr-replication-view';
    expect(err).toMatch(
      new RegExp(`\\ntry: .* --clusterrole=${needed} --serviceaccount=${namespace}:\\S+ --namespace=${namespace}\\n$`),
    );
  });
});

/** Nobody runs the operator here, which doctor and logs find out; doctor also what else there may be. */
function codesOf(line: string): readonly number[] {
  if (line.endsWith('-w')) return [130];
  if (line === 'doctor') return [0, 1];
  return line.startsWith('logs') ? [1] : [0];
}
