/**
 * Payments at Stripe: every call about one purchase, with keys derived from the stored purchase so that a repeat after a
 * crash is the same call.
 */
import Stripe from 'stripe';
import { refusals } from '../../model/errors.ts';
import type { BegunPayment, PurchaseRow } from '../../model/purchase.ts';
import { type KnownIds, purchaseIdIn } from '../../model/stripe-events.ts';
import type { StripeState } from '../../model/stripe-state.ts';
import { guarded, refusalOr } from './client.ts';
import { readState } from './state.ts';

/**
 * How long after its row a Checkout Session ends. Stripe wants at least 30 minutes from the call; the rest lets a call
 * be repeated with the very same arguments, as its idempotency key demands. Leaving the screen ends it earlier.
 */
const SESSION_LIFE_MS = 45 * 60_000;
const SHORTEST_SESSION_MS = 30 * 60_000;

/** Languages of Stripe's payment page: https://docs.stripe.com/js/appendix/supported_locales */
const STRIPE_LOCALES = new Set(
  (
    'bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk ' +
    'sl sv th tr vi zh zh-HK zh-TW'
  ).split(' '),
);

export interface SessionOptions {
  /** Where the payer lands: the claim page. */
  claimUrl: string;
  locale: string;
}

export function createStripePayments(stripe: Stripe) {
  return {
    /** Opens the Checkout Session of a stored purchase. @throws RelayError when it is too late to repeat the call */
    openSession: async (
      row: PurchaseRow,
      options: SessionOptions,
      nowMs: number,
    ): Promise<Partial<BegunPayment>> => {
      const expiresAtMs = Date.parse(row.createdAt) + SESSION_LIFE_MS;
      if (expiresAtMs - nowMs < SHORTEST_SESSION_MS) throw refusals.purchaseUnknown();
      const session = await guarded(
        stripe.checkout.sessions.create(
          {
            mode: 'payment',
            // Delayed methods would leave a person standing at the kiosk.
            allowed_payment_method_types: ['card'],
            line_items: [
              {
                quantity: 1,
                price_data: {
                  currency: row.currency,
                  unit_amount: row.priceCents,
                  product_data: { name: productNameOf(row) },
                },
              },
            ],
            success_url: options.claimUrl,
            client_reference_id: row.purchaseId,
            expires_at: Math.floor(expiresAtMs / 1000),
            locale: stripeLocale(options.locale),
            metadata: metadataOf(row),
            payment_intent_data: { metadata: metadataOf(row), description: productNameOf(row) },
          },
          { idempotencyKey: `${row.purchaseId}:checkout` },
        ),
      );
      return {
        checkoutSessionId: session.id,
        checkoutUrl: session.url,
        expiresAt: new Date(session.expires_at * 1000).toISOString(),
      };
    },
    /** Makes the PaymentIntent of a stored purchase, for the Payment Element (`card`) or a card reader. */
    createIntent: async (row: PurchaseRow, method: 'card' | 'card_present') => {
      const intent = await guarded(
        stripe.paymentIntents.create(
          {
            amount: row.priceCents,
            currency: row.currency,
            description: productNameOf(row),
            // No delayed method and none that leads elsewhere: the customer stands here.
            allowed_payment_method_types: [method],
            metadata: metadataOf(row),
          },
          { idempotencyKey: `${row.purchaseId}:intent` },
        ),
      );
      return { paymentIntentId: intent.id, clientSecret: intent.client_secret ?? '' };
    },
    /** What lets a browser pay an intent, with the publishable key; told to the page that pays and kept nowhere. */
    clientSecretOf: async (intentId: string): Promise<string> =>
      (await guarded(stripe.paymentIntents.retrieve(intentId))).client_secret ?? '',
    /** Ends what can still be paid. Answers false when Stripe says that it is over already: look at the state. */
    close: async (row: PurchaseRow): Promise<boolean> => {
      try {
        if (row.checkoutSessionId) {
          const key = { idempotencyKey: `${row.purchaseId}:expire` };
          await stripe.checkout.sessions.expire(row.checkoutSessionId, {}, key);
        } else if (row.paymentIntentId) {
          const key = { idempotencyKey: `${row.purchaseId}:cancel` };
          await stripe.paymentIntents.cancel(row.paymentIntentId, {}, key);
        }
        return true;
      } catch (error) {
        if (error instanceof Stripe.errors.StripeInvalidRequestError) return false;
        throw refusalOr(error);
      }
    },
    /** The present state behind a purchase. `known` names what an event told beyond the row. */
    readState: (row: PurchaseRow, known: KnownIds = {}): Promise<StripeState> =>
      guarded(readState(stripe, row, known)),
    /** The purchase that a payment names in its metadata; undefined for a payment that is not ours. */
    purchaseIdOfIntent: async (intentId: string): Promise<string | undefined> => {
      try {
        const { metadata } = await stripe.paymentIntents.retrieve(intentId);
        return purchaseIdIn(metadata);
      } catch (error) {
        if (error instanceof Stripe.errors.StripeInvalidRequestError) return undefined;
        throw refusalOr(error);
      }
    },
  };
}
export type StripePayments = ReturnType<typeof createStripePayments>;

/** What the payer reads on the payment page and the receipt. */
function productNameOf(row: PurchaseRow): string {
  return `Time card ${row.tierName}`;
}

function metadataOf(row: PurchaseRow): Record<string, string> {
  return {
    purchase_id: row.purchaseId,
    tier_id: row.tierId,
    ...(row.kioskId && { kiosk_id: row.kioskId }),
    ...(row.visitId && { visit_id: row.visitId }),
  };
}

/** The page language for a BCP 47 tag: itself, its bare language, or the payer's own choice. */
export function stripeLocale(tag: string): Stripe.Checkout.SessionCreateParams.Locale {
  const language = tag.split('-')[0] ?? '';
  const found = [tag, language].find((candidate) => STRIPE_LOCALES.has(candidate)) ?? 'auto';
  return found as Stripe.Checkout.SessionCreateParams.Locale;
}
