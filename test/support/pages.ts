import { globSync, readFileSync } from 'node:fs';

/** A block of code in a page, in the order of the page. */
export interface Block {
  readonly page: string;
  /** The heading that it stands under, without #. */
  readonly heading: string;
  /** What stands behind the opening fence; empty for none. */
  readonly language: string;
  readonly text: string;
}

/** Every page of the documentation, by its path. */
export const pages: readonly string[] = [
  ...globSync(['*.md', 'docs/**/*.md', '.github/*.md']),
  'deploy/monitoring/runbooks.md',
].toSorted();

interface Line {
  /** Inside a fence: without the indentation of the opening one. */
  readonly text: string;
  readonly heading: string;
  /** Of a line inside a fence: what stands behind the opening one. */
  readonly fence: string | undefined;
  readonly number: number;
}

/** The lines of a page, fences left out, each with the heading above it. */
function linesOf(page: string): readonly Line[] {
  const lines: Line[] = [];
  let heading = '';
  let fence: string | undefined;
  let indent = 0;
  for (const [number, text] of readFileSync(page, 'utf8').split('\n').entries()) {
    const [, indentation] = /^( *)```/.exec(text) ?? [];
    if (indentation !== undefined) {
      indent = indentation.length;
      fence = fence === undefined ? text.slice(indent + 3) : undefined;
      continue;
    }
    if (fence === undefined) [, heading = heading] = /^#+ (.*)$/.exec(text) ?? [];
    lines.push({ text: fence === undefined ? text : text.slice(indent), heading, fence, number });
  }
  return lines;
}

/** Every block of code of a page. */
export function blocksOf(page: string): readonly Block[] {
  const blocks: { page: string; heading: string; language: string; lines: Line[] }[] = [];
  for (const line of linesOf(page)) {
    if (line.fence === undefined) continue;
    const last = blocks.at(-1);
    if (last?.lines.at(-1)?.number === line.number - 1) last.lines.push(line);
    else blocks.push({ page, heading: line.heading, language: line.fence, lines: [line] });
  }
  return blocks.map(({ lines, ...block }) => ({ ...block, text: lines.map(({ text }) => `${text}\n`).join('') }));
}

/** What an address may name behind # on a page, as GitHub makes it of the headings. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const line of readFileSync(page, 'utf8')
    .replaceAll(/^ *```[^]*?^ *```/gm, '')
    .split('\n')) {
    const [, heading] = /^#+ (.*)$/.exec(line) ?? [];
    if (heading === undefined) continue;
    const shown = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const anchor = shown
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

/** The targets of all links of a page, blocks of code left out. */
export function linksOf(page: string): readonly string[] {
  return linesOf(page)
    .filter(({ fence }) => fence === undefined)
    .flatMap(({ text }) => [...text.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)])
    .map(([, target = '']) => target);
}

/** The part of a page under a heading, with the headings below it. */
export function sectionOf(page: string, heading: string): string {
  const lines = readFileSync(page, 'utf8').split('\n');
  const levelOf = (line: string): number => /^#+(?= )/.exec(line)?.[0].length ?? 7;
  const start = lines.findIndex((line) => line.slice(levelOf(line) + 1) === heading && levelOf(line) < 7);
  const level = levelOf(lines[start] ?? '');
  if (start === -1) throw new Error(`${page} has no heading ${heading}`);
  const end = lines.findIndex((line, number) => number > start && levelOf(line) <= level);
  return lines.slice(start + 1, end === -1 ? undefined : end).join('\n');
}
