import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { plan } from '../../../src/cli/commands/plan.ts';
import { parse } from '../../../src/cli/parse.ts';

const folder = 'deploy/examples/pull-requests';

test.each(readdirSync(folder))('%s is YAML, and uses the plugin as it can be used', (file) => {
  const text = readFileSync(`${folder}/${file}`, 'utf8');
  expect(parseYaml(text)).toBeTypeOf('object');
  const uses = [...text.matchAll(/kubectl[ -]acr[-_]replication plan (.*?) > plan\.md/g)];
  expect(uses).toHaveLength(1);
  for (const [, words = ''] of uses) expect(parse(plan, words.split(' ')).texts('filename')).toEqual(['registries/']);
});
