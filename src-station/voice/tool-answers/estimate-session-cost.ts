/**
 * estimate_session_cost(): what this talk has cost so far, estimated by the hourly price of the cards in the wallet.
 * Time is prepaid, so nothing is charged for it again; the sentence says so.
 */
import type { ToolResult } from '../../../src-shared/agent-link.ts';
import { spokenDuration } from '../../../src-shared/duration.ts';
import { type PricingPackage, pricePerHourCents } from '../../../src-shared/pricing.ts';
import { spokenPrice, type ToolFacts } from './facts.ts';

export function estimateSessionCost(facts: ToolFacts): ToolResult {
  const { chargedSeconds, remainingSeconds } = facts;
  const tier = tierOfWallet(facts);
  const used = `This talk has used ${spokenDuration(chargedSeconds)} of your time`;
  if (!tier) {
    const spoken = `${used}. I don’t know the price of your card, but it is paid already.`;
    return { ok: true, spoken, data: { chargedSeconds, remainingSeconds, estimatedCents: null } };
  }
  const estimatedCents = Math.round((pricePerHourCents(tier) * chargedSeconds) / 3600);
  const price = spokenPrice(estimatedCents, tier.currency);
  return {
    ok: true,
    spoken: `${used}, worth about ${price} at the price of ${tier.name}. It is prepaid, so you pay nothing on top.`,
    data: {
      chargedSeconds,
      remainingSeconds,
      estimatedCents,
      currency: tier.currency,
      packageId: tier.id,
      estimate: true,
    },
  };
}

/** The package of the card that is used first. */
function tierOfWallet(facts: ToolFacts): PricingPackage | undefined {
  const packageId = facts.wallet?.cards[0]?.packageId;
  return facts.packages.find(({ id }) => id === packageId);
}
