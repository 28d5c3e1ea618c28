/** What the assistant's tools may know: the state of this visit, read at the moment of the call. */
import type { PricingPackage } from '../../../src-shared/pricing.ts';
import type { Balance } from '../../../src-shared/relay-api.ts';

export interface ToolFacts {
  /** Seconds the customer can still talk. */
  remainingSeconds: number;
  /** Seconds charged in this talk so far. */
  chargedSeconds: number;
  /** Last known content of the wallet. */
  wallet: Balance | null;
  packages: readonly PricingPackage[];
  /** Whether a purchase can be made now. */
  canBuy: boolean;
  /** What both sides said so far, counted in finished captions. */
  customerTurns: number;
  assistantTurns: number;
  /** Opens the purchase of a package over the talk; false when it can't be opened just now. */
  openPurchase(packageId: string): boolean;
}

/** Money as people say it: `9 dollars and 99 cents`; other currencies by their code. */
export function spokenPrice(cents: number, currency: string): string {
  const whole = Math.floor(cents / 100);
  const rest = cents % 100;
  if (currency !== 'usd') return `${whole}.${String(rest).padStart(2, '0')} ${currency.toUpperCase()}`;
  const dollars = `${whole} dollar${whole === 1 ? '' : 's'}`;
  const centWords = `${rest} cent${rest === 1 ? '' : 's'}`;
  if (whole === 0) return centWords;
  return rest === 0 ? dollars : `${dollars} and ${centWords}`;
}
