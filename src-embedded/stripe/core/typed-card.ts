/**
 * A card as the Payment Element sends it with a confirmation: checked as Stripe does, made into a payment method. What
 * is wrong is a card error that was never tried at a bank, so it leaves no charge. https://docs.stripe.com/error-codes
 */
import { cvcLength, isCardNumber, isUnexpired } from './cards.ts';
import { StripeError } from './errors.ts';
import type { Moment } from './moment.ts';
import { createPaymentMethod } from './payment-method.ts';
import type { PaymentMethodRecord } from './records.ts';

export interface TypedCard {
  /** Digits, and spaces between them. */
  number: string;
  exp_month: number;
  exp_year: number;
  cvc: string;
}

const CENTURY = 2000;
const MONTHS = 12;

/** @throws StripeError card_error naming the field that is wrong. */
export function typedPaymentMethod(card: TypedCard, moment: Moment): PaymentMethodRecord {
  const number = card.number.replace(/[\s-]/g, '');
  const expYear = card.exp_year < 100 ? CENTURY + card.exp_year : card.exp_year;
  if (!isCardNumber(number)) throw wrong('number', 'incorrect_number', 'Your card number is incorrect.');
  if (card.exp_month < 1 || card.exp_month > MONTHS) {
    throw wrong('exp_month', 'invalid_expiry_month', "Your card's expiration month is invalid.");
  }
  if (!isUnexpired(card.exp_month, expYear, moment.nowSeconds)) {
    throw wrong('exp_year', 'invalid_expiry_year', "Your card's expiration year is invalid.");
  }
  if (!new RegExp(`^\\d{${cvcLength(number)}}$`).test(card.cvc)) {
    throw wrong('cvc', 'invalid_cvc', "Your card's security code is invalid.");
  }
  return createPaymentMethod({ number, expMonth: card.exp_month, expYear, email: null }, moment);
}

function wrong(param: string, code: string, message: string): StripeError {
  return new StripeError(402, { type: 'card_error', code, param, message });
}
