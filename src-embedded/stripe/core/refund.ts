/** A Refund: money given back on a charge, never more than was taken. https://docs.stripe.com/api/refunds */
import type Stripe from 'stripe';
import { withRefund } from './charge.ts';
import { invalidRequest } from './errors.ts';
import type { Moment } from './moment.ts';
import type { Change } from './records.ts';

export interface NewRefund {
  /** Cents; null means all that is left. */
  amount: number | null;
  reason: Stripe.Refund.Reason | null;
  metadata: Record<string, string>;
}

/** Stripe's test card 4000 0000 0000 7726, whose refunds take a while. */
const PENDING_REFUND_LAST4 = '7726';

/** @throws StripeError when the charge isn't paid, is disputed, or has less left than asked. */
export function createRefund(
  charge: Stripe.Charge,
  input: NewRefund,
  moment: Moment,
): { refund: Stripe.Refund; charge: Stripe.Charge; change: Change } {
  if (!charge.paid) {
    throw invalidRequest('This charge was not paid, so that nothing can be refunded.', {
      code: 'charge_not_refundable',
    });
  }
  if (charge.disputed) {
    throw invalidRequest('This charge is disputed, so that it cannot be refunded.', {
      code: 'charge_disputed',
    });
  }
  const left = charge.amount_captured - charge.amount_refunded;
  if (left === 0) {
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, {
      code: 'charge_already_refunded',
    });
  }
  const amount = input.amount ?? left;
  if (amount > left) {
    throw invalidRequest(`Refund amount (${amount}) is greater than what is left on the charge (${left}).`, {
      param: 'amount',
    });
  }
  const refund: Stripe.Refund = {
    id: moment.newId('re'),
    object: 'refund',
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: moment.nowSeconds,
    currency: charge.currency,
    customer: null,
    customer_account: null,
    destination_details: {
      type: 'card',
      card: { type: 'refund', reference_status: 'pending', reference_type: 'acquirer_reference_number' },
    },
    metadata: input.metadata,
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: input.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: charge.payment_method_details?.card?.last4 === PENDING_REFUND_LAST4 ? 'pending' : 'succeeded',
    transfer_reversal: null,
  };
  const after = withRefund(charge, amount);
  return {
    refund,
    charge: after,
    change: {
      puts: [
        { kind: 'refund', id: refund.id, record: refund },
        { kind: 'charge', id: after.id, record: after },
      ],
      events: [
        { type: 'refund.created', object: refund },
        { type: 'charge.refunded', object: after },
      ],
    },
  };
}

/** The bank took the refund that was pending, or sent back one that had seemed done. @throws StripeError when it failed before. */
export function endRefund(
  refund: Stripe.Refund,
  status: 'succeeded' | 'failed',
): { refund: Stripe.Refund; change: Change } {
  if (refund.status === 'failed') throw invalidRequest('This refund has failed already.');
  const ended: Stripe.Refund = {
    ...refund,
    status,
    ...(status === 'failed' && { failure_reason: 'expired_or_canceled_card' }),
  };
  const types: Stripe.Event.Type[] =
    status === 'failed' ? ['refund.updated', 'refund.failed'] : ['refund.updated'];
  return {
    refund: ended,
    change: {
      puts: [{ kind: 'refund', id: ended.id, record: ended }],
      events: types.map((type) => ({ type, object: ended }) as const),
    },
  };
}
