/**
 * `npm run webhooks-campaign -- --deliveries N [--seed N]`: payments whose webhooks come twice, late, out of order, forged
 * or never, at a real relay, sandbox and database. The last line tells; exit code 1 when anything is wrong.
 */
import { commandLine, wholeNumber } from '../support/common/command-line.ts';
import { runCampaign } from './campaign.ts';

const DEFAULT_DELIVERIES = '10000';

const USAGE = 'npm run webhooks-campaign -- [--deliveries N] [--seed N]';

const { values } = commandLine(USAGE, {
  options: {
    deliveries: { type: 'string', default: DEFAULT_DELIVERIES },
    seed: { type: 'string', default: '1' },
  },
});
const deliveries = wholeNumber('deliveries', values.deliveries);
const seed = wholeNumber('seed', values.seed, 0);
const beganAt = performance.now();
const result = await runCampaign({ deliveries, seed, say: (line) => console.error(line) });
for (const violation of result.violations) console.error(violation);
console.log(
  `seed=${seed} forged_sent=${result.forgedSent} found_by_sweep_only=${result.droppedEvents} relay_kills=${result.relayKills} seconds=${Math.round((performance.now() - beganAt) / 1000)}`,
);
console.log(
  `webhooks: deliveries=${result.deliveries} payments=${result.payments} fulfilled_once=${result.fulfilledOnce} forged_accepted=${result.forgedAccepted} violations=${result.violations.length}`,
);
const isWell =
  result.violations.length === 0 && result.forgedAccepted === 0 && result.fulfilledOnce === result.payments;
process.exit(isWell ? 0 : 1);
