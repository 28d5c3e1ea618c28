/**
 * Buying: the purchase is stored before Stripe is called, so that whatever is paid later finds its row. Each step may be
 * repeated with the same purchase id.
 */
import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import type { z } from 'zod';
import type {
  createCheckoutRequestSchema,
  createPaymentIntentRequestSchema,
  createPaymentIntentResponseSchema,
  Purchase,
} from '../../src-shared/relay-api.ts';
import type { Caller, Kiosk } from '../model/callers.ts';
import { claimTokenHash } from '../model/codes.ts';
import { refusals } from '../model/errors.ts';
import { isAtReader, isPaidHere, type PurchaseRow, viewOfPurchase } from '../model/purchase.ts';
import type { Log } from '../model/witnesses.ts';
import type { RelayParts } from '../routes/parts.ts';
import type { SettleSource } from './settle.ts';

export interface PurchaseParts
  extends Pick<
    RelayParts,
    | 'codes'
    | 'database'
    | 'livemode'
    | 'nowMs'
    | 'payHere'
    | 'publicUrl'
    | 'reader'
    | 'settler'
    | 'stripe'
    | 'wallets'
  > {
  log: Log;
}

/** Stores what a kiosk's visit wants to buy, before anything is asked of Stripe; the first time counts. */
export function storeKioskPurchase(
  { codes, database, livemode }: PurchaseParts,
  { kioskId }: Kiosk,
  request: { purchaseId: string; packageId: string; visitId: string; userId: string | null },
): Promise<PurchaseRow> {
  const { purchaseId, packageId: tierId, visitId, userId } = request;
  const hash = claimTokenHash(codes.claimToken(purchaseId));
  return database.createPurchase({
    purchaseId,
    tierId,
    kioskId,
    visitId,
    userId,
    livemode,
    claimTokenHash: hash,
  });
}

/** POST /checkout-sessions. */
export async function startCheckout(
  parts: PurchaseParts,
  kiosk: Kiosk,
  request: z.infer<typeof createCheckoutRequestSchema>,
): Promise<Purchase> {
  const { codes, database, publicUrl, stripe } = parts;
  const row = await storeKioskPurchase(parts, kiosk, request);
  if (row.status !== 'pending' || row.checkoutSessionId) return view(parts, row, true);
  // Begun at the kiosk itself: one purchase is paid in one way.
  if (row.paymentIntentId) throw refusals.purchaseDiffers();
  const options = { claimUrl: `${publicUrl}/r/${codes.claimToken(row.purchaseId)}`, locale: request.locale };
  const session = await stripe.openSession(row, options, parts.nowMs());
  return view(parts, await database.setPurchaseCheckout(checkoutFactsOf(row, session)), true);
}

function checkoutFactsOf(row: PurchaseRow, session: Stripe.Checkout.Session) {
  return {
    purchaseId: row.purchaseId,
    checkoutSessionId: session.id,
    paymentIntentId: null,
    checkoutUrl: session.url,
    expiresAt: new Date(session.expires_at * 1000).toISOString(),
  };
}

/** POST /create-payment-intent: for an account into its own wallet, for a kiosk as a card of its own. */
export async function startPaymentIntent(
  parts: PurchaseParts,
  caller: Caller,
  request: z.infer<typeof createPaymentIntentRequestSchema>,
): Promise<z.infer<typeof createPaymentIntentResponseSchema>> {
  const { codes, database, livemode, stripe, wallets } = parts;
  const purchaseId = request.purchase_id ?? randomUUID();
  const isKiosk = caller.kind === 'kiosk';
  const userId = isKiosk ? null : await wallets.walletOf(caller.authUserId);
  if (!isKiosk && !userId) throw refusals.walletUnknown();
  const row = await database.createPurchase({
    purchaseId,
    tierId: request.package_id,
    kioskId: isKiosk ? caller.kioskId : null,
    visitId: null,
    userId,
    livemode,
    claimTokenHash: claimTokenHash(codes.claimToken(purchaseId)),
  });
  // A kiosk has a card reader, an account has a browser.
  const intent = await stripe.createIntent(row, isKiosk ? 'card_present' : 'card');
  await database.setPurchaseCheckout({
    purchaseId,
    checkoutSessionId: null,
    paymentIntentId: intent.id,
    checkoutUrl: null,
    expiresAt: null,
  });
  return {
    purchaseId,
    paymentIntentId: intent.id,
    clientSecret: intent.client_secret ?? '',
    priceCents: row.priceCents,
    currency: row.currency,
  };
}

/** GET /purchases/:id. Asks Stripe while it is open, since a kiosk behind NAT gets no webhook. */
export async function readPurchase(
  parts: PurchaseParts,
  caller: Caller,
  purchaseId: string,
  visitId: string | undefined,
): Promise<Purchase> {
  const { row, isBuyer } = await visiblePurchase(parts, caller, purchaseId, visitId);
  return standOf(parts, await presentState(parts, row), isBuyer);
}

/** POST /purchases/:id/cancel: ends what can still be paid; what was paid meanwhile is fulfilled. */
export async function cancelPurchase(
  parts: PurchaseParts,
  caller: Caller,
  purchaseId: string,
  visitId: string | undefined,
): Promise<Purchase> {
  const { row, isBuyer } = await visiblePurchase(parts, caller, purchaseId, visitId);
  if (!isBuyer) throw refusals.purchaseUnknown();
  return view(parts, await endPurchase(parts, row), true);
}

/** Ends what can still be paid; what was paid meanwhile is fulfilled. The reader lets go first: no card comes after. */
export async function endPurchase(parts: PurchaseParts, row: PurchaseRow): Promise<PurchaseRow> {
  const { database, reader, settler, stripe } = parts;
  if (row.status !== 'pending') return row;
  if (!row.checkoutSessionId && !row.paymentIntentId) {
    await database.failPurchase(row.purchaseId, 'expired', null);
    return (await database.getPurchase(row.purchaseId)) ?? row;
  }
  if (isAtReader(row)) await reader?.clear(row);
  await stripe.close(row);
  return settler.settlePurchase(row, 'cancel');
}

/** Like `settledIfOpen`, and ends a payment here whose time is over: Stripe would leave it open for days. */
export async function presentState(parts: PurchaseParts, row: PurchaseRow): Promise<PurchaseRow> {
  const isOverdue = isPaidHere(row) && Date.parse(row.expiresAt ?? '') <= parts.nowMs();
  if (!isOverdue) return settledIfOpen(parts, row, 'poll');
  return endPurchase(parts, row).catch((error) => {
    parts.log.warn({ err: error, purchaseId: row.purchaseId }, 'an overdue payment could not be ended');
    return row;
  });
}

/**
 * A purchase with its present state: asked at Stripe while it is open. When Stripe is out of reach the stored state is
 * still true, so it is given.
 */
export async function settledIfOpen(
  { log, settler }: Pick<PurchaseParts, 'log' | 'settler'>,
  row: PurchaseRow,
  source: SettleSource,
): Promise<PurchaseRow> {
  const isOpen = row.status === 'pending' || row.status === 'processing';
  if (!isOpen || (!row.checkoutSessionId && !row.paymentIntentId)) return row;
  try {
    return await settler.settleShared(row, source);
  } catch (error) {
    log.warn({ err: error, purchaseId: row.purchaseId }, 'purchase could not be settled, trying again');
    return row;
  }
}

/** @throws RelayError purchaseUnknown for one that is not this caller's, as for one that doesn't exist */
async function visiblePurchase(
  { database, wallets }: PurchaseParts,
  caller: Caller,
  purchaseId: string,
  visitId: string | undefined,
): Promise<{ row: PurchaseRow; isBuyer: boolean }> {
  const row = await database.getPurchase(purchaseId);
  if (!row) throw refusals.purchaseUnknown();
  if (caller.kind === 'kiosk') {
    if (row.kioskId !== caller.kioskId) throw refusals.purchaseUnknown();
    return { row, isBuyer: row.visitId !== null && row.visitId === visitId };
  }
  const isOwn =
    row.kioskId === null && row.userId !== null && row.userId === (await wallets.walletOf(caller.authUserId));
  if (!isOwn) throw refusals.purchaseUnknown();
  return { row, isBuyer: true };
}

/** The answer for a purchase, with what the card reader does while it is paid there. */
export async function standOf(parts: PurchaseParts, row: PurchaseRow, isBuyer: boolean): Promise<Purchase> {
  const { codes, log, publicUrl, reader } = parts;
  if (!reader || row.status !== 'pending' || !row.paymentIntentId || !isAtReader(row)) {
    return view(parts, row, isBuyer);
  }
  const state = await reader.stateFor(row.paymentIntentId).catch((error) => {
    log.warn({ err: error, purchaseId: row.purchaseId }, 'the card reader could not be asked');
    return 'offline' as const;
  });
  return viewOfPurchase(row, { codes, publicUrl, isBuyer, reader: { state, pageUrl: reader.pageUrl } });
}

function view({ codes, publicUrl }: PurchaseParts, row: PurchaseRow, isBuyer: boolean): Purchase {
  return viewOfPurchase(row, { codes, publicUrl, isBuyer });
}
