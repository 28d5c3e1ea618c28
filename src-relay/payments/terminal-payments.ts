/**
 * POST /terminal-payments: paying at the card reader. The purchase is stored first, then its payment is made at Stripe,
 * then the reader waits for a card; each step may be repeated. Promise: a payment of this kiosk that nobody waits for
 * any more (left, or the station died) is ended before the reader shows another.
 */
import type { z } from 'zod';
import type { createTerminalPaymentRequestSchema, Purchase } from '../../src-shared/relay-api.ts';
import type { Purchases } from '../doors/database/purchases.ts';
import type { CardReader, CardReaders } from '../doors/stripe/card-reader.ts';
import type { StripePayments } from '../doors/stripe/payments.ts';
import type { Kiosk } from '../model/callers.ts';
import { refusals } from '../model/errors.ts';
import { isPaidHere } from '../model/purchase.ts';
import { type StoreNeeds, storeKioskPurchase } from './begin.ts';
import { type EndNeeds, endPurchase, type StandNeeds, standOf } from './purchases.ts';

export type TerminalNeeds = StoreNeeds &
  EndNeeds &
  StandNeeds & {
    purchases: Pick<Purchases, 'begin' | 'find'>;
    readers: CardReaders;
    stripe: Pick<StripePayments, 'createIntent'>;
  };

export async function startTerminalPayment(
  needs: TerminalNeeds,
  kiosk: Kiosk,
  request: z.infer<typeof createTerminalPaymentRequestSchema>,
): Promise<Purchase> {
  const { purchases, stripe } = needs;
  const reader = needs.readers.beside(kiosk.kioskId);
  if (!reader) throw refusals.readerUnavailable();
  const { purchaseId } = request;
  let row = await storeKioskPurchase(needs, kiosk, request);
  // Begun otherwise: one purchase is paid in one way.
  if (row.checkoutSessionId || isPaidHere(row)) throw refusals.purchaseDiffers();
  if (row.status !== 'pending') return standOf(needs, row, true);
  if (!row.paymentIntentId) {
    const { paymentIntentId } = await stripe.createIntent(row, 'card_present');
    row = await purchases.begin(purchaseId, { paymentIntentId });
  }
  const step = String(request.attempt);
  const intentId = row.paymentIntentId ?? '';
  const isShown = await reader.show(intentId, purchaseId, step);
  if (!isShown && (await endForgotten(needs, reader, kiosk, intentId))) {
    if (!(await reader.show(intentId, purchaseId, `${step}:freed`))) throw refusals.readerBusy();
  }
  return standOf(needs, row, true);
}

/**
 * Ends the payment that keeps the reader busy, when it is another one of this kiosk. Answers false when there is
 * nothing to end: the reader shows this very payment, or this one is over. @throws RelayError readerBusy when
 * somebody else's payment is on the reader
 */
async function endForgotten(
  needs: EndNeeds & { purchases: Pick<Purchases, 'find'> },
  reader: Pick<CardReader, 'shownIntentId'>,
  kiosk: Kiosk,
  intentId: string,
): Promise<boolean> {
  const shown = await reader.shownIntentId();
  if (shown === null || shown === intentId) return false;
  const row = await needs.purchases.find({ paymentIntentId: shown });
  if (row?.kioskId !== kiosk.kioskId) throw refusals.readerBusy();
  await endPurchase(needs, row);
  return true;
}
