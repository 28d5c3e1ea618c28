import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * Files that run side by side. Half of them mostly wait, so two are right for two cores; each worker of the integration
 * tests has Postgres clusters and ports of its own, for up to eight.
 */
const WORKERS = Math.min(8, Math.max(2, Math.floor(availableParallelism() / 2)));

export default defineConfig({
  test: {
    // What the unit tests reach inside their own process; what runs as a child of a test is not seen.
    coverage: {
      provider: 'v8',
      include: ['src-{station,relay,shared}/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.test-kit.ts', '**/*.browser.ts'],
      reporter: ['json-summary'],
      reportsDirectory: 'coverage',
    },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src-*/**/*.test.ts', 'tools/**/*.test.ts', 'tests/documents/*.test.ts'],
          environment: 'node',
          maxWorkers: WORKERS,
          // Half of the time went into loading the same modules for each file; whatever a test changes it puts back.
          isolate: false,
          // Some start real programs or wait for the disk; a busy machine is no fault.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          environment: 'node',
          maxWorkers: WORKERS,
          globalSetup: ['tests/support/database/shared-clusters.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        // By night, or by name: each file takes minutes.
        test: {
          name: 'long',
          include: ['tests/long/**/*.test.ts'],
          environment: 'node',
          maxWorkers: 1,
        },
      },
    ],
  },
});
