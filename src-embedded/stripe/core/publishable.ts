/**
 * What a browser may know of a PaymentIntent: it comes with the publishable key, which is public, so the client secret
 * of the one intent is what proves its right. https://docs.stripe.com/api/payment_intents/object (`client_secret`)
 */
import type Stripe from 'stripe';

/** Fields that an answer to a publishable key has; metadata and charges are the merchant's. */
const PUBLIC_FIELDS = [
  'id',
  'object',
  'amount',
  'automatic_payment_methods',
  'canceled_at',
  'cancellation_reason',
  'capture_method',
  'client_secret',
  'confirmation_method',
  'created',
  'currency',
  'description',
  'last_payment_error',
  'livemode',
  'next_action',
  'payment_method',
  'payment_method_types',
  'processing',
  'receipt_email',
  'setup_future_usage',
  'shipping',
  'source',
  'status',
] as const satisfies readonly (keyof Stripe.PaymentIntent)[];

export type PublicIntent = Pick<Stripe.PaymentIntent, (typeof PUBLIC_FIELDS)[number]>;

export function publicIntent(intent: PublicIntent): PublicIntent {
  return Object.fromEntries(PUBLIC_FIELDS.map((field) => [field, intent[field]])) as unknown as PublicIntent;
}
