import { defineConfig } from 'vitest/config';

/**
 * The tests that are to notice a changed rule of src/domain: deterministic ones only, so that the score is, and quick
 * ones, for there are two thousand changes to notice.
 */
export default defineConfig({
  test: {
    isolate: false,
    include: [
      'test/unit/domain/*.test.ts',
      'test/unit/controller/reconcile.test.ts',
      'test/unit/telemetry/report.test.ts',
      'test/trials/small-world/found.test.ts',
    ],
  },
});
