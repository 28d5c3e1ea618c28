/** A row of the purchases as the database functions answer it, and what of it a caller may see. */
import { z } from 'zod';
import { type Purchase, purchaseStatusSchema, type ReaderState } from '../../src-shared/relay-api.ts';
import type { CodeBook } from './codes.ts';

export const purchaseRowSchema = z.object({
  purchaseId: z.uuid(),
  tierId: z.string(),
  /** As it was named when it was bought. */
  tierName: z.string(),
  status: purchaseStatusSchema,
  priceCents: z.number().int(),
  currency: z.string(),
  livemode: z.boolean(),
  kioskId: z.uuid().nullable(),
  visitId: z.uuid().nullable(),
  userId: z.uuid().nullable(),
  checkoutSessionId: z.string().nullable(),
  paymentIntentId: z.string().nullable(),
  checkoutUrl: z.string().nullable(),
  expiresAt: z.string().nullable(),
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
export function codeOfPurchase(row: PurchaseRow, codes: CodeBook): string | null {
  if (row.status !== 'paid' || row.codeRetired || !row.codeNonce || !row.codeKeyId) return null;
  return codes.codeFor(row.codeNonce, row.codeKeyId) ?? null;
}

/** Where the payer finds the code; null when the key of its token is gone. */
export function claimUrlOf(row: PurchaseRow, codes: CodeBook, publicUrl: string): string | null {
  const token = row.claimTokenHash && codes.claimTokenFor(row.purchaseId, row.claimTokenHash);
  return token ? `${publicUrl}/r/${token}` : null;
}

/** Where the card fields are, while they can be used. */
function payUrlOf(row: PurchaseRow, { codes, publicUrl }: ViewOptions): string | null {
  const isOpen = isPaidHere(row) && row.status === 'pending';
  return isOpen ? `${publicUrl}/pay/${codes.payToken(row.purchaseId)}` : null;
}

export interface ViewOptions {
  codes: CodeBook;
  /** Origin of this relay as a payer's browser sees it, without a slash at the end. */
  publicUrl: string;
  /** Whether this caller is the visit (or the account) that bought it: only then the code and the claim page are told. */
  isBuyer: boolean;
  /** What the card reader does, of a payment begun there. */
  reader?: { state: ReaderState; pageUrl: string | null } | undefined;
}

/** The answer of the purchase routes. */
export function viewOfPurchase(row: PurchaseRow, options: ViewOptions): Purchase {
  const { status } = row;
  return {
    purchaseId: row.purchaseId,
    packageId: row.tierId,
    status,
    priceCents: row.priceCents,
    currency: row.currency,
    checkoutUrl: status === 'pending' ? row.checkoutUrl : null,
    expiresAt: row.expiresAt,
    lastPaymentError: status === 'pending' || status === 'failed' ? row.lastError : null,
    code: options.isBuyer ? codeOfPurchase(row, options.codes) : null,
    claimUrl: options.isBuyer ? claimUrlOf(row, options.codes, options.publicUrl) : null,
    reader: options.reader?.state ?? null,
    readerUrl: options.reader?.pageUrl ?? null,
    payUrl: options.isBuyer ? payUrlOf(row, options) : null,
  };
}
