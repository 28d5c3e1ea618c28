/** What a bench is: one file in tests/bench, named in main.ts; it reports metrics one by one. */

export interface Metric {
  metric: string;
  value: number;
  unit: 'ms' | 'MiB' | '%' | '/s';
  /** What the value is held against: measured in the same run, or the goal; null when there is nothing. */
  reference: number | null;
}

export interface BenchOptions {
  /** Fewer rounds and shorter waits; the whole bench in less than a minute. */
  quick: boolean;
}

export interface Bench {
  name: string;
  /** One line for `--list`. */
  what: string;
  run(options: BenchOptions, report: (metric: Metric) => void): Promise<void>;
}

/** The middle value; the mean of the two middle ones when their count is even. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (upper + lower) / 2;
}

/** The value below which this share of them lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
