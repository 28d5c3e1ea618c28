/** A purchase as the database functions answer it, what is written of it, and what of it a caller may see. */
import { z } from 'zod';
import { type Purchase, purchaseSchema, type ReaderState } from '../../src-shared/relay-api.ts';
import type { CodeBook } from './codes.ts';

/** What is told as it is stored comes from purchaseSchema; the rest is the row's own. */
export const purchaseRowSchema = purchaseSchema
  .pick({
    purchaseId: true,
    status: true,
    priceCents: true,
    currency: true,
    checkoutUrl: true,
    expiresAt: true,
  })
  .extend({
    tierId: z.string(),
    /** As it was named when it was bought. */
    tierName: z.string(),
    livemode: z.boolean(),
    kioskId: z.uuid().nullable(),
    visitId: z.uuid().nullable(),
    userId: z.uuid().nullable(),
    checkoutSessionId: z.string().nullable(),
    paymentIntentId: z.string().nullable(),
    lastError: z.string().nullable(),
    claimTokenHash: z.string().nullable(),
    createdAt: z.string(),
    cardId: z.uuid().nullable(),
    codeNonce: z.string().nullable(),
    codeKeyId: z.string().nullable(),
    /** The card was saved to an account: its code opens nothing any more. */
    codeRetired: z.boolean(),
  });
export type PurchaseRow = z.infer<typeof purchaseRowSchema>;

/** What is stored before anything is asked of Stripe. */
export const newPurchaseSchema = purchaseRowSchema.pick({
  purchaseId: true,
  tierId: true,
  kioskId: true,
  visitId: true,
  userId: true,
  livemode: true,
  claimTokenHash: true,
});
export type NewPurchase = z.infer<typeof newPurchaseSchema>;

/** With what it is being paid at Stripe. */
export type BegunPayment = Pick<
  PurchaseRow,
  'checkoutSessionId' | 'paymentIntentId' | 'checkoutUrl' | 'expiresAt'
>;

/** Money that came in. */
export const paymentSchema = purchaseRowSchema
  .pick({ currency: true, livemode: true })
  .extend({ paymentIntentId: z.string(), amountCents: z.number() });
export type Payment = z.infer<typeof paymentSchema>;

/** What may be noted of a purchase that isn't paid. */
export type UnpaidStatus = Exclude<PurchaseRow['status'], 'paid' | 'refunded'>;

/** Whether a purchase was begun at the card reader: a kiosk's visit, with a payment that has no end of its own. */
export function isAtReader(row: PurchaseRow): boolean {
  return isPaidAtKiosk(row) && row.expiresAt === null;
}

/** Whether a purchase was begun with a card typed at the kiosk's own computer: such a payment ends by itself. */
export function isPaidHere(row: PurchaseRow): boolean {
  return isPaidAtKiosk(row) && row.expiresAt !== null;
}

/** A kiosk's visit, with a payment but no payment page at Stripe. */
function isPaidAtKiosk(row: PurchaseRow): boolean {
  return row.visitId !== null && row.checkoutSessionId === null && row.paymentIntentId !== null;
}

/** The code of a fulfilled purchase; null before, after a refund, once it is retired, or when its key is gone. */
export function codeOfPurchase(
  row: PurchaseRow,
  { codes }: { codes: Pick<CodeBook, 'codeFor'> },
): string | null {
  if (row.status !== 'paid' || row.codeRetired || !row.codeNonce || !row.codeKeyId) return null;
  return codes.codeFor(row.codeNonce, row.codeKeyId) ?? null;
}

export interface ClaimNeeds {
  codes: Pick<CodeBook, 'claimTokenFor'>;
  /** Origin of this relay as a payer's browser sees it, without a slash at the end. */
  publicUrl: string;
}

/** Where the payer finds the code; null when the key of its token is gone. */
export function claimUrlOf(row: PurchaseRow, { codes, publicUrl }: ClaimNeeds): string | null {
  const token = row.claimTokenHash && codes.claimTokenFor(row.purchaseId, row.claimTokenHash);
  return token ? `${publicUrl}/r/${token}` : null;
}

/** Where the card fields are, while they can be used. */
function payUrlOf(row: PurchaseRow, { codes, publicUrl }: ViewNeeds): string | null {
  const isOpen = isPaidHere(row) && row.status === 'pending';
  return isOpen ? `${publicUrl}/pay/${codes.payToken(row.purchaseId)}` : null;
}

/** What a caller's view of a purchase is made with. */
export interface ViewNeeds extends ClaimNeeds {
  codes: Pick<CodeBook, 'codeFor' | 'claimTokenFor' | 'payToken'>;
}

export interface ViewOptions {
  /** Whether this caller is the visit (or the account) that bought it: only then the code and the claim page are told. */
  isBuyer: boolean;
  /** What the card reader does, of a payment begun there. */
  reader?: { state: ReaderState; pageUrl: string | null };
}

/** The answer of the purchase routes. */
export function viewOfPurchase(
  row: PurchaseRow,
  needs: ViewNeeds,
  { isBuyer, reader }: ViewOptions,
): Purchase {
  const { status } = row;
  const told = {
    ...row,
    packageId: row.tierId,
    checkoutUrl: status === 'pending' ? row.checkoutUrl : null,
    lastPaymentError: status === 'pending' || status === 'failed' ? row.lastError : null,
    code: isBuyer ? codeOfPurchase(row, needs) : null,
    claimUrl: isBuyer ? claimUrlOf(row, needs) : null,
    reader: reader?.state ?? null,
    readerUrl: reader?.pageUrl ?? null,
    payUrl: isBuyer ? payUrlOf(row, needs) : null,
  } satisfies Purchase;
  // Nothing of the row but what the schema names.
  return purchaseSchema.parse(told);
}
