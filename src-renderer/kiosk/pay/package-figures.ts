/** What is said of packages beside their price. Pure. */
import type { PricingPackage } from '../../../src-shared/pricing.ts';

/** At most five choices fit a person at a kiosk. */
export const MOST_CHOICES = 5;

/** The package with the lowest price; undefined when nothing is on sale. */
export function cheapest(packages: readonly PricingPackage[]): PricingPackage | undefined {
  return packages.reduce<PricingPackage | undefined>(
    (least, next) => (!least || next.priceCents < least.priceCents ? next : least),
    undefined,
  );
}

/** The choices to show, cheapest first. */
export function choices(packages: readonly PricingPackage[]): PricingPackage[] {
  return [...packages].sort((a, b) => a.priceCents - b.priceCents).slice(0, MOST_CHOICES);
}
