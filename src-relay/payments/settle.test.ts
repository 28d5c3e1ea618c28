import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src-runtime/log.ts';
import type { Purchases } from '../doors/database/purchases.ts';
import type { StripePayments } from '../doors/stripe/payments.ts';
import { CodeBook, type NewCode } from '../model/codes.ts';
import { DatabaseConflict, DatabaseRefusal } from '../model/errors.ts';
import type { Payment, PurchaseRow } from '../model/purchase.ts';
import type { StripeState } from '../model/stripe-state.ts';
import { createMetrics } from '../routes/metrics.ts';
import { createSettler } from './settle.ts';

const ROW = {
  purchaseId: '5f0f6f8e-6d0a-4b52-9a57-0d9f3b8f5a01',
  status: 'pending',
  livemode: false,
  kioskId: null,
  lastError: null,
} as PurchaseRow;
const PAID_STATE: StripeState = {
  session: null,
  intent: {
    id: 'pi_1',
    status: 'succeeded',
    amountReceivedCents: 999,
    currency: 'usd',
    livemode: false,
    metadata: { purchase_id: ROW.purchaseId },
    lastError: null,
  },
  refunds: [],
  dispute: null,
};

/** A settler whose database answers each fulfilment as told. */
function setUp(answers: (Error | 'ok')[]) {
  const asked: NewCode[] = [];
  let reads = 0;
  const purchases = {
    fulfil: async (_purchaseId: string, _payment: Payment, code: NewCode) => {
      asked.push(code);
      const answer = answers.shift() ?? 'ok';
      if (answer !== 'ok') throw answer;
    },
    get: async () => ({ ...ROW, status: 'paid' }),
  } as unknown as Purchases;
  const stripe = {
    readState: async () => {
      reads += 1;
      return PAID_STATE;
    },
  } as unknown as StripePayments;
  const codes = new CodeBook([{ id: 'k1', secret: Buffer.alloc(32, 1).toString('base64url') }]);
  const log = createLogger({ service: 'test', level: 'silent' });
  const settler = createSettler({ purchases, stripe, codes, metrics: createMetrics(), log });
  return { settler, asked, reads: () => reads };
}

describe('createSettler', () => {
  it('takes another code when the look-up of the first is taken', async () => {
    const { settler, asked } = setUp([new DatabaseConflict('card_codes_lookup_key'), 'ok']);
    expect(await settler.settlePurchase(ROW, 'webhook')).toMatchObject({ status: 'paid' });
    expect(asked).toHaveLength(2);
    expect(asked[0]?.lookup).not.toBe(asked[1]?.lookup);
  });

  it('gives up when every code is taken, since then something else is wrong', async () => {
    const { settler, asked } = setUp(Array.from({ length: 9 }, () => new DatabaseConflict('taken')));
    await expect(settler.settlePurchase(ROW, 'webhook')).rejects.toThrow('taken');
    expect(asked).toHaveLength(5);
  });

  it('does not try a mismatch again, but any other refusal is an error', async () => {
    const mismatch = setUp([new DatabaseRefusal('payment_mismatch')]);
    await mismatch.settler.settlePurchase(ROW, 'webhook');
    expect(mismatch.asked).toHaveLength(1);
    const other = setUp([new DatabaseRefusal('purchase_unknown')]);
    await expect(other.settler.settlePurchase(ROW, 'webhook')).rejects.toThrow('purchase_unknown');
  });

  it('reads the state once for callers at the same time, and again for the next', async () => {
    const { settler, asked, reads } = setUp([]);
    await Promise.all([settler.settleShared(ROW, 'poll'), settler.settleShared(ROW, 'claim')]);
    expect([reads(), asked.length]).toEqual([1, 1]);
    await settler.settleShared(ROW, 'poll');
    expect(reads()).toBe(2);
  });
});
