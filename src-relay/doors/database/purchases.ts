/** Packages on sale and purchases, as the database has them. */

import { z } from 'zod';
import type { ProductClient } from '../../../src-runtime/supabase-client.ts';
import { pricingPackageSchema } from '../../../src-shared/pricing.ts';
import type { NewCode } from '../../model/codes.ts';
import {
  type BegunPayment,
  type NewPurchase,
  newPurchaseSchema,
  type Payment,
  paymentSchema,
  purchaseRowSchema,
  type UnpaidStatus,
} from '../../model/purchase.ts';
import { call, nothing } from './client.ts';

export function createPurchases(client: ProductClient) {
  const maybeRow = purchaseRowSchema.nullable();
  return {
    listPackages: () => call(client, 'list_packages', {}, z.array(pricingPackageSchema)),
    /** Stores it; asked again with the same id it answers what is stored. @throws DatabaseRefusal `purchase_differs` */
    create: (purchase: NewPurchase) =>
      call(client, 'create_purchase', newPurchaseSchema.parse(purchase), purchaseRowSchema),
    /** Notes with what it is being paid; the first payment stays. */
    begin: (purchaseId: string, begun: Partial<BegunPayment>) =>
      call(
        client,
        'set_purchase_checkout',
        { purchaseId, ...NOT_BEGUN, ...begun } satisfies BegunPayment & { purchaseId: string },
        purchaseRowSchema,
      ),
    get: (purchaseId: string) => call(client, 'get_purchase', { purchaseId }, maybeRow),
    /** By what else names it. */
    find: (by: { checkoutSessionId?: string; paymentIntentId?: string; claimTokenHash?: string }) =>
      call(
        client,
        'find_purchase',
        { checkoutSessionId: null, paymentIntentId: null, claimTokenHash: null, ...by },
        maybeRow,
      ),
    /**
     * Makes the card of a paid purchase.
     * @throws DatabaseRefusal `payment_mismatch` @throws DatabaseConflict when the code look-up is taken
     */
    fulfil: (purchaseId: string, payment: Payment, code: NewCode) =>
      call(
        client,
        'fulfil_payment',
        {
          purchaseId,
          ...paymentSchema.parse(payment),
          codeNonce: code.nonce,
          codeKeyId: code.keyId,
          codeLookup: code.lookup,
        },
        purchaseRowSchema,
      ),
    /** Notes where an unpaid one stands. */
    fail: (purchaseId: string, status: UnpaidStatus, message: string | null) =>
      call(client, 'fail_purchase', { purchaseId, status, message }, nothing),
    refund: (paymentIntentId: string, refundId: string, amountCents: number, reason: string) =>
      call(client, 'refund_payment', { paymentIntentId, refundId, amountCents, reason }, nothing),
  };
}
export type Purchases = ReturnType<typeof createPurchases>;

const NOT_BEGUN: BegunPayment = {
  checkoutSessionId: null,
  paymentIntentId: null,
  checkoutUrl: null,
  expiresAt: null,
};
