import { describe, expect, test } from 'vitest';
import type { Line } from '../../../../src/cli/plan/forecast.ts';
import { jsonOf, markdownOf, textOf } from '../../../../src/cli/plan/formats.ts';
import { differenceOf, priceIn, quoted } from '../../../../src/cli/plan/money.ts';
import type { Plans } from '../../../../src/cli/plan/object-plan.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import { minutesAfter, noon } from '../../../support/builders.ts';

function line(region: string, kind: Line['kind'], more: Partial<Line> = {}): Line {
  const bare = { name: region, settings: [], why: '', would: undefined, comes: false, until: undefined, again: false };
  return { region: regionOf(region), kind, ...bare, mayWaitFor: [], ...more };
}

const lines = [
  line('eastus', 'keep', { why: 'home region of the registry' }),
  line('japaneast', 'create', { settings: [{ name: 'routing', from: undefined, to: 'Disabled' }] }),
  line('uksouth', 'update', {
    settings: [
      { name: 'routing', from: 'Enabled', to: 'Disabled' },
      { name: 'tag team', from: undefined, to: 'a|b' },
    ],
  }),
  line('westus2', 'held', {
    why: 'somebody else made it, and it is given five minutes; list it to keep it, or set prune: Owned',
    would: 'delete',
    comes: true,
    until: minutesAfter(5),
  }),
];
const plans: Plans = {
  plans: [
    {
      namespace: 'platform',
      name: 'contoso',
      applied: 'changed',
      registry: 'contoso',
      seen: { from: 'status', at: minutesAfter(-180).toISOString() },
      lines,
      notes: ['Ask @team.'],
    },
  ],
  unplanned: [],
  ignored: ['Deployment shop'],
  price: quoted,
  bill: differenceOf(lines, quoted),
  now: noon,
};

describe('for people', () => {
  const shown = { paint: (_: string, text: string) => text, isUnicode: true };

  test('at 80 columns', () => {
    expect(textOf(plans, { ...shown, width: 80 })).toBe(`\
platform/contoso (changed), registry contoso
Azure was not read: this is from what the operator last told in the object's
status, written 3h ago. It may have changed since; tags are taken to be as the
stored spec asks.
Note: Ask @team.

  = keep    eastus     home region of the registry
  + create  japaneast  routing Disabled
  ~ update  uksouth    routing Enabled → Disabled; tag team a|b
  ? held    westus2    would be deleted, held because somebody else made it, and
                       it is given five minutes; list it to keep it, or set
                       prune: Owned (until 2026-09-10 12:05 UTC)

1 to create, 0 to delete, 1 to update; 1 kept, 1 held.
Each month: +50.70 USD (1 replica more).
On top, once what is held is done: -50.70 USD (1 replica fewer).
Price: 1.667 USD a day for each replica, as publicly quoted for a Premium
registry, without storage over 500 GiB and traffic; --price sets your own.
Left out, because they are of other kinds: Deployment shop.
`);
  });

  test.each([60, 80, 200])('no line is longer than %i columns', (width) => {
    const longest = Math.max(
      ...textOf(plans, { ...shown, width })
        .split('\n')
        .map((text) => text.length),
    );
    expect(longest).toBeLessThanOrEqual(width);
  });

  test('without a word beyond ASCII where the terminal has no more', () => {
    expect(textOf(plans, { ...shown, isUnicode: false, width: 80 })).toMatch(/^[\n -~]*$/);
  });
});

test('as a comment, in which nothing breaks the table or calls anybody', () => {
  const text = markdownOf(plans);
  expect(text).toContain('| `~` | update | uksouth | routing Enabled → Disabled; tag team a\\|b |');
  expect(text).toContain('Ask @\u200bteam.');
  expect(text).toContain('**1 to create, 0 to delete, 1 to update; 1 kept, 1 held.**');
});

test('an object without a plan is told of in each format', () => {
  const some = { ...plans, unplanned: [{ object: 'platform/other', problem: 'registry other cannot be read: No *.' }] };
  const line = 'No plan for platform/other: registry other cannot be read: No *.';
  expect(textOf(some, { paint: (_, text) => text, isUnicode: true, width: 200 })).toContain(`\n${line}\n`);
  expect(markdownOf(some)).toContain(`\n**${line.replace('*', '\\*')}**\n`);
  expect(JSON.parse(jsonOf(some))).toMatchObject({ unplanned: some.unplanned });
});

describe('what somebody else wrote into a tag', () => {
  const nasty = '\u001b[2J\n## Approved\n`x` ~~y~~ #1 $z$ &lt; https://evil.example';
  const settings = [{ name: 'tag team', from: nasty, to: 'platform' }];
  const hostile = {
    ...plans,
    plans: plans.plans.map((plan) => ({ ...plan, lines: [line('uksouth', 'update', { settings })] })),
  };

  test('moves no cursor and begins no line', () => {
    const text = textOf(hostile, { paint: (_, one) => one, isUnicode: true, width: 200 });
    expect(text).not.toContain('\u001b');
    expect(text).toContain('uksouth  tag team [2J ## Approved `x`');
  });

  test('is no markup in a comment, and refers to nothing', () => {
    const shown = String.raw`tag team \[2J ## Approved \`x\` \~\~y\~\~ #1 \$z\$ \&lt; https://evil.example → platform`;
    const row = markdownOf(hostile)
      .split('\n')
      .find((text) => text.includes('uksouth'));
    expect(row?.replaceAll('\u200b', '')).toBe(`| \`~\` | update | uksouth | ${shown} |`);
    expect(row).not.toMatch(/#(?!\u200b)|:\/\//);
  });
});

test('for programs', () => {
  expect(JSON.parse(jsonOf(plans))).toMatchObject({
    kind: 'Plan',
    objects: [
      {
        name: 'contoso',
        applied: 'changed',
        regions: [{}, { region: 'japaneast', plan: 'create' }, {}, { would: 'delete' }],
      },
    ],
    counts: { create: 1, delete: 0, update: 1, keep: 1, held: 1 },
    monthly: { currency: 'USD', now: { replicas: 1, perMonth: 50.7 }, later: { replicas: -1, perMonth: -50.7 } },
    ignored: ['Deployment shop'],
  });
});

describe('the price', () => {
  test('is what the user says, in what currency the user says', () => {
    expect(priceIn('1.4EUR')).toMatchObject({ perDay: 1.4, currency: 'EUR' });
    expect(priceIn('2')).toMatchObject({ perDay: 2, currency: 'USD' });
    expect([priceIn('-1'), priceIn('cheap'), priceIn('1,5')]).toEqual([undefined, undefined, undefined]);
  });

  test('of 0 tells of no money', () => {
    const free = { ...plans, price: { ...quoted, perDay: 0 } };
    expect(textOf(free, { paint: (_, text) => text, isUnicode: true, width: 80 })).not.toMatch(/month|USD/);
    expect(JSON.parse(jsonOf(free))).not.toHaveProperty('monthly');
  });

  test('counts no replica that is deleted to be created again', () => {
    expect(differenceOf([line('uksouth', 'delete', { again: true })], quoted).now.replicas).toBe(0);
  });
});
