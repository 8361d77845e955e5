import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { coveredRow } from '../../support/covered.ts';

/** Prints the suite's row for the table of docs/reliability.md when all went well. A describe is a fault, its tests are the cases. */
export default class CoveredReporter implements Reporter {
  readonly #startedAt = performance.now();

  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    if (tests.length === 0 || tests.some((test) => test.result().state !== 'passed')) return;
    const row = coveredRow({
      what: 'Kubernetes going wrong',
      counts: { faults: new Set(tests.map(faultOf)).size, cases: tests.length },
      held: 'the operator recovers by itself, writes nothing to Azure twice or wrongly, hammers nobody, and its status is true at the end',
      command: 'npm run test:kube-faults',
      seconds: (performance.now() - this.#startedAt) / 1_000,
    });
    process.stdout.write(`\n${row}\n`);
  }
}

function faultOf(test: TestCase): string {
  return test.fullName.slice(0, test.fullName.lastIndexOf(' > '));
}
