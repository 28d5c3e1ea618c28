/** get_pricing_packages(): what is on sale, with prices from the database. */
import type { ToolResult } from '../../../src-shared/agent-link.ts';
import { spokenDuration } from '../../../src-shared/duration.ts';
import { bestValuePackage, type PricingPackage } from '../../../src-shared/pricing.ts';
import { spokenPrice, type ToolFacts } from './facts.ts';

export function getPricingPackages(facts: ToolFacts): ToolResult {
  const { packages } = facts;
  if (packages.length === 0) {
    return { ok: false, spoken: 'I can’t see the prices right now. Please try again in a moment.', data: {} };
  }
  const best = bestValuePackage(packages);
  const offers = packages.map(offer).join(' ');
  const advice = best ? ` ${best.name} has the lowest price per hour.` : '';
  return {
    ok: true,
    spoken: `There ${packages.length === 1 ? 'is one package' : `are ${packages.length} packages`}. ${offers}${advice}`,
    data: { packages: [...packages], bestValuePackageId: best?.id ?? null },
  };
}

function offer(tier: PricingPackage): string {
  const time = spokenDuration(tier.paidSeconds + tier.bonusSeconds);
  return `${tier.name}: ${time} for ${spokenPrice(tier.priceCents, tier.currency)}.`;
}
