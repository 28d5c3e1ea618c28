/**
 * End-to-end tests: the whole product as real processes, Debian's Chromium, real audio. Two files at a time, each with a
 * station, a data directory, ports and a browser of its own; those in which somebody speaks aloud one at a time and apart
 * from the rest: on a machine that starts and kills products beside it, words are torn that a person would speak whole.
 */
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  workers: 2,
  fullyParallel: false,
  retries: 0,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  projects: [
    { name: 'end to end', testIgnore: 'spoken/**' },
    { name: 'spoken', testMatch: 'spoken/**', workers: 1 },
  ],
  reporter: [['list']],
  forbidOnly: true,
});
