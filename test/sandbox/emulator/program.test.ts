import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EFFECT_KINDS } from './control-arguments.ts';
import { CONTROL_FUNCTIONS, emulatorClient } from './control-client.ts';
import { EFFECTS } from './fault-effects.ts';
import { errorOf, type OpenAzure, openAzure } from './open-azure.ts';

const MAIN = new URL('./main.ts', import.meta.url).pathname;

interface Facts {
  readonly url: string;
  readonly caFile: string;
  readonly clientSecret: string;
}

async function run(...flags: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, '--json', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stdout), 'line', { signal: AbortSignal.timeout(20_000) })) as [
    string,
  ];
  const facts = JSON.parse(line) as Facts;
  const control = emulatorClient(facts.url, await readFile(facts.caFile, 'utf8'));
  const stop = async (signal: NodeJS.Signals) => {
    const exited = once(child, 'exit', { signal: AbortSignal.timeout(10_000) });
    child.kill(signal);
    return ((await exited) as [number | null])[0];
  };
  return { facts, control, stop };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'emulator-test-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('the program serves a world file, obeys its control endpoint and leaves nothing behind on SIGTERM and SIGINT', async () => {
  const world = join(await folder(), 'world.json');
  await writeFile(
    world,
    JSON.stringify({
      registries: [{ name: 'fabrikam', resourceGroup: 'g', location: 'uksouth', replicas: [{ location: 'ukwest' }] }],
    }),
  );
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { facts, control, stop } = await run('--world', world, '--operation-ms', '50');
    expect((await control.replicas('fabrikam')).map((r) => r.location)).toEqual(['uksouth', 'ukwest']);
    await control.deleteReplica({ registry: 'fabrikam', region: 'ukwest' });
    expect((await control.replicas('fabrikam')).map((r) => r.location)).toEqual(['uksouth']);
    await expect(control.replicas('contoso')).rejects.toThrow("no registry 'contoso': there is fabrikam");
    const taken = promisify(execFile)(process.execPath, [MAIN, '--port', new URL(facts.url).port]);
    await expect(taken).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('EADDRINUSE') as string });
    expect(await stop(signal)).toBe(0);
    expect(existsSync(facts.caFile)).toBe(false);
  }
});

test('the folder of one that was killed goes with the next start, and that of one that runs stays', async () => {
  const temporary = await folder();
  const env = { ...process.env, TMPDIR: temporary };
  const start = async () => {
    const child = spawn(process.execPath, [MAIN, '--json'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    return { child, caFile: (JSON.parse(line) as Facts).caFile };
  };
  const [killed, running] = [await start(), await start()];
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');
  expect(existsSync(killed.caFile)).toBe(true);
  const next = await start();
  expect([killed, running, next].map(({ caFile }) => existsSync(caFile))).toEqual([false, true, true]);
});

test('with a state file it goes on where it was stopped', async () => {
  const file = join(await folder(), 'state.json');
  const first = await run('--state', file);
  await first.control.createReplica({ registry: 'contoso', location: 'Japan East' });
  expect(await first.stop('SIGTERM')).toBe(0);
  const second = await run('--state', file);
  expect((await second.control.replicas('contoso')).map((r) => r.location)).toEqual(['eastus', 'japaneast']);
  expect(await second.stop('SIGTERM')).toBe(0);
});

const failed = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const ran = promisify(execFile)(process.execPath, [MAIN, ...args], { env: { ...process.env, ...env } });
  return (await ran.catch((error: unknown) => error)) as { readonly code?: number; readonly stderr: string };
};

test('--help says first what it is, and names every flag, effect and control function in 120 columns', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--help']);
  expect(stdout).toMatch(
    /^An emulated Azure for Azure Container Registry geo-replications.*\n.*\nNo other emulator has /,
  );
  const flags = ['--port', '--listen', '--url', '--world', '--state', '--operation-ms', '--federation-jwks', '--json'];
  for (const name of [...flags, ...CONTROL_FUNCTIONS, ...Object.keys(EFFECTS)]) expect(stdout).toContain(name);
  expect(EFFECT_KINDS.toSorted()).toEqual(Object.keys(EFFECTS).toSorted());
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
});

test('wrong flags are all named at once with what they take, and exit code 2', async () => {
  const world = ['--world', 'package.json'];
  const keys = ['--federation-issuer', 'https://x', '--federation-subject', 'y', '--federation-jwks', 'package.json'];
  const wrong = await failed([
    '--port',
    '70000',
    '--sync-ms',
    '1s',
    '--put-of-failed',
    'perhaps',
    '--url',
    'http://x',
    ...world,
    ...keys,
  ]);
  expect(wrong.code).toBe(2);
  for (const line of [
    "--port must be a port from 0 to 65535, not '70000'",
    "--sync-ms must be a whole number, not '1s'",
    "--put-of-failed must be stays or heals, not 'perhaps'",
    "--url must be an address such as https://azure.example:8443, not 'http://x'",
    '--world package.json: the world does not know name, ',
    '--federation-jwks package.json: the key set lacks keys and does not know name, ',
  ])
    expect(wrong.stderr).toContain(line);
});

test('each of these is refused on its own, too', async () => {
  const cases: readonly (readonly [args: readonly string[], code: number, said: RegExp])[] = [
    [['--world', '/does/not/exist'], 2, /^--world \/does\/not\/exist: ENOENT/],
    [['--federation-issuer', 'y'], 2, /^--federation-issuer, --federation-jwks and --federation-subject go together\n/],
    [['--ports', '1'], 2, /^Unknown option '--ports'/],
    [['8443'], 2, /^'8443' is no flag: each begins with --\n/],
    [
      ['--state', 'package.json'],
      1,
      /^The emulator did not start: package\.json: the state lacks cloud, .*it is \{cloud: /,
    ],
    [['--state', 'LICENSE'], 1, /^The emulator did not start: LICENSE: .*JSON/],
  ];
  for (const [args, code, said] of cases) {
    const wrong = await failed(args);
    expect([wrong.code, wrong.stderr]).toEqual([code, expect.stringMatching(said)]);
  }
  expect(await failed([], { ACR_EMULATOR_PROT: '1' })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^unknown variable ACR_EMULATOR_PROT: there is ACR_EMULATOR_PORT, /) as string,
  });
});

test('flags can be variables, and clients may come by another name than 127.0.0.1', async () => {
  const port = String(await freePort());
  const child = spawn(process.execPath, [MAIN, '--port', port], {
    env: {
      ...process.env,
      ACR_EMULATOR_PORT: '1', // the flag counts
      ACR_EMULATOR_JSON: 'true',
      ACR_EMULATOR_LISTEN: '0.0.0.0',
      ACR_EMULATOR_URL: `https://azure.example:${port}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGTERM'));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url, caFile, imdsUrl } = JSON.parse(line) as Facts & { readonly imdsUrl: string };
  expect(url).toBe(`https://azure.example:${port}`);
  expect(imdsUrl).toMatch(/^http:\/\/azure\.example:\d+$/);
  const resolved = ['--resolve', `azure.example:${port}:127.0.0.1`, '--cacert', caFile];
  const { stdout } = await promisify(execFile)('curl', ['-s', ...resolved, `${url}/_emulator/ca.pem`]);
  expect(stdout).toBe(await readFile(caFile, 'utf8'));
});

test('the printed recipe for curl gets a token and lists the registries', async () => {
  const child = spawn(process.execPath, [MAIN], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.includes('Ctrl-C')) break;
  }
  const recipe = /With curl:\n(.*?)\n\n/s.exec(text)?.[1] ?? '';
  const { stdout } = await promisify(execFile)('sh', ['-c', recipe]);
  expect(JSON.parse(stdout)).toMatchObject({ value: [{ name: 'contoso' }] });
});

/** A request to the control endpoint as curl sends it. */
async function control(azure: OpenAzure, method: string, path: string, body = '') {
  const answer = await azure.call(method, `/_emulator${path}`, body, { authorization: '' });
  return { status: answer.status, allow: answer.headers['allow'], message: errorOf(answer).message };
}

const regions = /must be a region of Azure: australiacentral, .*westeurope/;
describe('each kind of wrong request to the control endpoint is refused with what is allowed', () => {
  const kinds: readonly (readonly [kind: string, name: string, argument: unknown, message: RegExp])[] = [
    [
      'nothing of what it needs',
      'putRegistry',
      {},
      /^putRegistry lacks name, resourceGroup, location: it is \{name, resourceGroup, location, sub.*sku\?: Basic/,
    ],
    [
      'a part that lacks something',
      'putRegistry',
      { name: 'a', resourceGroup: 'b', location: 'eastus', replicas: [{}] },
      /^putRegistry\.replicas\[0\] lacks location: it is \{location, name\?/,
    ],
    [
      'a name that it does not know',
      'alterReplica',
      { registry: 'a', region: 'eastus', state: 'Failed' },
      /^alterReplica does not know state: it is .*provisioningState\?: Succeeded \| Failed \| Canceled/,
    ],
    [
      'no effect there is',
      'addFault',
      { effect: { kind: 'banana' } },
      /^unknown effect "banana": there is respond, throttle, .*createRefused$/,
    ],
    ['an effect without kind', 'addFault', { effect: {} }, /^effect lacks kind: there is respond/],
    [
      'an effect that is a text',
      'addFault',
      { effect: 'outage' },
      /^addFault\.effect must be an object with a kind: there is respond/,
    ],
    [
      'an effect without what it needs',
      'addFault',
      { effect: { kind: 'listOmits' } },
      /^effect listOmits lacks region: it is \{region\}/,
    ],
    [
      'a word that is none of some',
      'addFault',
      { effect: { kind: 'outage' }, match: { kind: 'nothing' } },
      /^addFault\.match\.kind must be replication \| .*, not "nothing"$/,
    ],
    ['a text for a number', 'setTimes', { syncMs: '1' }, /^setTimes\.syncMs must be a number from 0 on, not "1"$/],
    ['a number that is too small', 'setTimes', { syncMs: -1 }, /^setTimes\.syncMs must be a number from 0 on, not -1$/],
    [
      'a fraction for a count',
      'addFault',
      { effect: { kind: 'outage' }, times: 1.5 },
      /^addFault\.times must be a whole number from 0 on, not 1\.5$/,
    ],
    [
      'more than all',
      'addFault',
      { effect: { kind: 'outage' }, probability: 2 },
      /^addFault\.probability must be a number from 0 to 1, not 2$/,
    ],
    [
      'no HTTP status',
      'addFault',
      { effect: { kind: 'respond', status: 7, code: 'x' } },
      /^effect respond\.status must be an HTTP status from 200 to 599, not 7$/,
    ],
    ['no region', 'createReplica', { registry: 'contoso', location: 'japan' }, regions],
    ['no region to look for', 'addFault', { effect: { kind: 'outage' }, match: { region: 'japan' } }, regions],
    [
      'tags that are no texts',
      'createReplica',
      { registry: 'contoso', location: 'japaneast', tags: { a: 1 } },
      /^createReplica\.tags must be an object whose values are texts, not \{"a":1\}$/,
    ],
    [
      'a text for true',
      'alterReplica',
      { registry: 'contoso', region: 'eastus', regionEndpointEnabled: 'yes' },
      /regionEndpointEnabled must be true or false, not "yes"$/,
    ],
    ['an object for a list', 'setRoles', {}, /^setRoles must be a list of \{clientId, scope, actions\}, not \{\}$/],
    [
      'a list for an object',
      'setHabits',
      [],
      /^setHabits must be \{tagPatch\?: operation \| immediate, .*\}, not \[\]$/,
    ],
    [
      'no keys of an issuer',
      'putApp',
      { clientId: 'a', federation: { issuer: 'b', subject: 'c', jwks: [] } },
      /^putApp\.federation\.jwks must be \{keys\}, not \[\]$/,
    ],
    ['no state', 'setState', {}, /^setState lacks cloud, subscriptions, apps, roles, registries, operations: it is/],
    [
      'half a state',
      'setState',
      { cloud: 'AzurePublic', subscriptions: [], apps: [], roles: [], operations: [], registries: [{ name: 'a' }] },
      /^setState\.registries\[0\] lacks resourceGroup, /,
    ],
    ['no argument', 'replicas', undefined, /^replicas needs an argument: text$/],
    ['an argument too much', 'counters', 'contoso', /^counters takes no argument$/],
    ['no registry there is', 'replicas', 'nowhere', /^no registry 'nowhere': there is contoso$/],
    ['no registry to delete', 'deleteRegistry', 'nowhere', /^no registry 'nowhere': there is contoso$/],
    [
      'no replica there is',
      'deleteReplica',
      { registry: 'contoso', region: 'Japan East' },
      /^no replica of 'contoso' in 'Japan East': there is none$/,
    ],
    ['no subscription there is', 'deleteSubscription', 'nowhere', /^no subscription 'nowhere': there is 00000000-/],
    [
      'a registry in no subscription',
      'putRegistry',
      { name: 'a', resourceGroup: 'b', location: 'eastus', subscriptionId: 'c' },
      /^no subscription 'c': there is 00000000-/,
    ],
    [
      'no group there is',
      'deleteResourceGroup',
      { subscriptionId: '00000000-0000-0000-0000-000000000000', name: 'nowhere' },
      /^no resource group 'nowhere': there is registries$/,
    ],
    ['no fault there is', 'clearFaults', 'fault-7', /^no fault 'fault-7': there is none$/],
  ];
  for (const [kind, name, argument, message] of kinds) {
    test(`${kind}: ${name} ${JSON.stringify(argument)}`, async () => {
      const azure = await openAzure();
      const refusal = await control(azure, 'POST', `/${name}`, argument === undefined ? '' : JSON.stringify(argument));
      expect(refusal).toMatchObject({ status: 400, message: expect.stringMatching(message) as string });
      // It has changed nothing, and answers go on.
      expect((await azure.call('GET', azure.acr('/replications'))).status).toBe(200);
      expect((await azure.control.state()).registries).toHaveLength(1);
    });
  }

  test('a function that does not exist, and none', async () => {
    const azure = await openAzure();
    for (const path of ['/banana', '/', ''])
      expect(await control(azure, 'GET', path)).toMatchObject({
        status: 404,
        message: expect.stringMatching(
          /(?:'banana'|Name a function): there is state, .*setHabits, ca\.pem\.$/,
        ) as string,
      });
  });

  test('another method than GET and POST', async () => {
    const azure = await openAzure();
    expect(await control(azure, 'DELETE', '/faults')).toEqual({
      status: 405,
      allow: 'GET, POST',
      message: 'Use GET or POST, not DELETE.',
    });
  });

  test('a body that is not JSON', async () => {
    const azure = await openAzure();
    expect(await control(azure, 'POST', '/deleteReplica', 'registry=contoso')).toMatchObject({
      status: 400,
      message: 'The body is not JSON: deleteReplica takes {registry, region}.',
    });
  });
});

test('the state that is given is a state that is taken, whatever is going on in it', async () => {
  const azure = await openAzure({
    operationMs: 1_000,
    networks: [{ name: 'hub', resourceGroup: 'g', subnets: [{ name: 'a', prefixLength: 28, taken: 1 }] }],
    registries: [
      {
        name: 'contoso',
        resourceGroup: 'registries',
        location: 'eastus',
        replicas: [{ location: 'ukwest' }, { location: 'uksouth' }, { location: 'westus' }],
        features: { softDelete: true, privateEndpoints: [{ name: 'p', network: 'hub', subnet: 'a' }] },
      },
    ],
  });
  await azure.call('PUT', azure.acr('/replications/japaneast'), { location: 'japaneast' });
  await azure.call('PATCH', azure.acr('/replications/uksouth'), { tags: { a: 'b' } });
  await azure.control.addFault({ effect: { kind: 'stuckDeleting' } });
  await azure.call('DELETE', azure.acr('/replications/ukwest'));
  await azure.control.deleteReplica({ registry: 'contoso', region: 'westus' });
  await azure.control.alterReplica({ registry: 'contoso', region: 'uksouth', displayStatus: 'Odd', failsAfterMs: 5 });
  const overHttp = emulatorClient(azure.url, azure.caPem);
  const state = await overHttp.state();
  await overHttp.setState(state);
  expect(await overHttp.state()).toEqual(state);
});

test('the control functions: journal, counters, edits behind the back, whole state, and the clock of operations', async () => {
  const azure = await openAzure({ operationMs: 1_000 });
  const { control } = azure;
  await azure.call('PUT', azure.acr('/replications/japaneast'), { location: 'japaneast', tags: { a: 'b' } });
  await azure.call('GET', azure.acr('/replications'));
  expect(await control.journal({ verb: 'PUT' })).toMatchObject([
    {
      kind: 'replication',
      registry: 'contoso',
      region: 'japaneast',
      status: 201,
      body: { tags: { a: 'b' } },
      apiVersion: '2025-11-01',
    },
  ]);
  expect(await control.counters()).toEqual({ 'LIST replications': 1, 'POST token': 1, 'PUT replication': 1 });
  await control.resetCounters();
  await control.clearJournal();
  expect([await control.counters(), await control.journal()]).toEqual([{}, []]);
  azure.tick(1_000);
  const saved = await control.state();
  await control.alterReplica({
    registry: 'contoso',
    region: 'japaneast',
    provisioningState: 'Failed',
    message: 'broken',
    regionEndpointEnabled: false,
  });
  const altered = (await control.replicas('contoso')).find((r) => r.location === 'japaneast');
  expect(altered?.properties).toMatchObject({
    provisioningState: 'Failed',
    regionEndpointEnabled: false,
    status: { message: 'broken' },
  });
  await control.deleteReplica({ registry: 'contoso', region: 'japaneast' });
  await control.setState(saved);
  expect((await control.replicas('contoso')).map((r) => [r.location, r.properties.provisioningState])).toEqual([
    ['eastus', 'Succeeded'],
    ['japaneast', 'Succeeded'],
  ]);
  await control.putRegistry({ name: 'second', resourceGroup: 'new', location: 'uksouth', sku: 'Basic' });
  expect(
    (await azure.call('GET', azure.acr('', 'second').replace('/registries/provider', '/new/provider'))).status,
  ).toBe(200);
  await control.deleteRegistry('second');
  await control.setTimes({ operationMs: 60_000 });
  await azure.call('PUT', azure.acr('/replications/westeurope'), { location: 'westeurope' });
  azure.tick(59_999);
  expect((await control.replicas('contoso')).at(-1)?.properties.provisioningState).toBe('Creating');
});

test('every control function exists in process and over HTTP', async () => {
  const azure = await openAzure();
  expect(Object.keys(emulatorClient(azure.url, azure.caPem)).sort((a, b) => a.localeCompare(b))).toEqual(
    Object.keys(azure.control).sort((a, b) => a.localeCompare(b)),
  );
});
