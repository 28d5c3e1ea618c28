/**
 * The life of a PaymentIntent: requires_payment_method → (requires_confirmation) → (requires_action) → succeeded, or
 * back to requires_payment_method after a decline, or canceled. https://docs.stripe.com/payments/paymentintents/lifecycle
 */
import type Stripe from 'stripe';
import type { CardDecline } from './cards.ts';
import { type Attempt, createCharge } from './charge.ts';
import { type ErrorBody, invalidRequest } from './errors.ts';
import type { Moment } from './moment.ts';
import { putPaymentMethod } from './payment-method.ts';
import type { Change, IntentRecord, PaymentMethodRecord } from './records.ts';

export interface NewIntent {
  amount: number;
  currency: string;
  /** Null: the automatic choice of methods, which is the default of the API. */
  paymentMethodTypes: string[] | null;
  /** What the request allowed, told back as it was given. */
  allowedTypes: ('card' | 'card_present')[] | null;
  allowRedirects: 'always' | 'never';
  captureMethod: 'automatic' | 'automatic_async';
  description: string | null;
  metadata: Record<string, string>;
  receiptEmail: string | null;
  checkoutSessionId: string | null;
}

export interface IntentResult {
  record: IntentRecord;
  change: Change;
  /** Set when the card was declined: the answer is then 402 with this error, and the change is kept. */
  failure: ErrorBody | null;
}

const CONFIRMABLE = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

/** A fresh intent, waiting for a payment method. */
export function createIntent(input: NewIntent, moment: Moment): IntentResult {
  const id = moment.newId('pi');
  const automatic = input.paymentMethodTypes === null;
  const intent: Stripe.PaymentIntent = {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: input.allowedTypes,
    amount: input.amount,
    amount_capturable: 0,
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: automatic ? { enabled: true, allow_redirects: input.allowRedirects } : null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: input.captureMethod,
    client_secret: `${id}_secret_${moment.newSecret()}`,
    confirmation_method: 'automatic',
    created: moment.nowSeconds,
    currency: input.currency,
    customer: null,
    customer_account: null,
    description: input.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: input.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: input.paymentMethodTypes ?? ['card'],
    payment_record: null,
    processing: null,
    receipt_email: input.receiptEmail,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: null,
  };
  return kept({ intent, checkoutSessionId: input.checkoutSessionId }, ['payment_intent.created']);
}

/** The intent with a method attached, not yet confirmed. */
export function attachPaymentMethod(record: IntentRecord, method: PaymentMethodRecord): IntentResult {
  const intent: Stripe.PaymentIntent = {
    ...record.intent,
    payment_method: method.paymentMethod.id,
    status: 'requires_confirmation',
  };
  const result = kept({ ...record, intent }, []);
  return { ...result, change: { ...result.change, puts: [putPaymentMethod(method), ...result.change.puts] } };
}

/**
 * Tries to take the money.
 * @param authentication where the person proves who they are when the card asks for it, and where they go afterwards.
 * @throws StripeError payment_intent_unexpected_state when the intent can't be confirmed any more.
 */
export function confirmIntent(
  record: IntentRecord,
  method: PaymentMethodRecord,
  authentication: { url: string; returnUrl: string | null },
  moment: Moment,
): IntentResult {
  if (!CONFIRMABLE.includes(record.intent.status)) throw unexpectedState(record.intent, 'confirm');
  const { behaviour } = method;
  if (behaviour.kind === 'pays') return settle(record, method, { paid: true, threeDSecure: false }, moment);
  if (behaviour.kind === 'declines')
    return settle(record, method, { paid: false, decline: behaviour }, moment);
  const intent: Stripe.PaymentIntent = {
    ...record.intent,
    payment_method: method.paymentMethod.id,
    status: 'requires_action',
    last_payment_error: null,
    next_action: {
      type: 'redirect_to_url',
      redirect_to_url: { url: authentication.url, return_url: authentication.returnUrl },
    },
  };
  const result = kept({ ...record, intent }, ['payment_intent.requires_action']);
  return { ...result, change: { ...result.change, puts: [putPaymentMethod(method), ...result.change.puts] } };
}

/** The person proved who they are: the money is taken. @throws StripeError when nothing was asked. */
export function completeAuthentication(
  record: IntentRecord,
  method: PaymentMethodRecord,
  moment: Moment,
): IntentResult {
  if (record.intent.status !== 'requires_action') throw unexpectedState(record.intent, 'authenticate');
  return settle(record, method, { paid: true, threeDSecure: true }, moment);
}

/** The person did not: back to requires_payment_method, without a charge. @throws StripeError when nothing was asked. */
export function failAuthentication(record: IntentRecord, method: PaymentMethodRecord): IntentResult {
  if (record.intent.status !== 'requires_action') throw unexpectedState(record.intent, 'authenticate');
  const error: Stripe.PaymentIntent.LastPaymentError = {
    type: 'card_error',
    code: 'payment_intent_authentication_failure',
    message: 'Your bank could not confirm that this is you. Choose another card and try again.',
    payment_method: method.paymentMethod,
  };
  const intent: Stripe.PaymentIntent = {
    ...record.intent,
    payment_method: null,
    status: 'requires_payment_method',
    next_action: null,
    last_payment_error: error,
  };
  return kept({ ...record, intent }, ['payment_intent.payment_failed']);
}

/** Ends an unpaid intent. @throws StripeError payment_intent_unexpected_state when it is paid or ended. */
export function cancelIntent(
  record: IntentRecord,
  reason: Stripe.PaymentIntent.CancellationReason | null,
  moment: Moment,
): IntentResult {
  if (!CONFIRMABLE.includes(record.intent.status)) throw unexpectedState(record.intent, 'cancel');
  const intent: Stripe.PaymentIntent = {
    ...record.intent,
    status: 'canceled',
    canceled_at: moment.nowSeconds,
    cancellation_reason: reason,
    next_action: null,
  };
  return kept({ ...record, intent }, ['payment_intent.canceled']);
}

function settle(
  record: IntentRecord,
  method: PaymentMethodRecord,
  attempt: Attempt,
  moment: Moment,
): IntentResult {
  const charge = createCharge(record.intent, method.paymentMethod, attempt, moment);
  const before = { ...record.intent, latest_charge: charge.id, next_action: null };
  const failure = attempt.paid ? null : declineError(attempt.decline, charge.id, method.paymentMethod);
  const intent: Stripe.PaymentIntent = failure
    ? { ...before, status: 'requires_payment_method', payment_method: null, last_payment_error: failure }
    : {
        ...before,
        status: 'succeeded',
        payment_method: method.paymentMethod.id,
        amount_received: before.amount,
        last_payment_error: null,
      };
  const next: IntentRecord = { ...record, intent };
  return {
    record: next,
    change: {
      puts: [
        putPaymentMethod(method),
        { kind: 'charge', id: charge.id, record: charge },
        { kind: 'payment_intent', id: intent.id, record: next },
      ],
      events: [
        { type: attempt.paid ? 'charge.succeeded' : 'charge.failed', object: charge },
        { type: attempt.paid ? 'payment_intent.succeeded' : 'payment_intent.payment_failed', object: intent },
      ],
    },
    failure: failure && { ...failure, payment_intent: intent },
  };
}

function declineError(
  decline: CardDecline,
  charge: string,
  paymentMethod: Stripe.PaymentMethod,
): Omit<ErrorBody, 'payment_intent'> & { type: 'card_error' } {
  return {
    type: 'card_error',
    code: decline.code,
    ...(decline.declineCode === null ? {} : { decline_code: decline.declineCode }),
    message: decline.message,
    charge,
    payment_method: paymentMethod,
  };
}

function kept(record: IntentRecord, types: Stripe.Event.Type[]): IntentResult {
  return {
    record,
    change: {
      puts: [{ kind: 'payment_intent', id: record.intent.id, record }],
      events: types.map((type) => ({ type, object: record.intent })),
    },
    failure: null,
  };
}

function unexpectedState(intent: Stripe.PaymentIntent, action: string): Error {
  return invalidRequest(
    `This PaymentIntent has the status ${intent.status}, so that you cannot ${action} it.`,
    {
      code: 'payment_intent_unexpected_state',
      payment_intent: intent,
    },
  );
}
