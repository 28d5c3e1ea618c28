/** What the runners report of each test file, and what is told of it at the end. */

export interface FileResult {
  /** From the root of the repository. */
  path: string;
  /** Of the file alone: its imports, its set-up and its tests, as if nothing had run beside it. */
  durationMs: number;
  passed: number;
  failed: number;
  skipped: number;
}

/** The variable that tells a reporter where to write its `FileResult[]`. */
export const RESULTS_VARIABLE = 'MINDBOT_TEST_RESULTS';

const SLOWEST = 10;

/** The ten files that took longest, one a line; no line when nothing was run. */
export function slowestLines(results: readonly FileResult[], count = SLOWEST): string[] {
  const slowest = [...results].sort((a, b) => b.durationMs - a.durationMs).slice(0, count);
  return slowest.map(({ path, durationMs }) => `${(durationMs / 1000).toFixed(1).padStart(7)} s  ${path}`);
}

export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/** Sums over all files. */
export function totalsOf(results: readonly FileResult[]): Totals {
  const sum = (of: (result: FileResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ skipped }) => skipped),
  };
}
