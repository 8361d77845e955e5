import { defineConfig } from 'vitest/config';

/** The tests that are to notice a changed rule of src/domain: deterministic ones only, so that the score is. */
export default defineConfig({
  test: {
    include: ['test/unit/{plan,desired,pace,events,reconcile,report,small-world,domain-*}.test.ts'],
  },
});
