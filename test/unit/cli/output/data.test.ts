import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { documentOf, listDocument } from '../../../../src/cli/output/data.ts';

const head = { apiVersion: 'v1', kind: 'List' };

/** What is printed of these items, which come in such pages. */
async function printed(format: 'json' | 'yaml', items: readonly object[], pageSize: number): Promise<string> {
  async function* pages() {
    for (let i = 0; i < items.length; i += pageSize) yield items.slice(i, i + pageSize);
    yield [];
  }
  let text = '';
  for await (const piece of listDocument(format, head, pages())) text += piece;
  return text;
}

describe.each([0, 1, 2, 500, 501, 1_200])('a list of %i items', (length) => {
  const items = Array.from({ length }, (_, n) => ({ n, text: n % 2 === 0 ? 'a: "b" # c' : 'two\nlines' }));

  test.each([1, 500])('printed in pages of %i is the document as a whole', async (pageSize) => {
    expect(await printed('json', items, pageSize)).toBe(documentOf('json', { ...head, items }));
    const yaml = await printed('yaml', items, pageSize);
    expect(load(yaml)).toEqual({ ...head, items });
    expect(yaml).toBe(documentOf('yaml', { ...head, items }));
  });
});
