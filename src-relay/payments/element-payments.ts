/**
 * POST /element-payments and the page behind its `payUrl`: paying with a card typed at the kiosk's own computer. The
 * purchase is stored first, then its payment is made at Stripe; both may be repeated. Promise: card data goes from
 * Stripe's fields to Stripe and never comes here, and the page is for whoever holds the token, only while it can be paid.
 */
import type { z } from 'zod';
import type { createElementPaymentRequestSchema, Purchase } from '../../src-shared/relay-api.ts';
import type { Kiosk } from '../model/callers.ts';
import { RelayError, refusals } from '../model/errors.ts';
import { claimUrlOf, isPaidHere, type PurchaseRow } from '../model/purchase.ts';
import { type PurchaseParts, presentState, standOf, storeKioskPurchase } from './purchases.ts';

/** Longer than any visit waits on its pay screen; Stripe itself would leave the payment open. */
const PAYMENT_LIFE_MS = 30 * 60_000;

export async function startElementPayment(
  parts: PurchaseParts,
  kiosk: Kiosk,
  request: z.infer<typeof createElementPaymentRequestSchema>,
): Promise<Purchase> {
  const { database, payHere, stripe } = parts;
  if (payHere?.kioskId !== kiosk.kioskId) throw refusals.payHereUnavailable();
  const { purchaseId } = request;
  const row = await storeKioskPurchase(parts, kiosk, request);
  // Begun otherwise: one purchase is paid in one way.
  const isBegun = row.checkoutSessionId !== null || row.paymentIntentId !== null;
  if (isBegun && !isPaidHere(row)) throw refusals.purchaseDiffers();
  if (isBegun || row.status !== 'pending') return standOf(parts, row, true);
  const intent = await stripe.createIntent(row, 'card');
  const begun = await database.setPurchaseCheckout({
    purchaseId,
    checkoutSessionId: null,
    paymentIntentId: intent.id,
    checkoutUrl: null,
    expiresAt: new Date(Date.parse(row.createdAt) + PAYMENT_LIFE_MS).toISOString(),
  });
  return standOf(parts, begun, true);
}

/** What stands behind a token. `ended` is also the answer for what is paid: the code is on the kiosk's screen. */
export type PayView =
  | { kind: 'form'; row: PurchaseRow; clientSecret: string; claimUrl: string | null }
  | { kind: 'ended' | 'unavailable' | 'not_found' };

/** Never throws: what can't be looked up now is shown as that. */
export async function lookUpPayPage(parts: PurchaseParts, token: string): Promise<PayView> {
  const { codes, database, payHere, publicUrl, stripe } = parts;
  const purchaseId = codes.purchaseOfPayToken(token);
  if (!payHere || !purchaseId) return { kind: 'not_found' };
  try {
    const found = await database.getPurchase(purchaseId);
    if (!found || !isPaidHere(found) || found.kioskId !== payHere.kioskId) return { kind: 'not_found' };
    const row = await presentState(parts, found);
    if (row.status !== 'pending' || !row.paymentIntentId) return { kind: 'ended' };
    const clientSecret = await stripe.clientSecretOf(row.paymentIntentId);
    return { kind: 'form', row, clientSecret, claimUrl: claimUrlOf(row, codes, publicUrl) };
  } catch (error) {
    if (!(error instanceof RelayError)) parts.log.error({ err: error }, 'pay page could not be made');
    return { kind: 'unavailable' };
  }
}
