import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import manifest from '../../../package.json' with { type: 'json' };
import { root } from './dockerfile.ts';

const pages = ['CONTRIBUTING.md', 'SECURITY.md', 'DEPENDENCIES.md', '.github/PULL_REQUEST_TEMPLATE.md'];
const repository = manifest.repository.url.replace(/^git\+|\.git$/g, '');
const text = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

test('every file and every npm command that a page names exists', async () => {
  for (const page of pages) {
    const content = await text(page);
    for (const [, path = ''] of content.matchAll(/`((?:src|test|deploy|crds|release|\.github)\/[\w./-]+)`/g)) {
      await expect(stat(join(root, path)), `${page}: ${path}`).resolves.toBeDefined();
    }
    for (const [, name] of content.matchAll(/npm run ([\w:-]+)/g)) {
      expect(Object.keys(manifest.scripts), page).toContain(name);
    }
  }
});

test('every page means the same repository', async () => {
  expect([manifest.homepage, manifest.bugs]).toEqual([`${repository}#readme`, `${repository}/issues`]);
  const templates = (await readdir(join(root, '.github/ISSUE_TEMPLATE'))).map(
    (name) => `.github/ISSUE_TEMPLATE/${name}`,
  );
  for (const path of [...pages, ...templates]) {
    for (const [url] of (await text(path)).matchAll(/https:\/\/github\.com\/acr-[\w./-]*/g)) {
      expect(url.startsWith(`${repository}/`) || url === repository, `${path}: ${url}`).toBe(true);
    }
  }
});

test('what SECURITY.md checks is what the release workflow publishes, signed as that workflow', async () => {
  const security = await text('SECURITY.md');
  const workflow = parse(await text('.github/workflows/release.yaml')) as {
    readonly env: Readonly<Record<string, string>>;
  };
  const slug = repository.replace('https://github.com/', '');
  const [owner = ''] = slug.split('/');
  const published = Object.fromEntries(
    Object.entries(workflow.env).map(([name, value]) => [
      name,
      value.replace('${{ github.repository }}', slug).replace('${{ github.repository_owner }}', owner),
    ]),
  );
  const shell = security.replaceAll('$REPO', slug);
  expect(security).toContain(`REPO=${slug}\n`);
  expect(shell).toContain(`cosign verify $ref --certificate-identity $IDENTITY`);
  expect(shell).toContain(
    `for ref in ${published['IMAGE']}:$VERSION ${published['CHARTS']}/${manifest.name}:$VERSION;`,
  );
  expect(shell).toContain(`IDENTITY=${repository}/.github/workflows/release.yaml@refs/tags/v$VERSION`);
  expect(shell).toContain(`gh attestation verify oci://${published['IMAGE']}:$VERSION --repo ${slug}`);
});

interface Form {
  readonly name: string;
  readonly description: string;
  readonly body: readonly {
    readonly type: string;
    readonly id: string;
    readonly attributes: { readonly label: string };
  }[];
}

test('the forms for issues are complete', async () => {
  for (const name of ['bug', 'feature']) {
    const form = parse(await text(`.github/ISSUE_TEMPLATE/${name}.yml`)) as Form;
    expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String) });
    const ids = form.body.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { type, attributes } of form.body) {
      expect(['input', 'textarea']).toContain(type);
      expect(attributes.label).not.toBe('');
    }
  }
});
