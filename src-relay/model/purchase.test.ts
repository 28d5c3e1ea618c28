import { describe, expect, it } from 'vitest';
import { CodeBook, claimTokenHash } from './codes.ts';
import { type PurchaseRow, viewOfPurchase } from './purchase.ts';

const codes = new CodeBook([{ id: 'k1', secret: Buffer.alloc(32, 1).toString('base64url') }]);
const purchaseId = '5f0f6f8e-6d0a-4b52-9a57-0d9f3b8f5a01';
const PAID: PurchaseRow = {
  purchaseId,
  tierId: 'starter',
  tierName: 'Starter',
  status: 'paid',
  priceCents: 999,
  currency: 'usd',
  livemode: false,
  kioskId: null,
  visitId: null,
  userId: null,
  checkoutSessionId: 'cs_1',
  paymentIntentId: 'pi_1',
  checkoutUrl: 'http://127.0.0.1/c/pay/cs_1',
  expiresAt: null,
  lastError: 'Your card was declined.',
  claimTokenHash: claimTokenHash(codes.claimToken(purchaseId)),
  createdAt: '2026-11-23T12:00:00.000Z',
  cardId: '0a1e9c36-0a42-4f0e-8d7a-6a4fd0f5a003',
  codeNonce: '00',
  codeKeyId: 'k1',
  codeRetired: false,
};
const view = (changes: Partial<PurchaseRow> = {}, isBuyer = true) =>
  viewOfPurchase({ ...PAID, ...changes }, { codes, publicUrl: 'http://127.0.0.1:8003' }, { isBuyer });

describe('viewOfPurchase', () => {
  it('tells the buyer code and claim page, others neither', () => {
    expect(view()).toMatchObject({
      code: codes.codeFor('00', 'k1'),
      claimUrl: `http://127.0.0.1:8003/r/${codes.claimToken(purchaseId)}`,
    });
    expect(view({}, false)).toMatchObject({ status: 'paid', code: null, claimUrl: null });
  });

  it('tells the code of nothing but a paid purchase', () => {
    for (const status of ['pending', 'processing', 'failed', 'expired', 'refunded'] as const) {
      expect(view({ status }).code).toBeNull();
    }
    expect(view({ codeKeyId: 'gone' }).code).toBeNull();
    expect(view({ codeRetired: true }).code).toBeNull();
  });

  it('shows the page and the last decline only while they matter', () => {
    expect(view({ status: 'pending' })).toMatchObject({
      checkoutUrl: PAID.checkoutUrl,
      lastPaymentError: PAID.lastError,
    });
    expect(view()).toMatchObject({ checkoutUrl: null, lastPaymentError: null });
    expect(view({ status: 'failed' })).toMatchObject({ checkoutUrl: null, lastPaymentError: PAID.lastError });
  });

  it('has no claim page when the key of its token is gone', () => {
    expect(view({ claimTokenHash: 'f'.repeat(64) }).claimUrl).toBeNull();
    expect(view({ claimTokenHash: null }).claimUrl).toBeNull();
  });
});
