export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const noCounts: Counts = { passed: 0, failed: 0, skipped: 0 };

export function plus(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** The closing line of `npm test`. */
export function summary({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/**
 * What a step that ended with `code` adds to the count: one, or the tests of vitest's JSON report. A suite that could
 * not be loaded is a failure, and so is a run without report, without tests, or with an error outside of any test. One
 * whose tests are all skipped is none.
 */
export function countsOf(code: number, json?: string): Counts {
  if (json === undefined) return code === 0 ? { ...noCounts, passed: 1 } : { ...noCounts, failed: 1 };
  const report = parse(json);
  if (report === undefined) return { ...noCounts, failed: 1 };
  const unloaded = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  const counts = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  return counts.failed === 0 && (code !== 0 || counts.passed + counts.skipped === 0)
    ? { ...counts, failed: 1 }
    : counts;
}

function parse(json: string): Report | undefined {
  try {
    return JSON.parse(json) as Report;
  } catch {
    return undefined;
  }
}
