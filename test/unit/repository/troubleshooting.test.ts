import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { troubleshootingPage } from '../../../docs/troubleshooting.ts';
import { answers } from '../azure/refusals/answers.ts';

const page = readFileSync('docs/troubleshooting.md', 'utf8');

test('docs/troubleshooting.md is what the table of answers makes of it; npm run generate writes it', () => {
  expect(page).toBe(troubleshootingPage());
});

test('every answer of the table is on the page', () => {
  for (const { name } of answers) expect(page).toContain(`### ${name}\n`);
});
