/** All tools of the agent. A sixth one: a file beside these, its name in src-shared/agent-link.ts, and a line here. */
import type { StationCaller } from '../station-link.ts';
import { checkTimeBalance } from './check-time-balance.ts';
import { estimateSessionCost } from './estimate-session-cost.ts';
import { getPricingPackages } from './get-pricing-packages.ts';
import { getSessionSummary } from './get-session-summary.ts';
import { startPurchaseProcess } from './start-purchase-process.ts';

export function agentTools(station: StationCaller) {
  return [
    checkTimeBalance,
    getPricingPackages,
    estimateSessionCost,
    startPurchaseProcess,
    getSessionSummary,
  ].map((make) => make(station));
}
