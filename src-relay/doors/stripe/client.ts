/**
 * The relay's way to Stripe. Promise: trouble to reach Stripe is a `stripeUnavailable` refusal (503).
 */
import Stripe from 'stripe';
import { refusals } from '../../model/errors.ts';

/** A kiosk waits on screen for these calls. */
const STRIPE_TIMEOUT_MS = 10_000;
const STRIPE_RETRIES = 2;

/** @param apiBase address of another server speaking Stripe's API; empty for Stripe itself */
export function createStripeClient(secretKey: string, apiBase: string): Stripe {
  const address = apiBase === '' ? undefined : new URL(apiBase);
  return new Stripe(secretKey, {
    maxNetworkRetries: STRIPE_RETRIES,
    timeout: STRIPE_TIMEOUT_MS,
    telemetry: false,
    ...(address && {
      host: address.hostname,
      port: address.port === '' ? (address.protocol === 'http:' ? 80 : 443) : address.port,
      protocol: address.protocol === 'http:' ? ('http' as const) : ('https' as const),
    }),
  });
}

/** Whether a secret key moves real money. */
export function isLiveKey(secretKey: string): boolean {
  return /^[a-z]+_live_/.test(secretKey);
}

/** A call whose trouble becomes a refusal: Stripe out of reach (503), the purchase begun otherwise (409). */
export async function guarded<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw refusalOr(error);
  }
}

/** The refusal that Stripe's trouble stands for; anything else stays as it is. */
export function refusalOr(error: unknown): unknown {
  // The same purchase id with other arguments.
  if (error instanceof Stripe.errors.StripeIdempotencyError) return refusals.purchaseDiffers();
  const isTransient =
    error instanceof Stripe.errors.StripeConnectionError ||
    error instanceof Stripe.errors.StripeAPIError ||
    error instanceof Stripe.errors.StripeRateLimitError;
  return isTransient ? refusals.stripeUnavailable(error) : error;
}

/** Whether a call failed by this installation's own key, whatever it asked about. */
export function isKeyTrouble(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripeAuthenticationError ||
    error instanceof Stripe.errors.StripePermissionError
  );
}

/** The id of an object that Stripe gives either expanded or as its id. */
export function idOf(value: string | { id: string } | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : value.id;
}
