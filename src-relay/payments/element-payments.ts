/**
 * POST /element-payments and the page behind its `payUrl`: paying with a card typed at the kiosk's own computer. The
 * purchase is stored first, then its payment is made at Stripe; both may be repeated. Promise: card data goes from
 * Stripe's fields to Stripe and never comes here, and the page is for whoever holds the token, only while it can be paid.
 */
import type { z } from 'zod';
import type { createElementPaymentRequestSchema, Purchase } from '../../src-shared/relay-api.ts';
import type { Purchases } from '../doors/database/purchases.ts';
import type { StripePayments } from '../doors/stripe/payments.ts';
import type { Kiosk } from '../model/callers.ts';
import type { CodeBook } from '../model/codes.ts';
import { RelayError, refusals } from '../model/errors.ts';
import { type ClaimNeeds, claimUrlOf, isPaidHere, type PurchaseRow } from '../model/purchase.ts';
import { type StoreNeeds, storeKioskPurchase } from './begin.ts';
import type { PayHere } from './pay-here.ts';
import { type PresentNeeds, presentState, type StandNeeds, standOf } from './purchases.ts';

/** Longer than any visit waits on its pay screen; Stripe itself would leave the payment open. */
const PAYMENT_LIFE_MS = 30 * 60_000;

export type ElementNeeds = StoreNeeds &
  StandNeeds & {
    purchases: Pick<Purchases, 'begin'>;
    stripe: Pick<StripePayments, 'createIntent'>;
    /** Undefined where no card may be typed. */
    payHere: PayHere | undefined;
  };

export async function startElementPayment(
  needs: ElementNeeds,
  kiosk: Kiosk,
  request: z.infer<typeof createElementPaymentRequestSchema>,
): Promise<Purchase> {
  const { payHere, purchases, stripe } = needs;
  if (payHere?.kioskId !== kiosk.kioskId) throw refusals.payHereUnavailable();
  const row = await storeKioskPurchase(needs, kiosk, request);
  // Begun otherwise: one purchase is paid in one way.
  const isBegun = row.checkoutSessionId !== null || row.paymentIntentId !== null;
  if (isBegun && !isPaidHere(row)) throw refusals.purchaseDiffers();
  if (isBegun || row.status !== 'pending') return standOf(needs, row, true);
  const { paymentIntentId } = await stripe.createIntent(row, 'card');
  const expiresAt = new Date(Date.parse(row.createdAt) + PAYMENT_LIFE_MS).toISOString();
  return standOf(needs, await purchases.begin(row.purchaseId, { paymentIntentId, expiresAt }), true);
}

export type PayPageNeeds = PresentNeeds &
  ClaimNeeds & {
    codes: Pick<CodeBook, 'purchaseOfPayToken'>;
    stripe: Pick<StripePayments, 'clientSecretOf'>;
    payHere: PayHere | undefined;
  };

/** What stands behind a token. `ended` is also the answer for what is paid: the code is on the kiosk's screen. */
export type PayView =
  | { kind: 'form'; row: PurchaseRow; clientSecret: string; claimUrl: string | null }
  | { kind: 'ended' | 'unavailable' | 'not_found' };

/** Never throws: what can't be looked up now is shown as that. */
export async function lookUpPayPage(needs: PayPageNeeds, token: string): Promise<PayView> {
  const { codes, payHere, purchases, stripe } = needs;
  const purchaseId = codes.purchaseOfPayToken(token);
  if (!payHere || !purchaseId) return { kind: 'not_found' };
  try {
    const found = await purchases.get(purchaseId);
    if (!found || !isPaidHere(found) || found.kioskId !== payHere.kioskId) return { kind: 'not_found' };
    const row = await presentState(needs, found);
    if (row.status !== 'pending' || !row.paymentIntentId) return { kind: 'ended' };
    const clientSecret = await stripe.clientSecretOf(row.paymentIntentId);
    return { kind: 'form', row, clientSecret, claimUrl: claimUrlOf(row, needs) };
  } catch (error) {
    if (!(error instanceof RelayError)) needs.log.error({ err: error }, 'pay page could not be made');
    return { kind: 'unavailable' };
  }
}
