import { describe, expect, it } from 'vitest';
import type { PurchaseRow } from '../model/purchase.ts';
import type { StripeState } from '../model/stripe-state.ts';
import { decideSettlement } from './settlement.ts';

const PURCHASE = '5f0f6f8e-6d0a-4b52-9a57-0d9f3b8f5a01';
const KIOSK = '6a4d4a4e-58a7-4a2c-8a34-5a5f6b0f7c02';
const METADATA = { purchase_id: PURCHASE, kiosk_id: KIOSK };

const ROW: PurchaseRow = {
  purchaseId: PURCHASE,
  tierId: 'starter',
  tierName: 'Starter',
  status: 'pending',
  priceCents: 999,
  currency: 'usd',
  livemode: false,
  kioskId: KIOSK,
  visitId: '0a1e9c36-0a42-4f0e-8d7a-6a4fd0f5a003',
  userId: null,
  checkoutSessionId: 'cs_1',
  paymentIntentId: null,
  checkoutUrl: 'http://127.0.0.1/c/pay/cs_1',
  expiresAt: null,
  lastError: null,
  claimTokenHash: '0'.repeat(64),
  createdAt: '2026-11-23T12:00:00Z',
  cardId: null,
  codeNonce: null,
  codeKeyId: null,
  codeRetired: false,
};

type Session = NonNullable<StripeState['session']>;
type Intent = NonNullable<StripeState['intent']>;

const session = (changes: Partial<Session> = {}): Session => ({
  id: 'cs_1',
  status: 'open',
  metadata: METADATA,
  ...changes,
});
const intent = (changes: Partial<Intent> = {}): Intent => ({
  id: 'pi_1',
  status: 'requires_payment_method',
  amountReceivedCents: 0,
  currency: 'usd',
  livemode: false,
  metadata: METADATA,
  lastError: null,
  ...changes,
});
const state = (changes: Partial<StripeState> = {}): StripeState => ({
  session: session(),
  intent: null,
  refunds: [],
  dispute: null,
  ...changes,
});
const SUCCEEDED = intent({ status: 'succeeded', amountReceivedCents: 999 });
const FULFIL = {
  kind: 'fulfil',
  paymentIntentId: 'pi_1',
  amountCents: 999,
  currency: 'usd',
  livemode: false,
};

describe('decideSettlement', () => {
  it('waits for the customer while the session is open', () => {
    expect(decideSettlement(ROW, state())).toEqual([]);
    expect(decideSettlement(ROW, state({ intent: intent({ status: 'requires_action' }) }))).toEqual([]);
  });

  it('fulfils when the money is in, whatever the session or the row said before', () => {
    const paid = session({ status: 'complete' });
    for (const status of ['pending', 'processing', 'failed', 'expired'] as const) {
      expect(decideSettlement({ ...ROW, status }, state({ session: paid, intent: SUCCEEDED }))).toEqual([
        FULFIL,
      ]);
    }
    expect(decideSettlement(ROW, state({ intent: SUCCEEDED }))).toEqual([FULFIL]);
    expect(decideSettlement(ROW, state({ session: null, intent: SUCCEEDED }))).toEqual([FULFIL]);
  });

  it('passes on the amount that came in, not the price', () => {
    const short = intent({ status: 'succeeded', amountReceivedCents: 1, currency: 'eur' });
    expect(decideSettlement(ROW, state({ intent: short }))).toEqual([
      { ...FULFIL, amountCents: 1, currency: 'eur' },
    ]);
  });

  it('does nothing more for a paid purchase', () => {
    expect(decideSettlement({ ...ROW, status: 'paid' }, state({ intent: SUCCEEDED }))).toEqual([]);
  });

  it('notes a decline once and keeps waiting', () => {
    const message = 'Your card was declined.';
    const declined = state({ intent: intent({ lastError: message }) });
    expect(decideSettlement(ROW, declined)).toEqual([{ kind: 'note', status: 'pending', message }]);
    expect(decideSettlement({ ...ROW, lastError: message }, declined)).toEqual([]);
  });

  it('waits for the bank, then closes as failed when a delayed payment does not come', () => {
    const complete = session({ status: 'complete' });
    const processing = [{ kind: 'note', status: 'processing', message: null }];
    expect(decideSettlement(ROW, state({ session: complete }))).toEqual(processing);
    expect(decideSettlement(ROW, state({ intent: intent({ status: 'processing' }) }))).toEqual(processing);
    const waiting = { ...ROW, status: 'processing' as const };
    expect(decideSettlement(waiting, state({ session: complete }))).toEqual([]);
    expect(
      decideSettlement(waiting, state({ session: complete, intent: intent({ lastError: 'No funds.' }) })),
    ).toEqual([{ kind: 'note', status: 'failed', message: 'No funds.' }]);
  });

  it('closes an expired session or a cancelled intent, but never a paid row', () => {
    const expired = state({
      session: session({ status: 'expired' }),
      intent: intent({ status: 'canceled', lastError: 'Your card was declined.' }),
    });
    const close = [{ kind: 'note', status: 'expired', message: null }];
    expect(decideSettlement(ROW, expired)).toEqual(close);
    expect(decideSettlement(ROW, state({ session: null, intent: intent({ status: 'canceled' }) }))).toEqual(
      close,
    );
    expect(decideSettlement({ ...ROW, status: 'paid' }, expired)).toEqual([]);
    expect(decideSettlement({ ...ROW, status: 'expired' }, expired)).toEqual([]);
  });

  it('takes time back only for money that went back, after fulfilling when that is still owed', () => {
    const paidRow = { ...ROW, status: 'paid' as const };
    const refund = { id: 're_1', status: 'succeeded', amountCents: 500 };
    const dispute = { id: 'dp_1', status: 'lost', amountCents: 499 };
    const back = [
      { kind: 'claw_back', paymentIntentId: 'pi_1', refundId: 're_1', amountCents: 500, reason: 'refund' },
      {
        kind: 'claw_back',
        paymentIntentId: 'pi_1',
        refundId: 'dp_1',
        amountCents: 499,
        reason: 'dispute_lost',
      },
    ];
    const given = state({ intent: SUCCEEDED, refunds: [refund], dispute });
    expect(decideSettlement(paidRow, given)).toEqual(back);
    expect(decideSettlement(ROW, given)).toEqual([FULFIL, ...back]);
    for (const status of ['pending', 'requires_action', 'canceled']) {
      const open = state({ intent: SUCCEEDED, refunds: [{ ...refund, status }] });
      expect(decideSettlement(paidRow, open)).toEqual([]);
    }
    for (const status of ['needs_response', 'under_review', 'won', 'warning_closed']) {
      const open = state({ intent: SUCCEEDED, dispute: { ...dispute, status } });
      expect(decideSettlement(paidRow, open)).toEqual([]);
    }
  });

  it('takes time back for each refund of a charge, and tells people of one that did not arrive', () => {
    const refunds = [
      { id: 're_1', status: 'succeeded', amountCents: 500 },
      { id: 're_2', status: 'failed', amountCents: 100 },
      { id: 're_3', status: 'succeeded', amountCents: 399 },
    ];
    const back = { kind: 'claw_back', paymentIntentId: 'pi_1', reason: 'refund' };
    expect(decideSettlement({ ...ROW, status: 'refunded' }, state({ intent: SUCCEEDED, refunds }))).toEqual([
      { ...back, refundId: 're_1', amountCents: 500 },
      { kind: 'refund_failed', refundId: 're_2' },
      { ...back, refundId: 're_3', amountCents: 399 },
    ]);
  });

  it.each([
    ['session of another purchase', state({ session: session({ metadata: {} }), intent: SUCCEEDED })],
    [
      'payment of another purchase',
      state({ intent: { ...SUCCEEDED, metadata: { ...METADATA, purchase_id: KIOSK } } }),
    ],
    [
      'payment of another kiosk',
      state({ intent: { ...SUCCEEDED, metadata: { ...METADATA, kiosk_id: PURCHASE } } }),
    ],
    ['payment of another mode', state({ intent: { ...SUCCEEDED, livemode: true } })],
  ])('touches nothing for a %s', (reason, stripe) => {
    expect(decideSettlement(ROW, stripe)).toEqual([{ kind: 'mismatch', reason }]);
  });
});
