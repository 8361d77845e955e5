import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { documentOf, listDocument } from '../../../../src/cli/output/data.ts';

const head = { apiVersion: 'v1', kind: 'List' };

test.each([0, 1, 2, 500, 501, 1_200])('a list of %i printed in pieces is the document as a whole', (length) => {
  const items = Array.from({ length }, (_, n) => ({ n, text: n % 2 === 0 ? 'a: "b" # c' : 'two\nlines' }));
  const json = [...listDocument('json', head, items)].join('');
  expect(json).toBe(documentOf('json', { ...head, items }));
  const yaml = [...listDocument('yaml', head, items)].join('');
  expect(load(yaml)).toEqual({ ...head, items });
  expect(yaml).toBe(documentOf('yaml', { ...head, items }));
});
