import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Suites that talk to the real API server share one control plane, started once. */
const controlPlane = {
  globalSetup: ['test/support/control-plane-setup.ts'],
  testTimeout: 120_000,
  hookTimeout: 600_000,
};

/** Begins with what mostly waits, so that it passes beside the rest. */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const waits = ({ moduleId }: TestSpecification): number => Number(moduleId.endsWith('/browser/frozen.test.ts'));
    return sorted.toSorted((a, b) => waits(b) - waits(a));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: WaitingFirst },
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      // What the tests themselves are made with.
      {
        test: {
          name: 'tools',
          include: ['test/{support,trials,sandbox}/**/*.test.ts'],
          exclude: ['test/sandbox/emulator/**'],
        },
      },
      { test: { name: 'emulator', include: ['test/sandbox/emulator/**/*.test.ts'], testTimeout: 30_000 } },
      {
        test: {
          name: 'release',
          include: ['test/integration/release/**/*.test.ts'],
          globalSetup: ['test/integration/release/setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      { test: { name: 'integration', include: ['test/integration/{*,cli/*}.test.ts'], ...controlPlane } },
      {
        test: {
          name: 'install',
          include: ['test/integration/install/**/*.test.ts'],
          ...controlPlane,
          globalSetup: ['test/integration/install/setup.ts'],
          maxWorkers: 2,
        },
      },
      // The commands of README and docs, typed as they are; they install into the whole cluster, so one file at a time.
      {
        test: {
          name: 'pages',
          include: ['test/integration/pages/**/*.test.ts'],
          ...controlPlane,
          globalSetup: ['test/integration/pages/setup.ts'],
          maxWorkers: 1,
        },
      },
      // What Argo CD, Flux and kubectl make of the objects, by their own code.
      {
        test: {
          name: 'gitops',
          include: ['test/integration/gitops/**/*.test.ts'],
          ...controlPlane,
          globalSetup: ['test/integration/gitops/setup.ts', ...controlPlane.globalSetup],
          maxWorkers: 2,
          maxConcurrency: 8,
        },
      },
      // The map's page in a browser, which all tests share.
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          ...controlPlane,
          globalSetup: ['test/browser/setup.ts', ...controlPlane.globalSetup],
          maxWorkers: 3, // one only waits: test/browser/frozen.test.ts
        },
      },
      // A running Prometheus scrapes the sandbox.
      {
        test: {
          name: 'monitoring',
          include: ['test/integration/monitoring/**/*.test.ts'],
          ...controlPlane,
          globalSetup: ['test/integration/monitoring/setup.ts', ...controlPlane.globalSetup],
          maxWorkers: 2,
          sequence: { concurrent: true },
        },
      },
      // Other people's Azure clients; not part of `npm test`, because it installs them.
      {
        test: {
          name: 'clients',
          include: ['test/trials/clients/**/*.trial.ts'],
          ...controlPlane,
          globalSetup: ['test/trials/clients/setup.ts', ...controlPlane.globalSetup],
          maxWorkers: 2,
        },
      },
      // checkov and Kyverno over the manifests; not part of `npm test`, because one is installed and the other is slow to build.
      {
        test: {
          name: 'judges',
          include: ['test/trials/judges/**/*.trial.ts'],
          ...controlPlane,
          globalSetup: ['test/trials/judges/setup.ts'],
        },
      },
      // Seven minutes; not part of `npm test`.
      {
        test: {
          name: 'throttle',
          include: ['test/trials/throttle/**/*.trial.ts'],
          ...controlPlane,
          testTimeout: 20 * 60_000,
        },
      },
      // Two crashes in a row, and restarts that see something old; `npm test` tries every single crash.
      { test: { name: 'crashes', include: ['test/trials/crashes/**/*.trial.ts'], testTimeout: 20 * 60_000 } },
      // Six minutes, with control planes that are broken on purpose; not part of `npm test`.
      {
        test: {
          name: 'kube-faults',
          include: ['test/trials/kube-faults/**/*.trial.ts'],
          ...controlPlane,
          testTimeout: 5 * 60_000,
          maxWorkers: 2,
          maxConcurrency: 4,
        },
      },
      // Ten minutes, most of them waiting for leases to expire; not part of `npm test`.
      {
        test: {
          name: 'handovers',
          include: ['test/trials/handovers/**/*.trial.ts'],
          ...controlPlane,
          testTimeout: 60 * 60_000,
        },
      },
      // The largest objects and answers: a minute of work, not part of `npm test`.
      { test: { name: 'sizes', include: ['test/trials/sizes/**/*.trial.ts'], ...controlPlane } },
      // Mostly waiting, for Azure and for intervals: side by side, each test in a namespace of its own.
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          ...controlPlane,
          maxWorkers: 2,
          maxConcurrency: 6,
          sequence: { concurrent: true },
        },
      },
    ],
  },
});
