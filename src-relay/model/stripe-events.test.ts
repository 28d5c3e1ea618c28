import { describe, expect, it } from 'vitest';
import { pointerOf } from './stripe-events.ts';

describe('pointerOf', () => {
  const purchaseId = '5f0f6f8e-6d0a-4b52-9a57-0d9f3b8f5a01';
  const pointer = (object: object) => pointerOf({ data: { object } });

  it('finds the purchase in our metadata and names what to read', () => {
    const metadata = { purchase_id: purchaseId };
    expect(pointer({ id: 'cs_1', object: 'checkout.session', payment_intent: null, metadata })).toEqual({
      purchaseId,
      known: { sessionId: 'cs_1' },
    });
    expect(pointer({ id: 'pi_1', object: 'payment_intent', metadata })).toEqual({
      purchaseId,
      known: { intentId: 'pi_1' },
    });
    expect(pointer({ id: 'pi_1', object: 'payment_intent', metadata: { purchase_id: 'x' } }).purchaseId).toBe(
      undefined,
    );
  });

  it('leads from refunds, disputes and charges to their payment', () => {
    expect(pointer({ id: 're_1', object: 'refund', payment_intent: 'pi_1' }).known).toEqual({
      refundId: 're_1',
      intentId: 'pi_1',
    });
    expect(pointer({ id: 'dp_1', object: 'dispute', payment_intent: { id: 'pi_1' } }).known).toEqual({
      disputeId: 'dp_1',
      intentId: 'pi_1',
    });
    expect(pointer({ id: 'ch_1', object: 'charge', payment_intent: 'pi_1' }).known).toEqual({
      chargeId: 'ch_1',
      intentId: 'pi_1',
    });
  });
});
