/** A Charge: one attempt to take the money of a PaymentIntent, with what was given back or disputed since. */
import type Stripe from 'stripe';
import type { CardDecline } from './cards.ts';
import type { Moment } from './moment.ts';
import { cardFacts } from './payment-method.ts';

/** How the attempt ended. */
export type Attempt = { paid: true; threeDSecure: boolean } | { paid: false; decline: CardDecline };

/** The charge of an attempt on `intent` with `paymentMethod`. */
export function createCharge(
  intent: Stripe.PaymentIntent,
  paymentMethod: Stripe.PaymentMethod,
  attempt: Attempt,
  moment: Moment,
): Stripe.Charge {
  const decline = attempt.paid ? null : attempt.decline;
  return {
    id: moment.newId('ch'),
    object: 'charge',
    amount: intent.amount,
    amount_captured: attempt.paid ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: paymentMethod.billing_details,
    calculated_statement_descriptor: null,
    captured: attempt.paid,
    created: moment.nowSeconds,
    currency: intent.currency,
    customer: null,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: outcomeOf(decline),
    paid: attempt.paid,
    payment_intent: intent.id,
    payment_method: paymentMethod.id,
    payment_method_details: detailsOf(intent, paymentMethod, attempt),
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: attempt.paid ? 'succeeded' : 'failed',
    transfer_data: null,
    transfer_group: null,
  };
}

/** The charge after `amount` more was given back. */
export function withRefund(charge: Stripe.Charge, amount: number): Stripe.Charge {
  const refundedAmount = charge.amount_refunded + amount;
  return { ...charge, amount_refunded: refundedAmount, refunded: refundedAmount === charge.amount_captured };
}

function outcomeOf(decline: CardDecline | null): Stripe.Charge.Outcome {
  return {
    advice_code: decline ? 'try_again_later' : null,
    network_advice_code: null,
    network_decline_code: null,
    network_status: decline ? 'declined_by_network' : 'approved_by_network',
    reason: decline?.declineCode ?? null,
    risk_level: 'normal',
    seller_message: decline ? 'The bank declined the payment.' : 'Payment complete.',
    type: decline ? 'issuer_declined' : 'authorized',
  };
}

function detailsOf(
  intent: Stripe.PaymentIntent,
  paymentMethod: Stripe.PaymentMethod,
  attempt: Attempt,
): Stripe.Charge.PaymentMethodDetails {
  const facts = cardFacts(paymentMethod);
  const shared = {
    amount_authorized: attempt.paid ? intent.amount : null,
    brand: facts.brand,
    country: 'US',
    exp_month: facts.expMonth,
    exp_year: facts.expYear,
    fingerprint: null,
    funding: 'credit',
    last4: facts.last4,
    network: facts.brand,
    network_transaction_id: null,
  };
  if (paymentMethod.type === 'card_present') {
    return {
      type: 'card_present',
      card_present: {
        ...shared,
        brand_product: null,
        cardholder_name: null,
        emv_auth_data: null,
        generated_card: null,
        incremental_authorization_supported: false,
        offline: null,
        overcapture_supported: false,
        preferred_locales: ['en'],
        read_method: 'contactless_emv',
        receipt: null,
      },
    };
  }
  return {
    type: 'card',
    card: {
      ...shared,
      authorization_code: null,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      electronic_commerce_indicator: null,
      installments: null,
      mandate: null,
      regulated_status: 'unregulated',
      three_d_secure: attempt.paid && attempt.threeDSecure ? AUTHENTICATED : null,
      transaction_link_id: null,
      wallet: null,
    },
  };
}

const AUTHENTICATED: Stripe.Charge.PaymentMethodDetails.Card.ThreeDSecure = {
  authentication_flow: 'challenge',
  electronic_commerce_indicator: '05',
  exemption_indicator: null,
  result: 'authenticated',
  result_reason: null,
  transaction_id: null,
  version: '2.2.0',
};
