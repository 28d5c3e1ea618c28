/** Coverage is told by folder, weighed by the size of its files. */
import { expect, it } from 'vitest';
import { coverageLines } from './coverage.ts';

const of = (lines: [number, number], branches: [number, number]) => ({
  lines: { covered: lines[0], total: lines[1] },
  branches: { covered: branches[0], total: branches[1] },
});

it('sums the files of a folder', () => {
  const summary = {
    total: of([31, 130], [1, 4]),
    '/repo/src-relay/main.ts': of([0, 30], [0, 2]),
    '/repo/src-relay/doors/a.ts': of([30, 90], [1, 2]),
    '/repo/src-shared/b.ts': of([1, 10], [0, 0]),
  };
  expect(coverageLines(summary, '/repo')).toEqual([
    'src-relay    25.0 % of lines, 25.0 % of branches',
    'src-shared   10.0 % of lines, all of branches',
  ]);
});
