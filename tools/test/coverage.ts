/** What part of each measured folder the unit tests run, from the report that vitest writes. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** vitest's `json-summary`: by absolute path, and a total. */
export type CoverageSummary = Record<string, { lines: Count; branches: Count }>;

interface Count {
  total: number;
  covered: number;
}

/** One line for each folder at the top of the repository, such as `src-relay    81.5 % of lines, 74.0 % of branches`. */
export function coverageLines(summary: CoverageSummary, rootDir: string): string[] {
  const folders = new Map<string, { lines: Count; branches: Count }>();
  for (const [path, { lines, branches }] of Object.entries(summary)) {
    if (path === 'total') continue;
    const [folder = ''] = relative(rootDir, path).split('/');
    const sum = folders.get(folder) ?? {
      lines: { total: 0, covered: 0 },
      branches: { total: 0, covered: 0 },
    };
    add(sum.lines, lines);
    add(sum.branches, branches);
    folders.set(folder, sum);
  }
  return [...folders]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(
      ([folder, { lines, branches }]) =>
        `${folder.padEnd(12)} ${percent(lines)} of lines, ${percent(branches)} of branches`,
    );
}

/** Reads the report of the last run. */
export function readCoverage(rootDir: string): CoverageSummary {
  return JSON.parse(
    readFileSync(join(rootDir, 'coverage', 'coverage-summary.json'), 'utf8'),
  ) as CoverageSummary;
}

function add(sum: Count, more: Count): void {
  sum.total += more.total;
  sum.covered += more.covered;
}

function percent({ total, covered }: Count): string {
  return total === 0 ? 'all' : `${((100 * covered) / total).toFixed(1)} %`;
}
