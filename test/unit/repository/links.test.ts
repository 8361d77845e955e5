import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { anchorsOf, linksOf, pages } from '../../support/pages.ts';

const repository = `${manifest.homepage.replace('#readme', '')}/blob/main/`;

/** What is wrong with a link of a page; undefined when it leads somewhere, or out of this repository. */
function wrong(page: string, target: string): string | undefined {
  const own = target.startsWith(repository) ? target.slice(repository.length) : undefined;
  if (own === undefined && /^(https?|mailto):/.test(target)) return undefined;
  const [path = '', anchor] = (own ?? target).split('#');
  const file = path === '' ? page : normalize(join(own === undefined ? dirname(page) : '.', path));
  if (file.startsWith('..')) return `${target} is outside the repository`;
  if (!existsSync(file)) return `${target}: there is no ${file}`;
  if (anchor === undefined || !file.endsWith('.md')) return undefined;
  return anchorsOf(file).has(anchor) ? undefined : `${target}: ${file} has no such heading`;
}

describe('every link leads somewhere', () => {
  test.each(pages)('%s', (page) => {
    expect(linksOf(page).flatMap((target) => wrong(page, target) ?? [])).toEqual([]);
  });

  test('of the templates for issues', () => {
    const config = '.github/ISSUE_TEMPLATE/config.yml';
    const links = [...readFileSync(config, 'utf8').matchAll(/https:\S+/g)].map(([link]) => link);
    expect(links.flatMap((target) => wrong(config, target) ?? [])).toEqual([]);
  });

  test('and one that leads nowhere is noticed', () => {
    expect(wrong('README.md', 'docs/nothing.md')).toMatch(/there is no docs\/nothing\.md/);
    expect(wrong('docs/install.md', '#nothing')).toMatch(/no such heading/);
    expect(wrong('docs/install.md', '../../etc/hosts')).toMatch(/outside/);
    expect(wrong('docs/install.md', '../README.md#try-it')).toBeUndefined();
  });
});
