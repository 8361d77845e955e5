import { describe, expect, test } from 'vitest';
import type { RegistryReplication } from '../../../../src/api/registryreplication.ts';
import { commands } from '../../../../src/cli/catalog.ts';
import { complete, type Live } from '../../../../src/cli/completion/complete.ts';
import { type Wanted, wantedAt } from '../../../../src/cli/completion/wanted.ts';

describe('the last word', () => {
  const cases: readonly (readonly [string, Partial<Wanted>])[] = [
    ['', { completes: 'command', prefix: '' }],
    ['re', { completes: 'command', prefix: 're' }],
    ['help re', { completes: 'command', prefix: 're' }],
    ['nothing ', { completes: undefined }],
    ['reconcile ', { completes: 'object', prefix: '', args: [] }],
    ['reconcile con', { completes: 'object', prefix: 'con' }],
    ['reconcile contoso ', { completes: undefined, args: ['contoso'] }],
    ['reconcile --', { completes: 'option', prefix: '--' }],
    ['reconcile -n ', { completes: 'namespace', prefix: '' }],
    ['reconcile -nplat', { completes: 'namespace', prefix: 'plat', lead: '-n' }],
    ['reconcile --namespace=plat', { completes: 'namespace', prefix: 'plat', lead: '--namespace=' }],
    ['reconcile -n platform con', { completes: 'object', values: new Map([['namespace', 'platform']]) }],
    ['reconcile --context=prod con', { completes: 'object', values: new Map([['context', 'prod']]) }],
    ['reconcile --no-wait con', { completes: 'object', args: [] }],
    ['reconcile --kubeconfig ', { completes: 'file' }],
    ['reconcile --as ', { completes: undefined }],
    ['reconcile -- --con', { completes: 'object', prefix: '--con' }],
    ['recreate contoso ', { completes: 'region', args: ['contoso'] }],
    ['logs --region ', { completes: 'region' }],
    ['list -o ', { completes: ['table', 'wide', 'json', 'yaml', 'name'] }],
    ['completion ', { completes: ['bash', 'zsh', 'fish'] }],
  ];
  for (const [line, then] of cases) {
    test(JSON.stringify(line), () => expect(wantedAt(commands, line.split(' '))).toMatchObject(then));
  }
});

const object = (name: string, regions: readonly string[], phase?: string): RegistryReplication =>
  ({
    metadata: { name },
    spec: { registry: { name: 'contoso' }, regions: regions.map((location) => ({ location })) },
    ...(phase === undefined ? {} : { status: { phase, summary: '1/2', replicas: [{ location: 'eastus' }] } }),
  }) as unknown as RegistryReplication;
const live: Live = {
  contexts: () => ['prod', 'test'],
  namespaces: async () => ['default', 'platform'],
  objects: async () => [object('shop', ['uksouth']), object('contoso', ['Japan East', 'westeurope'], 'Syncing')],
};
const completed = (line: string, answers = live) => complete(commands, line.split(' '), answers);

describe('what fits', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['reconcile ', 'contoso\tregistry contoso, Syncing 1/2\nshop\tregistry contoso\n:4\n'],
    ['reconcile s', 'shop\tregistry contoso\n:4\n'],
    ['recreate contoso ', 'eastus\njapaneast\nwesteurope\n:4\n'],
    ['recreate shop ', 'uksouth\n:4\n'],
    ['-n platform --context=prod recreate shop ', 'uksouth\n:4\n'],
    ['logs --region=ja', '--region=japaneast\n:4\n'],
    ['list -n ', 'default\nplatform\n:4\n'],
    ['list --context p', 'prod\n:4\n'],
    ['list --kubeconfig ', ':0\n'],
    ['list -oj', '-ojson\n:4\n'],
    ['reconcile --no', '--no-wait\tAsk, and do not wait.\n:4\n'],
    ['reconcile --as ', ':4\n'],
    ['unknown ', ':4\n'],
  ];
  for (const [line, then] of cases) test(JSON.stringify(line), async () => expect(await completed(line)).toBe(then));

  test('every command with its summary', async () => {
    const lines = commands.map(({ name, summary }) => `${name}\t${summary}\n`);
    expect(await completed('')).toBe(`${lines.join('')}:4\n`);
  });

  test('nothing where the cluster cannot be asked, without a word about it', async () => {
    const objects = () => Promise.reject(new Error('no route'));
    expect(await completed('reconcile ', { ...live, objects })).toBe(':4\n');
  });
});
