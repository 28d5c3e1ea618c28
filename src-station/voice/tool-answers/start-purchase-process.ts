/** start_purchase_process(package_id): opens the purchase on the screen while the talk goes on. */
import type { ToolResult } from '../../../src-shared/agent-link.ts';
import { spokenPrice, type ToolFacts } from './facts.ts';

export function startPurchaseProcess(facts: ToolFacts, packageId: string): ToolResult {
  const validPackageIds = facts.packages.map(({ id }) => id);
  const wanted = packageId.trim().toLowerCase();
  const tier = facts.packages.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted);
  if (!tier) {
    const names = facts.packages.map(({ name }) => name).join(', ');
    const spoken = names
      ? `I don’t know that package. You can choose from ${names}.`
      : 'I can’t see the packages right now. Please try again in a moment.';
    return { ok: false, spoken, data: { error: 'package_unknown', validPackageIds } };
  }
  if (!facts.canBuy) {
    const spoken = 'Buying isn’t possible right now, because the payment service can’t be reached.';
    return { ok: false, spoken, data: { error: 'payments_unreachable' } };
  }
  if (!facts.openPurchase(tier.id)) {
    const spoken = 'I can’t open a purchase just now. Please try again in a moment.';
    return { ok: false, spoken, data: { error: 'busy' } };
  }
  return {
    ok: true,
    spoken: `I’ve opened ${tier.name} on the screen for ${spokenPrice(tier.priceCents, tier.currency)}. Scan the code with your phone to pay. We can keep talking.`,
    data: { packageId: tier.id, priceCents: tier.priceCents, currency: tier.currency, opened: true },
  };
}
