import { readdir, readFile } from 'node:fs/promises';
import type { BundledPackage } from './bundled.ts';

/** What a package's licence and notice files are called, whatever the case and ending. */
const named = /^(?:licen[cs]e|notice|copying|copyright)(?:\.|-|$)/i;

/**
 * The text that has to go with the bundle: of each package its name, licence and the files that say so. A package that
 * ships none gets the standard text of its licence with its author. Throws for one whose licence allows nothing to be
 * shipped, or whose text nobody has.
 */
export async function notices(packages: readonly BundledPackage[]): Promise<string> {
  const sections = await Promise.all(
    packages.map(async (found) => [heading(found), ...(await textsOf(found))].join('\n\n')),
  );
  const list = packages.map(({ name, version, license }) => `  ${name} ${version} (${license})`);
  const opening =
    'acr-replication-operator, kubectl-acr_replication and acr-emulator are a file each, with parts of these packages:';
  const closing =
    'Node.js and the libraries of the image have their own licences, in the image; that of a single executable is beside it.';
  return `${[[opening, '', ...list, '', closing].join('\n'), ...sections].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

function heading({ name, version, license, repository }: BundledPackage): string {
  return [`${name} ${version}`, `Licence: ${license}`, ...(repository === undefined ? [] : [repository])].join('\n');
}

async function textsOf(found: BundledPackage): Promise<readonly string[]> {
  const files = (await readdir(found.folder)).filter((file) => named.test(file)).toSorted();
  if (files.length === 0) return [standardText(found)];
  return Promise.all(files.map(async (file) => clean(await readFile(`${found.folder}/${file}`, 'utf8'))));
}

/** Files made on different machines end their lines differently. */
const clean = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replaceAll(/[ \t]+$/gm, '')
    .trim();

function standardText({ name, license, author }: BundledPackage): string {
  if (license !== 'MIT') throw new Error(`${name} (${license}) ships no licence text: find it, and add it here`);
  return mit.replace('AUTHOR', author ?? `the authors of ${name}`);
}

/** https://spdx.org/licenses/MIT.html */
const mit = `Copyright (c) AUTHOR

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
