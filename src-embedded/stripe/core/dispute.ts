/** A Dispute: the bank takes the money back until the case is decided. https://docs.stripe.com/api/disputes */
import type Stripe from 'stripe';
import { invalidRequest } from './errors.ts';
import type { Moment } from './moment.ts';
import type { Change } from './records.ts';

export interface NewDispute {
  /** Cents; null means the whole charge. */
  amount: number | null;
  reason: string;
}

export interface DisputeResult {
  dispute: Stripe.Dispute;
  change: Change;
}

const DAYS_TO_ANSWER = 9;
const SECONDS_PER_DAY = 86_400;

/** Opens a case. @throws StripeError when the charge isn't paid, is disputed already, or is smaller than asked. */
export function openDispute(charge: Stripe.Charge, input: NewDispute, moment: Moment): DisputeResult {
  if (!charge.paid) throw invalidRequest('This charge was not paid, so that it cannot be disputed.');
  if (charge.disputed) throw invalidRequest('This charge is already disputed.', { code: 'charge_disputed' });
  const amount = input.amount ?? charge.amount;
  if (amount > charge.amount) {
    throw invalidRequest('A dispute cannot be about more than the charge.', { param: 'amount' });
  }
  const dispute: Stripe.Dispute = {
    id: moment.newId('dp'),
    object: 'dispute',
    amount,
    balance_transactions: [],
    charge: charge.id,
    created: moment.nowSeconds,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: NO_EVIDENCE,
    evidence_details: {
      due_by: moment.nowSeconds + DAYS_TO_ANSWER * SECONDS_PER_DAY,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason: input.reason,
    status: 'needs_response',
  };
  const disputed: Stripe.Charge = { ...charge, disputed: true };
  return {
    dispute,
    change: {
      puts: [
        { kind: 'dispute', id: dispute.id, record: dispute },
        { kind: 'charge', id: charge.id, record: disputed },
      ],
      events: [
        { type: 'charge.dispute.created', object: dispute },
        { type: 'charge.dispute.funds_withdrawn', object: dispute },
      ],
    },
  };
}

/** Decides a case; a won one gives the money back to the merchant. @throws StripeError when it is decided already. */
export function closeDispute(dispute: Stripe.Dispute, status: 'won' | 'lost'): DisputeResult {
  if (dispute.status === 'won' || dispute.status === 'lost') {
    throw invalidRequest('This dispute is already closed.');
  }
  const closed: Stripe.Dispute = { ...dispute, status };
  return {
    dispute: closed,
    change: {
      puts: [{ kind: 'dispute', id: closed.id, record: closed }],
      events: [
        { type: 'charge.dispute.closed', object: closed },
        ...(status === 'won' ? [{ type: 'charge.dispute.funds_reinstated' as const, object: closed }] : []),
      ],
    },
  };
}

const NO_EVIDENCE: Stripe.Dispute.Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};
