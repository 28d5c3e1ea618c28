/**
 * `npm run bench`: measures the product on real parts; one JSON line per metric on stdout, words on stderr. `ratio` is
 * value ÷ reference. Figures depend on the machine; compare ratios, and runs on the same machine.
 */
import { commandLine, refuse } from '../support/common/command-line.ts';
import type { Bench, Metric } from './bench.ts';
import { moneyBench } from './money.ts';
import { startBench } from './start.ts';
import { voiceBench } from './voice.ts';

const BENCHES: readonly Bench[] = [startBench, voiceBench, moneyBench];

function report(bench: string, { metric, value, unit, reference }: Metric): void {
  const rounded = (number: number) => Number(number.toFixed(2));
  const line = {
    bench,
    metric,
    value: rounded(value),
    unit,
    reference: reference === null ? null : rounded(reference),
    ratio: reference === null ? null : rounded(value / reference),
  };
  console.log(JSON.stringify(line));
}

const USAGE = `npm run bench -- NAME …    only these\nnpm run bench -- --quick   less than a minute each\nnpm run bench -- --list    what there is`;

const { values, positionals } = commandLine(USAGE, {
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0) {
  refuse(`No such bench: ${unknown.join(', ')}. There are: ${BENCHES.map(({ name }) => name).join(', ')}`);
}
for (const bench of BENCHES.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  if (values.list) console.log(`${bench.name.padEnd(12)} ${bench.what}`);
  else await bench.run({ quick: values.quick }, (metric) => report(bench.name, metric));
}
