import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { controlPlane } from '../../support/cluster.ts';
import { plugin } from '../../support/plugin.ts';

const cluster = controlPlane();
const subscription = '00000000-0000-0000-0000-000000000000';
const samples = resolve('test/unit/cli/convert/samples');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acr-replication-convert-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Without a kubeconfig and a login: nothing is asked of Kubernetes, nor of Azure. */
const run = (...words: readonly string[]) =>
  plugin(['convert', ...words], { kubeconfig: '/nowhere/kubeconfig', env: { AZURE_SUBSCRIPTION_ID: undefined } });

const placed = ['-g', 'my-rg', '--subscription', subscription];
const objectsIn = (text: string) => loadAll(text) as unknown as readonly RegistryReplication[];

/** What the API server says of the objects; it changes nothing. */
async function accepted(text: string): Promise<readonly RegistryReplication[]> {
  const path = '/apis/acr-replication.dev/v1alpha1/namespaces/default/registryreplications';
  const objects = objectsIn(text);
  for (const object of objects) {
    await cluster.kube.request('POST', `${path}?dryRun=All&fieldValidation=Strict`, object);
  }
  return objects;
}

async function fileOf(name: string, content: unknown): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const state = {
  format_version: '1.0',
  terraform_version: '1.13.4',
  values: {
    root_module: {
      child_modules: [
        {
          address: 'module.acr',
          resources: [
            {
              address: 'module.acr.azurerm_container_registry.main',
              mode: 'managed',
              type: 'azurerm_container_registry',
              name: 'main',
              values: {
                id: `/subscriptions/${subscription}/resourceGroups/Registries/providers/Microsoft.ContainerRegistry/registries/contoso`,
                name: 'contoso',
                resource_group_name: 'Registries',
                location: 'eastus',
                sku: 'Premium',
                georeplications: [
                  {
                    location: 'westeurope',
                    global_endpoint_routing_enabled: false,
                    zone_redundancy_enabled: true,
                    tags: { 'managed-by': 'terraform', 'cost center': '42' },
                  },
                  {
                    location: 'japaneast',
                    global_endpoint_routing_enabled: true,
                    zone_redundancy_enabled: false,
                    tags: {},
                  },
                ],
              },
            },
          ],
        },
      ],
    },
  },
};

describe('the API server accepts what comes', () => {
  test("from Azure Service Operator's samples", async () => {
    const names = ['registry', 'registryreplication'].map((kind) => join(samples, `aso-${kind}-v20251101.yaml`));
    const text = (await Promise.all(names.map((name) => readFile(name, 'utf8')))).join('---\n');
    const { code, out, err } = await run('-f', await fileOf('aso.yaml', text), ...placed, '-n', 'default');
    expect([code, err]).toEqual([0, expect.stringContaining('reconcile-policy=detach-on-delete')]);
    const [object] = await accepted(out);
    expect(object).toMatchObject({
      metadata: { name: 'sampleregistry', namespace: 'default' },
      spec: {
        registry: { name: 'sampleregistry', resourceGroup: 'my-rg', subscriptionId: subscription },
        regions: [{ location: 'westeurope', name: 'sampleregistryreplication' }],
        mode: 'Observe',
      },
    });
  });

  test('from a state of Terraform', async () => {
    const { code, out, err } = await run('-f', await fileOf('state.json', state));
    expect([code, err]).toEqual([
      0,
      `note: registry contoso, westeurope: tag managed-by is the operator's own; it is left out.
What the operator would change: kubectl acr-replication plan -f MANIFEST
Before mode: Observe is taken out, let go of the replicas elsewhere:
  in module.acr.azurerm_container_registry.main take out the georeplications and add: lifecycle { ignore_changes = [georeplications] }
  terraform plan    # must not speak of georeplications: what it would delete there is deleted
`,
    ]);
    const [object] = await accepted(out);
    expect(object?.spec.regions).toEqual([
      { location: 'japaneast' },
      { location: 'westeurope', routing: 'Disabled', zoneRedundancy: 'Enabled', tags: { 'cost center': '42' } },
    ]);
  });

  test("from Bicep's quickstart, and from Azure Verified Modules with a file of parameters", async () => {
    const quickstart = await run(
      '-f',
      join(samples, 'quickstart-geo-replication.json'),
      ...placed,
      '--set',
      'acrReplicaLocation=westeurope',
      '--set',
      'acrName=contoso',
    );
    expect(quickstart.code).toBe(0);
    expect((await accepted(quickstart.out))[0]?.spec.regions).toEqual([{ location: 'westeurope' }]);

    const replications = ['uksouth', 'japaneast'].map((location) => ({
      name: location,
      location,
      regionEndpointEnabled: location === 'uksouth',
    }));
    const parameters = await fileOf('p.json', {
      parameters: { name: { value: 'contoso' }, replications: { value: replications } },
    });
    const module = await run(
      '-f',
      join(samples, 'avm-registry.json'),
      ...placed,
      '--parameters',
      parameters,
      '--set',
      'resourceGroup().location=eastus',
    );
    expect([module.code, module.err]).toEqual([0, expect.stringContaining('--action-on-unmanage detachAll')]);
    expect(module.out).toContain('at home in eastus');
    expect((await accepted(module.out))[0]?.spec.regions).toEqual([
      { location: 'japaneast', routing: 'Disabled' },
      { location: 'uksouth' },
    ]);
  });

  test('from a folder, sorted, and the same bytes from standard input', async () => {
    const inside = await mkdtemp(join(folder, 'inside-'));
    const other = structuredClone(state);
    const [values] = other.values.root_module.child_modules[0]?.resources.map((one) => one.values) ?? [];
    Object.assign(values ?? {}, { id: values?.id.replace('contoso', 'alpha1') });
    await writeFile(join(inside, '1.json'), JSON.stringify(state));
    await writeFile(join(inside, '2.json'), JSON.stringify(other));
    const { out } = await run('-f', inside);
    expect((await accepted(out)).map(({ spec }) => spec.registry.name)).toEqual(['alpha1', 'contoso']);
    const piped = await fromInput(JSON.stringify(state), '-f', '-');
    expect(piped).toEqual((await run('-f', join(inside, '1.json'))).out);
  });
});

/** What the command prints when it is given the text on standard input. */
function fromInput(text: string, ...words: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ['dist/kubectl-acr_replication.mjs', 'convert', ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return new Promise((done) => {
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
    });
    child.once('close', () => done(out));
    child.stdin.end(text);
  });
}

describe('what is missing is told with its cure', () => {
  const quickstart = join(samples, 'quickstart-geo-replication.json');
  const replica = join(samples, 'aso-registryreplication-v20251101.yaml');
  const registry = join(samples, 'aso-registry-v20251101.yaml');
  const problems: readonly (readonly [string, readonly string[], number, string])[] = [
    ['no file', [], 2, 'error: convert needs -f FILE\ntry: kubectl acr-replication convert --help\n'],
    [
      'a file that is not there',
      ['-f', 'nothere.json'],
      1,
      'error: there is no nothere.json\ntry: ls -l nothere.json\n',
    ],
    [
      'a parameter',
      ['-f', quickstart, ...placed],
      1,
      `error: ${quickstart}: parameter acrReplicaLocation has no value\ntry: kubectl acr-replication convert -f ${quickstart} --set acrReplicaLocation=VALUE, or --parameters FILE\n`,
    ],
    [
      'a parameter that no template has',
      [
        '-f',
        quickstart,
        ...placed,
        '--set',
        'acrName=contoso',
        '--set',
        'acrReplicaLocation=uksouth',
        '--set',
        'acrNmae=x',
      ],
      2,
      `error: there is no parameter acrNmae in what -f names; did you mean acrName?\ntry: one of acrName, acrAdminUserEnabled, location, acrSku, acrReplicaLocation\n`,
    ],
    [
      'a value without a name',
      ['-f', quickstart, '--set', 'x'],
      2,
      'error: --set is x, and is NAME=VALUE\ntry: kubectl acr-replication convert --help\n',
    ],
    [
      'the owner of a replica',
      ['-f', replica],
      1,
      `error: ${replica}: Registry sampleregistry, the owner of sampleregistryreplication, is not in the file, which therefore does not say whose the replicas are\ntry: kubectl acr-replication convert -f ${replica} --registry "$(az acr show --name REGISTRY --query id --output tsv)"\n`,
    ],
    [
      'the resource group',
      ['-f', registry],
      1,
      `error: ${registry} does not say in which resource group registry sampleregistry is\ntry: kubectl acr-replication convert -f ${registry} -g GROUP\n`,
    ],
    [
      'the subscription',
      ['-f', registry, '-g', 'rg'],
      2,
      `error: no Azure subscription is given\ntry: kubectl acr-replication convert -f ${registry} -g rg --subscription "$(az account show --query id --output tsv)"\n`,
    ],
    [
      'the id of a registry',
      ['-f', replica, '--registry', 'contoso'],
      2,
      'error: contoso is not the resource id of a registry\ntry: az acr show --name REGISTRY --query id --output tsv\n',
    ],
  ];
  test.each(problems)('%s', async (_, words, code, err) => {
    expect(await run(...words)).toEqual({ code, out: '', err });
  });

  test('a file without registries', async () => {
    const { code, out, err } = await run(
      '-f',
      await fileOf('other.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n'),
    );
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(
      /^note: an object of .* says nothing about replicas to convert\.\nerror: there is no registry with replicas/,
    );
  });
});
