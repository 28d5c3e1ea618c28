/** Writes what each file took and what became of its tests, for tools/test.ts. */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';
import { type FileResult, RESULTS_VARIABLE } from './results.ts';

export default class ResultsReporter implements Reporter {
  readonly #results = new Map<string, FileResult>();

  onTestEnd(test: TestCase, result: TestResult): void {
    const path = relative(process.cwd(), test.location.file);
    const file = this.#results.get(path) ?? { path, durationMs: 0, passed: 0, failed: 0, skipped: 0 };
    this.#results.set(path, file);
    file.durationMs += result.duration;
    if (result.status === 'passed') file.passed += 1;
    else if (result.status === 'skipped') file.skipped += 1;
    else file.failed += 1;
  }

  onEnd(): void {
    const path = process.env[RESULTS_VARIABLE];
    if (path) writeFileSync(path, JSON.stringify([...this.#results.values()]));
  }
}
