/** The table of the assistant's tools: a new one is a new file and a line here (and in src-shared/agent-link.ts). */
import type { StationCall, ToolResult } from '../../../src-shared/agent-link.ts';
import { checkTimeBalance } from './check-time-balance.ts';
import { estimateSessionCost } from './estimate-session-cost.ts';
import type { ToolFacts } from './facts.ts';
import { getPricingPackages } from './get-pricing-packages.ts';
import { getSessionSummary } from './get-session-summary.ts';
import { startPurchaseProcess } from './start-purchase-process.ts';

export type { ToolFacts } from './facts.ts';

/** Answers one call of a tool from the facts of this moment. */
export function answerTool(call: StationCall, facts: ToolFacts): ToolResult {
  switch (call.tool) {
    case 'check_time_balance':
      return checkTimeBalance(facts);
    case 'get_pricing_packages':
      return getPricingPackages(facts);
    case 'estimate_session_cost':
      return estimateSessionCost(facts);
    case 'start_purchase_process':
      return startPurchaseProcess(facts, call.arguments.package_id);
    case 'get_session_summary':
      return getSessionSummary(facts);
  }
}
