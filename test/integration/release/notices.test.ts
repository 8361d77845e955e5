import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { bundles, emulatorBundle, packagesOfBundles, pageScript } from '../../../deploy/release/bundled.ts';
import { notices } from '../../../deploy/release/notices.ts';
import manifest from '../../../package.json' with { type: 'json' };

const packages = await packagesOfBundles();
/** With those of the emulator. */
const shipped = await packagesOfBundles([...bundles, pageScript, emulatorBundle]);
const ids = packages.map(({ name, version }) => `${name}@${version}`);

/** A sentence that the text of each licence has, without line ends. */
const sentences: Readonly<Record<string, RegExp>> = {
  MIT: /Permission is hereby granted, free of charge, to any person obtaining a copy/,
  ISC: /Permission to use, copy, modify, and\/or distribute this software/,
  'BSD-2-Clause': /Redistributions in binary form must reproduce the above copyright notice/,
  'BSD-3-Clause': /Redistributions in binary form must reproduce the above copyright notice/,
  'Apache-2.0': /Apache License,? Version 2\.0/i,
  '0BSD': /Permission to use, copy, modify, and\/or distribute this software/,
};

test('the bundles hold what their metafiles say of packages, and the notices of the build are theirs', async () => {
  expect(packages.length).toBeGreaterThan(20);
  expect(await readFile('dist/THIRD-PARTY-NOTICES.txt', 'utf8')).toBe(await notices(shipped));
});

test('each bundled package has a licence that lets it be shipped, and the text of it', async () => {
  const sections = (await notices(shipped)).split(/^-{80}$/m).slice(1);
  expect(sections).toHaveLength(shipped.length);
  for (const [index, { name, version, license }] of shipped.entries()) {
    const section = (sections[index] ?? '').replaceAll(/\s+/g, ' ');
    expect(section).toContain(` ${name} ${version} Licence: ${license} `);
    expect(section, name).toMatch(sentences[license] ?? /^no licence that is allowed$/);
    if (license !== 'Apache-2.0') expect(section, name).toMatch(/copyright|©/i);
  }
});

test('a package without a licence text gets that of MIT with its author, and none gets that of another licence', async () => {
  const bare = { name: 'bare', version: '1.0.0', folder: 'crds', author: 'Ada', repository: undefined };
  expect(await notices([{ ...bare, license: 'MIT' }])).toContain('Copyright (c) Ada');
  await expect(notices([{ ...bare, license: 'ISC' }])).rejects.toThrow('bare (ISC) ships no licence text');
});

interface Bom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}
interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses: readonly { readonly license: { readonly id: string } }[];
  readonly hashes: readonly { readonly alg: string; readonly content: string }[];
  readonly components?: readonly Component[];
}

test('the SBOM lists what is in the bundles, with licence and hash, and neither tools nor what was left out', async () => {
  const env = { ...process.env, npm_config_registry: 'http://127.0.0.1:1/' }; // asks nobody
  const { stdout } = await promisify(execFile)(process.execPath, ['deploy/release/sbom.ts'], { env });
  const { bomFormat, specVersion, metadata, components, dependencies } = JSON.parse(stdout) as Bom;
  expect([bomFormat, specVersion]).toEqual(['CycloneDX', '1.5']);
  expect(metadata.component).toMatchObject({ name: manifest.name, version: manifest.version, type: 'application' });
  const files = metadata.component.components?.map(({ name, hashes }) => [name, hashes[0]?.alg]);
  expect(files).toEqual(bundles.map((bundle) => [bundle, 'SHA-256']));
  expect(components.map((component) => component['bom-ref']).toSorted()).toEqual(ids.toSorted());
  for (const { name, version, purl, licenses, hashes } of components) {
    expect(purl).toBe(`pkg:npm/${name.replace('@', '%40')}@${version}`);
    const license = packages.find((one) => one.name === name && one.version === version)?.license;
    expect(licenses.map(({ license: { id } }) => id)).toEqual([license]);
    expect(hashes).toMatchObject([{ alg: 'SHA-512' }]);
  }
  for (const name of Object.keys(manifest.devDependencies)) {
    expect(components.filter((component) => component.name === name)).toEqual([]);
  }
  const known = new Set([metadata.component['bom-ref'], ...ids]);
  for (const { ref, dependsOn } of dependencies)
    expect([ref, ...dependsOn].filter((one) => !known.has(one))).toEqual([]);
});
