/** What exactness costs: deduction, the durable second, and sending the log, each against the bare work. */
import type { Bench } from './bench.ts';
import { benchAppend } from './money-append.ts';
import { benchDeduction } from './money-deduction.ts';
import { benchDrain } from './money-drain.ts';

export const moneyBench: Bench = {
  name: 'money',
  what: 'deduct_user_time against plain SQL, a durable second against better-sqlite3, the outbox against one call a row',
  run: async (options, report) => {
    await benchDeduction(options, report);
    benchAppend(options, report);
    await benchDrain(options, report);
  },
};
