/**
 * Time-card packages as every process sees them. Rows of `pricing_tiers` are the authority; prices are read
 * from there on the server side and never sent by a client.
 */
import { z } from 'zod';

export const packageIdSchema = z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/, 'a package id such as starter');

/** One package on sale. Times in whole seconds, money in whole cents. */
export const pricingPackageSchema = z.object({
  id: packageIdSchema,
  name: z.string().min(1),
  description: z.string(),
  paidSeconds: z.number().int().positive(),
  bonusSeconds: z.number().int().nonnegative(),
  priceCents: z.number().int().positive(),
  /** ISO 4217, lower case as Stripe writes it. */
  currency: z.string().regex(/^[a-z]{3}$/),
});

export type PricingPackage = z.infer<typeof pricingPackageSchema>;

/** Price of one hour of the package, bonus included, in cents (not rounded). */
export function pricePerHourCents(tier: PricingPackage): number {
  return (tier.priceCents * 3600) / (tier.paidSeconds + tier.bonusSeconds);
}

/** The package with the lowest price per hour; the first of equals; undefined for an empty list. */
export function bestValuePackage(tiers: readonly PricingPackage[]): PricingPackage | undefined {
  let best: PricingPackage | undefined;
  for (const tier of tiers) if (!best || pricePerHourCents(tier) < pricePerHourCents(best)) best = tier;
  return best;
}
