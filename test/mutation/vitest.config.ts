import { defineConfig } from 'vitest/config';

/**
 * The tests that are to notice a changed rule of src/domain: deterministic ones only, so that the score is, and quick
 * ones, for there are two thousand changes to notice.
 */
export default defineConfig({
  test: {
    isolate: false,
    include: [
      'test/unit/{plan,desired,pace,events,reconcile,replication,report,status,verdict,drift,small-world-found}.test.ts',
    ],
  },
});
