import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Block, blocksOf, pages } from '../../support/pages.ts';
import { pageCommands } from './page-commands.ts';

const shells = ['sh', 'bash', 'shell', 'console'];
const blocks = pages.flatMap(blocksOf).filter(({ language }) => shells.includes(language));

/** The headings that blocks stand under, with how many there are. */
function counted(page: string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { heading } of blocks.filter((block) => block.page === page)) counts[heading] = (counts[heading] ?? 0) + 1;
  return counts;
}

describe('every block of commands is run as it is written, or there is a reason', () => {
  test('in each page that has one, and in no other', () => {
    expect(Object.keys(pageCommands).toSorted()).toEqual([...new Set(blocks.map(({ page }) => page))].toSorted());
  });

  test.each(Object.entries(pageCommands))('%s', (page, rows) => {
    if (rows['*'] !== undefined) return;
    const listed = Object.entries(rows).map(([heading, fates]) => [heading, fates.length] as const);
    expect(Object.fromEntries(listed)).toEqual(counted(page));
  });

  const fates = Object.values(pageCommands).flatMap((rows) => Object.values(rows).flat());

  test('what is run is run by a test that looks whether it was', () => {
    for (const fate of fates) {
      if ('run' in fate) expect(readFileSync(fate.run, 'utf8'), fate.run).toContain(`untyped('${fate.run}')`);
    }
  });

  test('what is looked at otherwise has a test, and what is not run a reason', () => {
    for (const fate of fates) {
      if ('checked' in fate) expect(existsSync(fate.checked), fate.checked).toBe(true);
      const reason = 'notRun' in fate ? fate.notRun : 'how' in fate ? fate.how : undefined;
      if (reason !== undefined) expect(reason.length).toBeGreaterThan(10);
    }
  });
});

/** Usage lines have options in brackets, which a shell takes for patterns; that is no wrong syntax. */
test.each(blocks.map((block) => [`${block.page}, ${block.heading}`, block] as const))(
  'a shell can read %s',
  (_, { text }: Block) => {
    expect(() => execFileSync('bash', ['-n'], { input: text, stdio: 'pipe' })).not.toThrow();
  },
);
