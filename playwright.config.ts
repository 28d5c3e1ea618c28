/**
 * End-to-end tests: the whole product as real processes, Debian's Chromium, real audio. Two files at a time, each with a
 * station, a data directory, ports and a browser of its own.
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
  reporter: [['list']],
  forbidOnly: true,
});
