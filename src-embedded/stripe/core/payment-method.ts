/** A PaymentMethod of a test card: brand, last four digits and expiry are kept, nothing else of the card. */
import type Stripe from 'stripe';
import { behaviourOf, brandOf, type CardFacts, testPaymentMethodNumber } from './cards.ts';
import type { Moment } from './moment.ts';
import type { PaymentMethodRecord, Put } from './records.ts';

export interface CardInput {
  /** Digits only. */
  number: string;
  expMonth: number;
  expYear: number;
  email: string | null;
}

const YEARS_OF_A_TEST_PAYMENT_METHOD = 1;

/** Makes the record of a card that a person typed, or that a reader was shown. */
export function createPaymentMethod(
  card: CardInput,
  moment: Moment,
  type: 'card' | 'card_present' = 'card',
): PaymentMethodRecord {
  const brand = brandOf(card.number);
  const last4 = card.number.slice(-4);
  const expiry = { exp_month: card.expMonth, exp_year: card.expYear };
  const base: Stripe.PaymentMethod = {
    id: moment.newId('pm'),
    object: 'payment_method',
    billing_details: { address: NO_ADDRESS, email: card.email, name: null, phone: null, tax_id: null },
    created: moment.nowSeconds,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type,
  };
  const networks = { available: [brand], preferred: null };
  const paymentMethod: Stripe.PaymentMethod =
    type === 'card'
      ? {
          ...base,
          card: {
            brand,
            checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
            country: 'US',
            display_brand: brand,
            ...expiry,
            fingerprint: null,
            funding: 'credit',
            generated_from: null,
            last4,
            networks,
            regulated_status: 'unregulated',
            three_d_secure_usage: { supported: true },
            wallet: null,
          },
        }
      : {
          ...base,
          card_present: {
            brand,
            brand_product: null,
            cardholder_name: null,
            country: 'US',
            ...expiry,
            fingerprint: null,
            funding: 'credit',
            issuer: null,
            last4,
            networks,
            offline: null,
            preferred_locales: ['en'],
            read_method: 'contactless_emv',
          },
        };
  return { paymentMethod, behaviour: behaviourOf(card.number) };
}

/** The record behind a test id such as `pm_card_visa`, or undefined when there is none. */
export function testPaymentMethod(id: string, moment: Moment): PaymentMethodRecord | undefined {
  const number = testPaymentMethodNumber(id);
  if (number === undefined) return undefined;
  const year = new Date(moment.nowSeconds * 1000).getUTCFullYear() + YEARS_OF_A_TEST_PAYMENT_METHOD;
  return createPaymentMethod({ number, expMonth: 12, expYear: year, email: null }, moment);
}

/** Reads the kept facts back, whichever type the method is of. */
export function cardFacts(paymentMethod: Stripe.PaymentMethod): CardFacts {
  const card = paymentMethod.card ?? paymentMethod.card_present;
  return {
    brand: (card?.brand ?? 'unknown') as CardFacts['brand'],
    last4: card?.last4 ?? '',
    expMonth: card?.exp_month ?? 0,
    expYear: card?.exp_year ?? 0,
  };
}

export function putPaymentMethod(record: PaymentMethodRecord): Put {
  return { kind: 'payment_method', id: record.paymentMethod.id, record };
}

export const NO_ADDRESS: Stripe.Address = {
  city: null,
  country: null,
  line1: null,
  line2: null,
  postal_code: null,
  state: null,
};
