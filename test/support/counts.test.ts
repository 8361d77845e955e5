import { expect, test } from 'vitest';
import { countsOf, noCounts, plus, summary } from './counts.ts';

const file = { status: 'passed', assertionResults: [{}] };

function report(numPassedTests: number, numFailedTests = 0, testResults = [file], skipped = 3): string {
  const numPendingTests = Math.max(skipped - 1, 0);
  const numTodoTests = skipped - numPendingTests;
  return JSON.stringify({ numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults });
}

const cases: readonly { name: string; code: number; json?: string; is: string }[] = [
  { name: 'a check that ends well is one passed test', code: 0, is: '1 passed, 0 failed' },
  { name: 'a check that ends badly is one failed test', code: 2, is: '0 passed, 1 failed' },
  { name: 'the tests of a suite are counted each', code: 1, json: report(5, 2), is: '5 passed, 2 failed, 3 skipped' },
  { name: 'an error outside of the tests is a failure', code: 1, json: report(5), is: '5 passed, 1 failed, 3 skipped' },
  {
    name: 'a suite whose tests are all skipped is no failure',
    code: 0,
    json: report(0),
    is: '0 passed, 0 failed, 3 skipped',
  },
  { name: 'a suite without tests is a failure', code: 0, json: report(0, 0, [], 0), is: '0 passed, 1 failed' },
  { name: 'a suite without report is a failure', code: 0, json: '', is: '0 passed, 1 failed' },
  {
    name: 'a file that cannot be loaded is a failure beside those of others',
    code: 1,
    json: report(5, 1, [file, { status: 'failed', assertionResults: [] }]),
    is: '5 passed, 2 failed, 3 skipped',
  },
];
for (const { name, code, json, is } of cases) test(name, () => expect(summary(countsOf(code, json))).toBe(is));

test('the closing line sums all steps', () => {
  expect(summary([countsOf(0), countsOf(1, report(5, 2)), countsOf(0)].reduce(plus, noCounts))).toBe(
    '7 passed, 2 failed, 3 skipped',
  );
});
