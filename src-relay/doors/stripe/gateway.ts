/**
 * The relay's door to Stripe: every call it makes, with keys derived from the stored purchase so that a repeat after a
 * crash is the same call. Promise: trouble to reach Stripe is a `stripeUnavailable` refusal (503).
 */
import Stripe from 'stripe';
import { refusals } from '../../model/errors.ts';
import type { PurchaseRow } from '../../model/purchase.ts';
import { type KnownIds, purchaseIdIn } from '../../model/stripe-events.ts';
import type { StripeState } from '../../payments/settlement.ts';

/** A kiosk waits on screen for these calls. */
const STRIPE_TIMEOUT_MS = 10_000;
const STRIPE_RETRIES = 2;
/** Of one charge; more than anybody makes. */
const MOST_REFUNDS = 100;

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

export interface SessionOptions {
  /** Where the payer lands: the claim page. */
  claimUrl: string;
  locale: string;
}

export function createStripeGateway(stripe: Stripe) {
  return {
    /** Opens the Checkout Session of a stored purchase. @throws RelayError when it is too late to repeat the call */
    openSession: (row: PurchaseRow, options: SessionOptions, nowMs: number) => {
      const expiresAtMs = Date.parse(row.createdAt) + SESSION_LIFE_MS;
      if (expiresAtMs - nowMs < SHORTEST_SESSION_MS) throw refusals.purchaseUnknown();
      return guarded(
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
    },
    /** Makes the PaymentIntent of a stored purchase, for the Payment Element (`card`) or a card reader. */
    createIntent: (row: PurchaseRow, method: 'card' | 'card_present') =>
      guarded(
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
      ),
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
    /** Events of these types since `sinceSeconds` (since 1970), oldest first. */
    listEvents: async (types: string[], sinceSeconds: number): Promise<Stripe.Event[]> => {
      const events: Stripe.Event[] = [];
      const pages = stripe.events.list({ types, created: { gte: sinceSeconds }, limit: 100 });
      await guarded(
        (async () => {
          for await (const event of pages) events.push(event);
        })(),
      );
      return events.reverse();
    },
    /** A cheap call that shows whether Stripe is there and the key is good. */
    probe: async () => {
      await guarded(stripe.events.list({ limit: 1 }));
    },
  };
}
export type StripeGateway = ReturnType<typeof createStripeGateway>;

async function readState(stripe: Stripe, row: PurchaseRow, known: KnownIds): Promise<StripeState> {
  const sessionId = row.checkoutSessionId ?? known.sessionId;
  const session = sessionId ? await stripe.checkout.sessions.retrieve(sessionId) : null;
  const intentId = idOf(session?.payment_intent) ?? row.paymentIntentId ?? known.intentId;
  const [intent, refunds, dispute] = await Promise.all([
    intentId ? stripe.paymentIntents.retrieve(intentId) : null,
    readRefunds(stripe, known),
    known.disputeId ? stripe.disputes.retrieve(known.disputeId) : null,
  ]);
  return {
    session: session && {
      id: session.id,
      status: session.status ?? 'open',
      metadata: session.metadata ?? {},
    },
    intent: intent && {
      id: intent.id,
      status: intent.status,
      amountReceivedCents: intent.amount_received,
      currency: intent.currency,
      livemode: intent.livemode,
      metadata: intent.metadata,
      lastError: intent.last_payment_error?.message ?? null,
    },
    refunds: refunds.map(({ id, status, amount }) => ({ id, status: status ?? '', amountCents: amount })),
    dispute: dispute && { id: dispute.id, status: dispute.status, amountCents: dispute.amount },
  };
}

/** The refund that an event named, or all of a charge: `charge.refunded` says that there are some, not which. */
async function readRefunds(stripe: Stripe, { refundId, chargeId }: KnownIds): Promise<Stripe.Refund[]> {
  if (refundId) return [await stripe.refunds.retrieve(refundId)];
  if (!chargeId) return [];
  return (await stripe.refunds.list({ charge: chargeId, limit: MOST_REFUNDS })).data;
}

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

/** The id of an object that Stripe gives either expanded or as its id. */
function idOf(value: string | { id: string } | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : value.id;
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
function refusalOr(error: unknown): unknown {
  // The same purchase id with other arguments.
  if (error instanceof Stripe.errors.StripeIdempotencyError) return refusals.purchaseDiffers();
  const isTransient =
    error instanceof Stripe.errors.StripeConnectionError ||
    error instanceof Stripe.errors.StripeAPIError ||
    error instanceof Stripe.errors.StripeRateLimitError;
  return isTransient ? refusals.stripeUnavailable(error) : error;
}
