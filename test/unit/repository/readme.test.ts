import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { failureReasons, needsPerson, reasons } from '../../../src/domain/reasons.ts';
import { settingsTable } from '../../../src/operator/settings-table.ts';
import { leaves } from '../../support/crd-schema.ts';
import { metricsTable } from '../../support/metrics-table.ts';

const readme = readFileSync('README.md', 'utf8');
const section = (title: string) => readme.split(/^## /m).find((s) => s.startsWith(title)) ?? '';
/** First cells of the rows of a section's tables, each name in backticks. */
const firstCells = (text: string) =>
  [...text.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );

describe('the README', () => {
  test('lists every reason that a condition can have, and no other', () => {
    expect(firstCells(section('Conditions')).toSorted()).toEqual(Object.keys(reasons).toSorted());
  });

  test('says rightly which reasons need a person', () => {
    for (const reason of failureReasons) {
      const condition = needsPerson(reason) ? 'Stalled' : 'Reconciling';
      expect(section('Conditions'), reason).toMatch(new RegExp(`^\\| \`${reason}\` \\| ${condition} \\|`, 'm'));
    }
  });

  test('lists every field of the spec, and no other', () => {
    expect(firstCells(section('The object')).toSorted()).toEqual([...leaves('spec')].toSorted());
  });

  test('has the table of settings that the program itself is made from', () => {
    expect(section('Configuration')).toContain(settingsTable());
  });

  test('has the table of metrics that the program itself is made from', () => {
    expect(section('Metrics and alerts')).toContain(metricsTable());
  });

  test('names no npm command that does not exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    for (const [, name = ''] of readme.matchAll(/npm run ([a-z-]+)/g)) expect(Object.keys(scripts)).toContain(name);
  });
});
