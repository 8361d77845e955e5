import { readFile, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const root = new URL('../../', import.meta.url);

interface Instruction {
  readonly name: string;
  readonly text: string;
}
type Stage = readonly Instruction[];

async function stages(): Promise<readonly Stage[]> {
  const text = await readFile(new URL('Dockerfile', root), 'utf8');
  const all: Instruction[][] = [];
  for (const line of text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')) {
    const [, name, rest] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (name === undefined || rest === undefined) continue;
    if (name === 'FROM') all.push([]);
    all.at(-1)?.push({ name, text: rest });
  }
  return all;
}

async function instructions(name: string, stage: 'build' | 'final'): Promise<readonly string[]> {
  const found = (await stages()).at(stage === 'build' ? 0 : -1) ?? [];
  return found.filter((instruction) => instruction.name === name).map(({ text }) => text);
}

const buildScript = () => readFile(new URL('build.ts', root), 'utf8');

/** Everything is ignored except what is named again. */
async function sent(): Promise<readonly string[]> {
  const lines = (await readFile(new URL('.dockerignore', root), 'utf8')).split('\n');
  const [first, ...rest] = lines.filter((line) => line !== '' && !line.startsWith('#'));
  expect(first).toBe('*');
  return rest.map((line) => {
    expect(line).toMatch(/^![\w.-]+$/);
    return line.slice(1);
  });
}

test('whatever the build copies exists and is sent to it, and nothing else is sent', async () => {
  const sources = (await instructions('COPY', 'build')).flatMap((text) => text.split(/\s+/).slice(0, -1));
  for (const source of sources) await stat(new URL(source, root));
  expect([...(await sent())].sort()).toEqual([...sources].sort());
});

test('the build installs what the lock file says and makes the bundle', async () => {
  expect(await instructions('RUN', 'build')).toEqual(['npm ci --no-audit --no-fund', 'npm run build']);
  expect(manifest.scripts.build).toBe('node build.ts');
  expect(await buildScript()).toContain("outfile = 'dist/main.js'");
});

test('the image holds one file, which it runs without a shell, as a number that is not root', async () => {
  const [, final] = await stages();
  const names = new Set(final?.map(({ name }) => name));
  expect([...names].sort()).toEqual(['COPY', 'ENTRYPOINT', 'EXPOSE', 'FROM', 'LABEL', 'USER']);
  expect(await instructions('COPY', 'final')).toEqual(['--from=build /build/dist/main.js /app/main.mjs']);
  expect(await instructions('ENTRYPOINT', 'final')).toEqual(['["/nodejs/bin/node", "/app/main.mjs"]']);
  expect(await instructions('USER', 'final')).toEqual(['65532:65532']);
});

test('one Node version builds, runs and is built for', async () => {
  const [build] = await instructions('FROM', 'build');
  const [final] = await instructions('FROM', 'final');
  const target = /target: 'node(\d+)'/.exec(await buildScript())?.[1];
  expect(build).toMatch(new RegExp(`^node:${target}-`));
  expect(final).toContain(`/nodejs${target}-`);
  expect(final).toMatch(/:nonroot$/);
});

test('the image says the version of the package', async () => {
  expect((await instructions('LABEL', 'final'))[0]).toContain(`image.version="${manifest.version}"`);
});
