/** All that the relay asks of Stripe but the card reader. */
import type Stripe from 'stripe';
import { createStripeEvents } from './events.ts';
import { createStripePayments } from './payments.ts';

export function createStripeGateway(stripe: Stripe) {
  return { ...createStripePayments(stripe), ...createStripeEvents(stripe) };
}
