import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { bundles } from '../../../deploy/release/bundled.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { obtainTool } from '../../sandbox/tool.ts';
import { copies, instructions, root, sent, stages } from './dockerfile.ts';

const buildScript = () => readFile(join(root, 'build.ts'), 'utf8');

test('whatever the build copies exists and is sent to it, and nothing else is sent', async () => {
  const all = await Promise.all((['build', 'emulator', 'final'] as const).map((stage) => copies(stage, 'context')));
  const sources = [...new Set(all.flat().flatMap((copy) => copy.sources))];
  for (const source of sources) await stat(join(root, source));
  expect([...(await sent())].sort()).toEqual([...sources].sort());
});

test('BuildKit understands it and has nothing to say against it', { timeout: 300_000 }, async () => {
  const program = await obtainTool('dockerfile');
  const read = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = execFile(program, (_error, stdout) => resolve(stdout));
      child.on('error', reject);
      child.stdin?.end(text);
    });
  const text = await readFile(join(root, 'Dockerfile'), 'utf8');
  expect(await read(text)).toBe('');
  expect(await read(text.replace('EXPOSE', 'EXPOSES'))).toContain('unknown instruction: EXPOSES');
  expect(await read(text.replaceAll(/AS build$/gm, 'AS Build'))).toContain('StageNameCasing');
});

test('the build installs what the lock file says and makes the bundles', async () => {
  expect(await instructions('RUN', 'build')).toEqual(['npm ci --no-audit --no-fund', 'npm run build']);
  expect(manifest.scripts.build).toBe('node start.mjs build.ts');
  for (const bundle of bundles) expect(await buildScript()).toContain(`outfile: '${bundle}'`);
});

test('the image holds the operator, the plugin and their licences, and runs without a shell, as a number that is not root', async () => {
  const final = (await stages()).at(-1);
  const names = new Set(final?.map(({ name }) => name));
  expect([...names].sort()).toEqual(['ARG', 'COPY', 'ENTRYPOINT', 'EXPOSE', 'FROM', 'LABEL', 'USER']);
  expect(await copies('final', 'build')).toEqual([
    { sources: ['/build/dist/main.js'], target: '/app/main.mjs' },
    { sources: ['/build/dist/kubectl-acr_replication.mjs'], target: '/app/' },
    { sources: ['/build/dist/THIRD-PARTY-NOTICES.txt'], target: '/app/' },
  ]);
  expect(await copies('final', 'context')).toEqual([{ sources: ['LICENSE'], target: '/app/' }]);
  expect(await instructions('ENTRYPOINT', 'final')).toEqual(['["/nodejs/bin/node", "/app/main.mjs"]']);
  expect(await instructions('USER', 'final')).toEqual(['65532:65532']);
});

test('nothing runs for another platform than that of the machine that builds', async () => {
  expect(await instructions('FROM', 'build')).toEqual([expect.stringMatching(/^--platform=\$BUILDPLATFORM /)]);
  expect(await instructions('RUN', 'final')).toEqual([]);
});

test('one Node version builds, runs and is built for', async () => {
  const [build] = await instructions('FROM', 'build');
  const [final] = await instructions('FROM', 'final');
  const target = /target: 'node(\d+)'/.exec(await buildScript())?.[1];
  expect(build).toMatch(new RegExp(` node:${target}-`));
  expect(final).toContain(`/nodejs${target}-`);
  expect(final).toMatch(/:nonroot@/);
});

test('all base images are fixed by digest', async () => {
  for (const stage of ['build', 'emulator', 'final'] as const) {
    expect(await instructions('FROM', stage)).toEqual([
      expect.stringMatching(/:[\w.-]+@sha256:[0-9a-f]{64}( AS \w+)?$/),
    ]);
  }
});

test('labels say what the image is, whence and of which commit', async () => {
  const [text = ''] = await instructions('LABEL', 'final');
  const labels = Object.fromEntries([...text.matchAll(/([\w.]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  expect(labels).toEqual({
    'org.opencontainers.image.title': manifest.name,
    'org.opencontainers.image.description': manifest.description,
    'org.opencontainers.image.version': manifest.version,
    'org.opencontainers.image.revision': '${REVISION}',
    'org.opencontainers.image.created': '${CREATED}',
    'org.opencontainers.image.source': manifest.repository.url.replace(/^git\+|\.git$/g, ''),
    'org.opencontainers.image.licenses': manifest.license,
  });
  expect(await instructions('ARG', 'final')).toEqual(['REVISION=unknown', 'CREATED=unknown']);
});

test('ports and user are those that the deployment names', async () => {
  const [deployment] = parseAllDocuments(await readFile(join(root, 'deploy/deployment.yaml'), 'utf8')).map(
    (document) => document.toJS() as Deployment,
  );
  const pod = deployment?.spec.template.spec;
  const ports = pod?.containers[0]?.ports.map(({ containerPort }) => String(containerPort)) ?? [];
  expect(await instructions('EXPOSE', 'final')).toEqual([ports.toSorted().join(' ')]);
  const { runAsUser, runAsGroup } = pod?.securityContext ?? {};
  expect(await instructions('USER', 'final')).toEqual([`${runAsUser}:${runAsGroup}`]);
});

test('the image of the emulator has its file and the licences, on the base and under the user of the other', async () => {
  expect(await copies('emulator', 'build')).toEqual([
    { sources: ['/build/dist/acr-emulator.mjs'], target: '/app/' },
    { sources: ['/build/dist/THIRD-PARTY-NOTICES.txt'], target: '/app/' },
  ]);
  expect(await copies('emulator', 'context')).toEqual([{ sources: ['LICENSE'], target: '/app/' }]);
  expect(await instructions('RUN', 'emulator')).toEqual([]);
  expect(await instructions('USER', 'emulator')).toEqual(await instructions('USER', 'final'));
  const [from = ''] = await instructions('FROM', 'emulator');
  expect([from.replace(' AS emulator', '')]).toEqual(await instructions('FROM', 'final'));
  expect(await instructions('LABEL', 'emulator')).toEqual([
    expect.stringContaining(`org.opencontainers.image.version="${manifest.version}"`),
  ]);
});

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly securityContext: { readonly runAsUser: number; readonly runAsGroup: number };
        readonly containers: readonly { readonly ports: readonly { readonly containerPort: number }[] }[];
      };
    };
  };
}
