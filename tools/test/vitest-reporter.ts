/** Writes what each file took and what became of its tests, for tools/test.ts. */
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import { type FileResult, RESULTS_VARIABLE } from './results.ts';

export default class ResultsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const path = process.env[RESULTS_VARIABLE];
    if (path) writeFileSync(path, JSON.stringify(modules.map(resultOf)));
  }
}

function resultOf(module: TestModule): FileResult {
  const { collectDuration, duration, environmentSetupDuration, setupDuration } = module.diagnostic();
  const count = (state: 'passed' | 'failed' | 'skipped') => [...module.children.allTests(state)].length;
  return {
    path: module.relativeModuleId,
    durationMs: collectDuration + duration + environmentSetupDuration + setupDuration,
    passed: count('passed'),
    // A file that can't be read has no tests to fail.
    failed: Math.max(count('failed'), module.ok() ? 0 : 1),
    skipped: count('skipped'),
  };
}
