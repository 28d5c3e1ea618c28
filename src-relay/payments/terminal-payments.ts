/**
 * POST /terminal-payments: paying at the card reader. The purchase is stored first, then its payment is made at Stripe,
 * then the reader waits for a card; each step may be repeated. Promise: a payment of this kiosk that nobody waits for
 * any more (left, or the station died) is ended before the reader shows another.
 */
import type { z } from 'zod';
import type { createTerminalPaymentRequestSchema, Purchase } from '../../src-shared/relay-api.ts';
import type { Kiosk } from '../model/callers.ts';
import { refusals } from '../model/errors.ts';
import { isPaidHere } from '../model/purchase.ts';
import { endPurchase, type PurchaseParts, standOf, storeKioskPurchase } from './purchases.ts';

export async function startTerminalPayment(
  parts: PurchaseParts,
  kiosk: Kiosk,
  request: z.infer<typeof createTerminalPaymentRequestSchema>,
): Promise<Purchase> {
  const { database, reader, stripe } = parts;
  if (reader?.kioskId !== kiosk.kioskId) throw refusals.readerUnavailable();
  const { purchaseId } = request;
  let row = await storeKioskPurchase(parts, kiosk, request);
  // Begun otherwise: one purchase is paid in one way.
  if (row.checkoutSessionId || isPaidHere(row)) throw refusals.purchaseDiffers();
  if (row.status !== 'pending') return standOf(parts, row, true);
  if (!row.paymentIntentId) {
    const intent = await stripe.createIntent(row, 'card_present');
    row = await database.setPurchaseCheckout({
      purchaseId,
      checkoutSessionId: null,
      paymentIntentId: intent.id,
      checkoutUrl: null,
      expiresAt: null,
    });
  }
  const step = String(request.attempt);
  const intentId = row.paymentIntentId ?? '';
  const isShown = await reader.show(intentId, purchaseId, step);
  if (!isShown && (await endForgotten(parts, kiosk, intentId))) {
    if (!(await reader.show(intentId, purchaseId, `${step}:freed`))) throw refusals.readerBusy();
  }
  return standOf(parts, row, true);
}

/**
 * Ends the payment that keeps the reader busy, when it is another one of this kiosk. Answers false when there is
 * nothing to end: the reader shows this very payment, or this one is over. @throws RelayError readerBusy when
 * somebody else's payment is on the reader
 */
async function endForgotten(parts: PurchaseParts, kiosk: Kiosk, intentId: string): Promise<boolean> {
  const shown = (await parts.reader?.shownIntentId()) ?? null;
  if (shown === null || shown === intentId) return false;
  const row = await parts.database.findPurchase({ paymentIntentId: shown });
  if (row?.kioskId !== kiosk.kioskId) throw refusals.readerBusy();
  await endPurchase(parts, row);
  return true;
}
