/** What exactness costs: deduction, the durable second, sending the log, taking a webhook, each against the bare work. */
import type { Bench } from './bench.ts';
import { benchAppend } from './money-append.ts';
import { benchDeduction } from './money-deduction.ts';
import { benchDrain } from './money-drain.ts';
import { benchWebhook } from './money-webhook.ts';

export const moneyBench: Bench = {
  name: 'money',
  what: 'deduct_user_time against plain SQL, a durable second against better-sqlite3, the outbox against one call a row, a webhook against a bare handler',
  run: async (options, report) => {
    await benchDeduction(options, report);
    benchAppend(options, report);
    await benchDrain(options, report);
    await benchWebhook(options, report);
  },
};
