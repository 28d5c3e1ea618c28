/**
 * Beginning to buy: the purchase is stored before Stripe is called, so that whatever is paid later finds its row. Each
 * step may be repeated with the same purchase id.
 */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type {
  createCheckoutRequestSchema,
  createPaymentIntentRequestSchema,
  createPaymentIntentResponseSchema,
  KioskPurchaseRequest,
  Purchase,
} from '../../src-shared/relay-api.ts';
import type { Purchases } from '../doors/database/purchases.ts';
import type { Wallets } from '../doors/database/wallets.ts';
import type { StripePayments } from '../doors/stripe/payments.ts';
import type { Caller, Kiosk } from '../model/callers.ts';
import { type CodeBook, claimTokenHash } from '../model/codes.ts';
import { refusals } from '../model/errors.ts';
import { type NewPurchase, type PurchaseRow, type ViewNeeds, viewOfPurchase } from '../model/purchase.ts';

export interface StoreNeeds {
  codes: Pick<CodeBook, 'claimToken'>;
  purchases: Pick<Purchases, 'create'>;
  /** Whether real money is moved. */
  livemode: boolean;
}

/** Stores what is to be bought; the first time counts. */
function storePurchase(
  { codes, purchases, livemode }: StoreNeeds,
  wanted: Omit<NewPurchase, 'livemode' | 'claimTokenHash'>,
): Promise<PurchaseRow> {
  const hash = claimTokenHash(codes.claimToken(wanted.purchaseId));
  return purchases.create({ ...wanted, livemode, claimTokenHash: hash });
}

/** Stores what a kiosk's visit wants to buy, before anything is asked of Stripe. */
export function storeKioskPurchase(
  needs: StoreNeeds,
  { kioskId }: Kiosk,
  request: KioskPurchaseRequest,
): Promise<PurchaseRow> {
  return storePurchase(needs, { ...request, tierId: request.packageId, kioskId });
}

export type CheckoutNeeds = StoreNeeds &
  ViewNeeds & {
    purchases: Pick<Purchases, 'begin'>;
    stripe: Pick<StripePayments, 'openSession'>;
    nowMs(): number;
  };

/** POST /checkout-sessions. */
export async function startCheckout(
  needs: CheckoutNeeds,
  kiosk: Kiosk,
  request: z.infer<typeof createCheckoutRequestSchema>,
): Promise<Purchase> {
  const { codes, purchases, publicUrl, stripe } = needs;
  const row = await storeKioskPurchase(needs, kiosk, request);
  if (row.status !== 'pending' || row.checkoutSessionId) return viewOfPurchase(row, needs, { isBuyer: true });
  // Begun at the kiosk itself: one purchase is paid in one way.
  if (row.paymentIntentId) throw refusals.purchaseDiffers();
  const options = { claimUrl: `${publicUrl}/r/${codes.claimToken(row.purchaseId)}`, locale: request.locale };
  const begun = await stripe.openSession(row, options, needs.nowMs());
  return viewOfPurchase(await purchases.begin(row.purchaseId, begun), needs, { isBuyer: true });
}

export type PaymentIntentNeeds = StoreNeeds & {
  purchases: Pick<Purchases, 'begin'>;
  wallets: Pick<Wallets, 'walletOf'>;
  stripe: Pick<StripePayments, 'createIntent'>;
};

/** POST /create-payment-intent: for an account into its own wallet, for a kiosk as a card of its own. */
export async function startPaymentIntent(
  needs: PaymentIntentNeeds,
  caller: Caller,
  request: z.infer<typeof createPaymentIntentRequestSchema>,
): Promise<z.infer<typeof createPaymentIntentResponseSchema>> {
  const { purchases, stripe, wallets } = needs;
  const purchaseId = request.purchase_id ?? randomUUID();
  const isKiosk = caller.kind === 'kiosk';
  const userId = isKiosk ? null : await wallets.walletOf(caller.authUserId);
  if (!isKiosk && !userId) throw refusals.walletUnknown();
  const kioskId = isKiosk ? caller.kioskId : null;
  const wanted = { purchaseId, tierId: request.package_id, kioskId, visitId: null, userId };
  const row = await storePurchase(needs, wanted);
  // A kiosk has a card reader, an account has a browser.
  const intent = await stripe.createIntent(row, isKiosk ? 'card_present' : 'card');
  await purchases.begin(purchaseId, { paymentIntentId: intent.paymentIntentId });
  return { purchaseId, ...intent, priceCents: row.priceCents, currency: row.currency };
}
