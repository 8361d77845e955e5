import { expect, test } from 'vitest';
import { steadyText } from '../../../../src/azure/refusals/wording.ts';
import { nearest } from '../../../../src/domain/nearest.ts';

const id = '3fa85f64-5717-4562-b3fc-2c963f66afa6';
const texts: Record<string, string> = {
  'Plain text': 'Plain text.',
  'Two\r\nlines. ': 'Two lines.',
  [`It failed. RequestId: ${id}`]: 'It failed.',
  [`It failed. Correlation ID: ${id} Timestamp: 2026-11-22 10:00:00Z`]: 'It failed.',
  [`It failed (Trace ID: ${id}, Correlation ID: '${id}').`]: 'It failed.',
  [`It failed, tracking id is '${id}'.`]: 'It failed.',
  [`Give support ${id}.`]: 'Give support ….',
  [`The client '${id}' has no right over '/subscriptions/${id}/x'.`]: `The client '${id}' has no right over '/subscriptions/${id}/x'.`,
  [`The application ${id} is missing in the tenant ${id}.`]: `The application ${id} is missing in the tenant ${id}.`,
  [`Busy: /subscriptions/${id}/operationStatuses/replications-${id}?t=1&c=2 runs`]: `Busy: /subscriptions/${id}/operationStatuses/… runs.`,
  [`replications-${id} failed`]: 'replications-… failed.',
  "Please try again after '10' seconds.": 'Please try again later.',
  [`It broke. Diagnostic information: timestamp '20261122T100000Z', tracking id '${id}'.`]: 'It broke.',
  'asked https://robot:hunter2@proxy:3128/': 'asked https://…@proxy:3128/.',
  'Expired at 2026-11-22T10:00:00.123Z, now 11/22/2026 10:00:01 AM.': 'Expired at …, now ….',
  'body was client_secret=hunter2&grant_type=x': 'body was client_secret=…&grant_type=x.',
  'header Bearer abcdefghijkl': 'header Bearer …',
  'token eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln here': 'token … here.',
  'a\u001b[31mred\u0007\u0000\u009b2J\u2028b': 'a [31mred 2J b.',
  'left \u202eright\u202c \ud800': 'left right \ufffd.',
  '': '',
};
for (const [text, clean] of Object.entries(texts)) {
  test(`"${text}" becomes steady`, () => expect(steadyText(text)).toBe(clean));
}
test('a long text is cut', () => expect(steadyText('x '.repeat(1000)).length).toBeLessThan(310));

for (const part of [' ', '(', 'request id ', ',timestamp', '\u001b[31m', '😀'])
  test(`a million of ${JSON.stringify(part)} cost no time`, { timeout: 2_000 }, () => {
    const text = steadyText(part.repeat(1_000_000 / part.length));
    expect(text.length).toBeLessThan(310);
    expect(text.isWellFormed()).toBe(true);
  });

const regions = ['eastus', 'eastus2', 'japaneast', 'japanwest', 'northeurope', 'uksouth', 'westeurope', 'westus'];
const meant: Record<string, string | undefined> = {
  japanest: 'japaneast',
  japneast: 'japaneast',
  eastjapan: 'japaneast',
  europewest: 'westeurope',
  westeuropa: 'westeurope',
  eastus3: 'eastus',
  uksuoth: 'uksouth',
  mars: undefined,
  '': undefined,
  atlantis: undefined,
};
for (const [word, region] of Object.entries(meant)) {
  test(`"${word}" means ${region ?? 'nothing known'}`, () => expect(nearest(word, regions)).toBe(region));
}
test('without candidates nothing is suggested', () => expect(nearest('x', [])).toBeUndefined());
