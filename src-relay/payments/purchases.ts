/** A stored purchase: how it stands now, who may see it, and its end. */
import type { Purchase } from '../../src-shared/relay-api.ts';
import type { Purchases } from '../doors/database/purchases.ts';
import type { Wallets } from '../doors/database/wallets.ts';
import type { CardReaders } from '../doors/stripe/card-reader.ts';
import type { StripePayments } from '../doors/stripe/payments.ts';
import type { Caller } from '../model/callers.ts';
import { refusals } from '../model/errors.ts';
import {
  isAtReader,
  isPaidHere,
  type PurchaseRow,
  type ViewNeeds,
  viewOfPurchase,
} from '../model/purchase.ts';
import type { Log } from '../model/witnesses.ts';
import type { Settler, SettleSource } from './settle.ts';

export interface EndNeeds {
  purchases: Pick<Purchases, 'fail' | 'get'>;
  readers: CardReaders;
  stripe: Pick<StripePayments, 'close'>;
  settler: Pick<Settler, 'settlePurchase'>;
}

/** Ends what can still be paid; what was paid meanwhile is fulfilled. The reader lets go first: no card comes after. */
export async function endPurchase(needs: EndNeeds, row: PurchaseRow): Promise<PurchaseRow> {
  const { purchases, readers, settler, stripe } = needs;
  if (row.status !== 'pending') return row;
  if (!row.checkoutSessionId && !row.paymentIntentId) {
    await purchases.fail(row.purchaseId, 'expired', null);
    return (await purchases.get(row.purchaseId)) ?? row;
  }
  if (isAtReader(row)) await readers.beside(row.kioskId)?.clear(row);
  await stripe.close(row);
  return settler.settlePurchase(row, 'cancel');
}

export interface SettledNeeds {
  settler: Pick<Settler, 'settleShared'>;
  log: Log;
}

/**
 * A purchase with its present state: asked at Stripe while it is open. When Stripe is out of reach the stored state is
 * still true, so it is given.
 */
export async function settledIfOpen(
  { log, settler }: SettledNeeds,
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

export type PresentNeeds = SettledNeeds & EndNeeds & { nowMs(): number };

/** Like `settledIfOpen`, and ends a payment here whose time is over: Stripe would leave it open for days. */
export async function presentState(needs: PresentNeeds, row: PurchaseRow): Promise<PurchaseRow> {
  const isOverdue = isPaidHere(row) && Date.parse(row.expiresAt ?? '') <= needs.nowMs();
  if (!isOverdue) return settledIfOpen(needs, row, 'poll');
  return endPurchase(needs, row).catch((error) => {
    needs.log.warn({ err: error, purchaseId: row.purchaseId }, 'an overdue payment could not be ended');
    return row;
  });
}

export type StandNeeds = ViewNeeds & {
  readers: CardReaders;
  log: Log;
};

/** The answer for a purchase, with what the card reader does while it is paid there. */
export async function standOf(needs: StandNeeds, row: PurchaseRow, isBuyer: boolean): Promise<Purchase> {
  const reader = row.status === 'pending' && isAtReader(row) ? needs.readers.beside(row.kioskId) : undefined;
  if (!reader || !row.paymentIntentId) return viewOfPurchase(row, needs, { isBuyer });
  const state = await reader.stateFor(row.paymentIntentId).catch((error) => {
    needs.log.warn({ err: error, purchaseId: row.purchaseId }, 'the card reader could not be asked');
    return 'offline' as const;
  });
  return viewOfPurchase(row, needs, { isBuyer, reader: { state, pageUrl: reader.pageUrl } });
}

export interface VisibleNeeds {
  purchases: Pick<Purchases, 'get'>;
  wallets: Pick<Wallets, 'walletOf'>;
}

/** @throws RelayError purchaseUnknown for one that is not this caller's, as for one that doesn't exist */
async function visiblePurchase(
  { purchases, wallets }: VisibleNeeds,
  caller: Caller,
  purchaseId: string,
  visitId: string | undefined,
): Promise<{ row: PurchaseRow; isBuyer: boolean }> {
  const row = await purchases.get(purchaseId);
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

export type ReadNeeds = VisibleNeeds & PresentNeeds & StandNeeds;

/** GET /purchases/:id. Asks Stripe while it is open, since a kiosk behind NAT gets no webhook. */
export async function readPurchase(
  needs: ReadNeeds,
  caller: Caller,
  purchaseId: string,
  visitId: string | undefined,
): Promise<Purchase> {
  const { row, isBuyer } = await visiblePurchase(needs, caller, purchaseId, visitId);
  return standOf(needs, await presentState(needs, row), isBuyer);
}

export type CancelNeeds = VisibleNeeds & EndNeeds & ViewNeeds;

/** POST /purchases/:id/cancel: ends what can still be paid; what was paid meanwhile is fulfilled. */
export async function cancelPurchase(
  needs: CancelNeeds,
  caller: Caller,
  purchaseId: string,
  visitId: string | undefined,
): Promise<Purchase> {
  const { row, isBuyer } = await visiblePurchase(needs, caller, purchaseId, visitId);
  if (!isBuyer) throw refusals.purchaseUnknown();
  return viewOfPurchase(await endPurchase(needs, row), needs, { isBuyer: true });
}
