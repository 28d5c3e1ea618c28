import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * Files that run side by side. Half of them mostly wait, so two are right for two cores; each worker of the integration
 * tests has Postgres clusters and ports of its own, for up to eight.
 */
const WORKERS = Math.min(8, Math.max(2, Math.floor(availableParallelism() / 2)));

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src-*/**/*.test.ts', 'tools/**/*.test.ts', 'tests/documents/*.test.ts'],
          environment: 'node',
          maxWorkers: WORKERS,
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
    ],
  },
});
