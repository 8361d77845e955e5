import { globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configurationPage } from '../../../docs/configuration.ts';
import { painter } from '../../../src/cli/output/terminal.ts';
import { mapText } from '../../../src/cli/world/map.ts';
import { eventReasons } from '../../../src/domain/events.ts';
import { failureReasons, needsPerson, reasons } from '../../../src/domain/reasons.ts';
import { stateWords } from '../../../src/map/page/text.ts';
import { states } from '../../../src/map/wire.ts';
import { type ReplicaRow, rowsOf, type Standing } from '../../../src/view/replicas.ts';
import { resource } from '../../support/builders.ts';
import { crdSchema, leaves } from '../../support/crd-schema.ts';
import { metricsTable } from '../../support/metrics-table.ts';
import { blocksOf, pages, sectionOf } from '../../support/pages.ts';

const object = 'docs/registryreplication.md';
const text = (page: string) => readFileSync(page, 'utf8');
/** The names in backticks in the first cells of the rows of all tables. */
const firstCells = (section: string) =>
  [...section.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );

describe('the README', () => {
  test('is read in three minutes', () => {
    expect(text('README.md').length).toBeLessThan(8_200);
  });

  test('says what it is and is not tried on before anything else that can be typed', () => {
    const state = text('README.md').indexOf('**State: alpha.**');
    expect(state).toBeGreaterThan(0);
    expect(state).toBeLessThan(text('README.md').indexOf('```sh'));
  });

  test('shows the map as the plugin draws it', () => {
    const row = (location: string, standing: Standing, managed = 'Created'): ReplicaRow[] =>
      rowsOf(resource([location])).map((one) => ({ ...one, standing, managed }));
    const rows = [
      ...row('brazilsouth', 'busy'),
      ...row('eastus', 'ready', 'Home'),
      ...row('japaneast', 'ready'),
      ...row('uksouth', 'ready'),
      ...row('westeurope', 'unlisted'),
    ];
    const drawn = mapText(rows, { paint: painter(false), isUnicode: true, width: 80, lines: 30 });
    const [, picture] = blocksOf('README.md');
    expect(picture?.text.trimEnd()).toBe(drawn.trimEnd());
  });

  test('has the object of the sample', () => {
    const [shown] = blocksOf('README.md');
    expect(parse(shown?.text ?? '')).toEqual(parse(text('deploy/samples/contoso.yaml')));
  });
});

describe('the page of the object', () => {
  test('lists every reason that a condition can have, and no other', () => {
    expect(firstCells(sectionOf(object, 'Conditions')).toSorted()).toEqual(Object.keys(reasons).toSorted());
  });

  test('says rightly which reasons need a person', () => {
    for (const reason of failureReasons) {
      const condition = needsPerson(reason) ? 'Stalled' : 'Reconciling';
      expect(sectionOf(object, 'Conditions'), reason).toMatch(
        new RegExp(`^\\| \`${reason}\` \\| ${condition} \\|`, 'm'),
      );
    }
  });

  test('has a heading for every field of the spec, and no other', () => {
    const headings = [...sectionOf(object, 'Writing a RegistryReplication spec').matchAll(/^### (.*)$/gm)];
    expect(headings.map(([, heading = '']) => heading).toSorted()).toEqual([...leaves('spec')].toSorted());
  });

  test('lists every field of the status, and no other', () => {
    const own = leaves('status').filter((field) => !field.startsWith('status.conditions'));
    expect(firstCells(sectionOf(object, 'Fields')).toSorted()).toEqual([...own].toSorted());
  });

  test('explains every word that STATUS can show', () => {
    const words = [...sectionOf(object, 'Words').matchAll(/^\| (?:STATUS)? ?\| `(\w+)` \|/gm)].map(([, word]) => word);
    const [phases = []] = [crdSchema('status').properties?.['phase']?.enum];
    expect(words).toEqual(expect.arrayContaining([...phases]));
  });

  test('lists every Event, with its type', () => {
    const rows = [...sectionOf(object, 'Events').matchAll(/^\| (`.*`) \| (Normal|Warning) \|/gm)];
    const listed = rows.flatMap(([, cell = '', type]) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, reason]) => [reason, type]),
    );
    expect(Object.fromEntries(listed)).toEqual(
      Object.fromEntries(Object.entries(eventReasons).map(([reason, { type }]) => [reason, type])),
    );
  });
});

test('the page of the map has the words of its states, the worst first', () => {
  const rows = [...sectionOf('docs/map.md', 'The states').matchAll(/^\| `(.*?)` \| .* \| (.*) \|$/gm)];
  expect(rows.map(([, word, says]) => ({ word, says }))).toEqual(states.map((state) => stateWords[state]));
});

test('every picture that a page shows is there, small, and described', () => {
  for (const page of ['README.md', ...globSync('docs/*.md')]) {
    const pictures = [...text(page).matchAll(/!\[(.*?)\]\((\S+?)\)|<img src="(\S+?)".*? alt="(.*?)">/g)];
    for (const [, alt, file, source, description] of pictures) {
      const path = join(dirname(page), file ?? source ?? '');
      expect(statSync(path).size, path).toBeLessThan(150_000);
      expect((alt ?? description ?? '').length, path).toBeGreaterThan(15);
    }
  }
});

test('the code map names every folder of src, and no other', () => {
  const folders = globSync('src/*/').map((folder) => folder.replaceAll('\\', '/').replace(/\/$/, ''));
  expect(firstCells(sectionOf('docs/architecture.md', 'Code map')).toSorted()).toEqual(folders.toSorted());
});

test('docs/configuration.md is what the settings make of it; npm run generate writes it', () => {
  expect(text('docs/configuration.md')).toBe(configurationPage());
});

test('docs/monitoring.md has the table of metrics that the program itself is made from', () => {
  expect(sectionOf('docs/monitoring.md', 'Metrics and alerts')).toContain(metricsTable());
});

test('every value of the chart that a page explains exists', () => {
  const values = parse(text('deploy/chart/values.yaml')) as object;
  const names = firstCells(sectionOf('docs/install.md', 'Values of the chart'));
  expect(names.length).toBeGreaterThan(25);
  for (const name of names) {
    let value: unknown = values;
    for (const part of name.split('.')) {
      expect(value, name).toHaveProperty(part);
      value = (value as Readonly<Record<string, unknown>>)[part];
    }
  }
});

test('no page names an npm command that does not exist', () => {
  const { scripts } = JSON.parse(text('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  for (const page of pages) {
    for (const [, name = ''] of text(page).matchAll(/npm run ([a-z:-]+)/g)) {
      expect(Object.keys(scripts), `${page}: ${name}`).toContain(name);
    }
  }
});

test('docs/README.md names every page of docs', () => {
  const index = text('docs/README.md');
  for (const page of globSync('docs/*.md')) {
    if (page !== 'docs/README.md') expect(index).toContain(`](${page.slice('docs/'.length)})`);
  }
  for (const page of globSync('docs/decisions/0*.md')) {
    expect(text('docs/decisions/README.md')).toContain(`](${page.slice('docs/decisions/'.length)})`);
  }
});
