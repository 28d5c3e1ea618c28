/**
 * A payment that the bank decides days later (a debit from a bank account): the Checkout Session completes unpaid, the
 * intent is `processing`, and then either succeeds or fails. https://docs.stripe.com/payments/ach-direct-debit
 */
import type Stripe from 'stripe';
import { createCharge } from './charge.ts';
import { completeSession } from './checkout-session.ts';
import { invalidRequest } from './errors.ts';
import type { Moment } from './moment.ts';
import { NO_ADDRESS, putPaymentMethod } from './payment-method.ts';
import { type Change, type IntentRecord, joinChanges, type SessionRecord } from './records.ts';

export interface DelayedResult {
  session: SessionRecord;
  change: Change;
}

const LAST4 = '6789';
const NO_FUNDS = {
  code: 'insufficient_funds',
  message: "The customer's account has insufficient funds to cover this payment.",
} as const;

/** The customer agrees to a debit: the session is complete, the money is not there yet. @throws StripeError when it isn't open. */
export function beginDebit(record: SessionRecord, intent: IntentRecord, moment: Moment): DelayedResult {
  const email = record.session.customer_email;
  const completed = completeSession(record, email, 'unpaid');
  const paymentMethod = debitMethod(email, moment);
  const charge: Stripe.Charge = {
    ...createCharge(intent.intent, paymentMethod, { paid: true, threeDSecure: false }, moment),
    amount_captured: 0,
    paid: false,
    status: 'pending',
    payment_method_details: {
      type: 'us_bank_account',
      us_bank_account: {
        account_holder_type: 'individual',
        account_type: 'checking',
        bank_name: 'STRIPE TEST BANK',
        fingerprint: null,
        last4: LAST4,
        payment_reference: null,
        routing_number: '110000000',
      },
    },
  };
  const processing: Stripe.PaymentIntent = {
    ...intent.intent,
    latest_charge: charge.id,
    payment_method: paymentMethod.id,
    status: 'processing',
  };
  const begun: Change = {
    puts: [
      putPaymentMethod({ paymentMethod, behaviour: { kind: 'pays' } }),
      { kind: 'charge', id: charge.id, record: charge },
      { kind: 'payment_intent', id: processing.id, record: { ...intent, intent: processing } },
    ],
    events: [
      { type: 'charge.pending', object: charge },
      { type: 'payment_intent.processing', object: processing },
    ],
  };
  return { session: completed.record, change: joinChanges(begun, completed.change) };
}

/** The bank has decided. @throws StripeError when nothing waits for it. */
export function endDebit(
  record: SessionRecord,
  intent: IntentRecord,
  charge: Stripe.Charge,
  succeeded: boolean,
): DelayedResult {
  if (intent.intent.status !== 'processing') throw invalidRequest('This PaymentIntent waits for no bank.');
  return succeeded ? succeed(record, intent, charge) : fail(record, intent, charge);
}

function succeed(record: SessionRecord, intent: IntentRecord, charge: Stripe.Charge): DelayedResult {
  const taken: Stripe.Charge = { ...charge, paid: true, status: 'succeeded', amount_captured: charge.amount };
  const paid: Stripe.PaymentIntent = {
    ...intent.intent,
    status: 'succeeded',
    amount_received: intent.intent.amount,
  };
  const session: SessionRecord = { ...record, session: { ...record.session, payment_status: 'paid' } };
  const events: Change['events'] = [
    { type: 'charge.succeeded', object: taken },
    { type: 'payment_intent.succeeded', object: paid },
    { type: 'checkout.session.async_payment_succeeded', object: session.session },
  ];
  return decided(session, { ...intent, intent: paid }, taken, events);
}

function fail(record: SessionRecord, intent: IntentRecord, charge: Stripe.Charge): DelayedResult {
  const { code, message } = NO_FUNDS;
  const lost: Stripe.Charge = { ...charge, status: 'failed', failure_code: code, failure_message: message };
  const unpaid: Stripe.PaymentIntent = {
    ...intent.intent,
    status: 'requires_payment_method',
    payment_method: null,
    last_payment_error: { type: 'invalid_request_error', charge: lost.id, code, message },
  };
  const events: Change['events'] = [
    { type: 'charge.failed', object: lost },
    { type: 'payment_intent.payment_failed', object: unpaid },
    { type: 'checkout.session.async_payment_failed', object: record.session },
  ];
  return decided(record, { ...intent, intent: unpaid }, lost, events);
}

function decided(
  session: SessionRecord,
  intent: IntentRecord,
  charge: Stripe.Charge,
  events: Change['events'],
): DelayedResult {
  const puts: Change['puts'] = [
    { kind: 'charge', id: charge.id, record: charge },
    { kind: 'payment_intent', id: intent.intent.id, record: intent },
    { kind: 'checkout_session', id: session.session.id, record: session },
  ];
  return { session, change: { puts, events } };
}

function debitMethod(email: string | null, moment: Moment): Stripe.PaymentMethod {
  return {
    id: moment.newId('pm'),
    object: 'payment_method',
    billing_details: { address: NO_ADDRESS, email, name: null, phone: null, tax_id: null },
    created: moment.nowSeconds,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: 'us_bank_account',
    us_bank_account: {
      account_holder_type: 'individual',
      account_type: 'checking',
      bank_name: 'STRIPE TEST BANK',
      financial_connections_account: null,
      fingerprint: null,
      last4: LAST4,
      networks: null,
      routing_number: '110000000',
      status_details: null,
    },
  };
}
