/** What is told at the end of a run. */
import { expect, it } from 'vitest';
import { type FileResult, slowestLines, totalsOf } from './results.ts';

const result = (path: string, durationMs: number, more: Partial<FileResult> = {}): FileResult => ({
  path,
  durationMs,
  passed: 1,
  failed: 0,
  skipped: 0,
  ...more,
});

it('the slowest files come first, in seconds, ten at most', () => {
  expect(slowestLines([result('a', 40), result('b', 12_345), result('c', 1_000)])).toEqual([
    '   12.3 s  b',
    '    1.0 s  c',
    '    0.0 s  a',
  ]);
  expect(slowestLines(Array.from({ length: 12 }, (_, at) => result(`${at}`, at)))).toHaveLength(10);
  expect(slowestLines([])).toEqual([]);
});

it('sums what passed, failed and was skipped', () => {
  expect(totalsOf([result('a', 1, { passed: 3, skipped: 1 }), result('b', 1, { failed: 2 })])).toEqual({
    passed: 4,
    failed: 2,
    skipped: 1,
  });
});
