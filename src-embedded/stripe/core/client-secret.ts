/** The proof that a browser may pay a PaymentIntent: the client secret of that very one. */
import { timingSafeEqual } from 'node:crypto';
import type Stripe from 'stripe';
import { invalidRequest } from './errors.ts';

/** @throws StripeError when the secret is missing or that of another intent. */
export function requireClientSecret(intent: Stripe.PaymentIntent, given: string | undefined): void {
  if (given === undefined) {
    throw invalidRequest('Missing required param: client_secret.', {
      code: 'parameter_missing',
      param: 'client_secret',
    });
  }
  const [own, other] = [Buffer.from(intent.client_secret ?? ''), Buffer.from(given)];
  if (own.length === other.length && timingSafeEqual(own, other)) return;
  throw invalidRequest(
    'The client_secret provided does not match the client_secret associated with the PaymentIntent.',
    { param: 'client_secret' },
  );
}
