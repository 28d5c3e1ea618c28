/**
 * Stripe's published test cards and test payment methods, and what each of them does.
 * Source: https://docs.stripe.com/testing. A number lives only while its request is handled.
 */

export interface CardDecline {
  kind: 'declines';
  code: 'card_declined' | 'expired_card' | 'incorrect_cvc' | 'processing_error';
  declineCode: string | null;
  message: string;
}

export type CardBehaviour = { kind: 'pays' } | { kind: 'asks_three_d_secure' } | CardDecline;

/** All that is kept of a card. */
export interface CardFacts {
  brand: 'visa' | 'mastercard' | 'amex' | 'unknown';
  last4: string;
  expMonth: number;
  expYear: number;
}

function declines(code: CardDecline['code'], declineCode: string | null, message: string): CardDecline {
  return { kind: 'declines', code, declineCode, message };
}

const PAYS: CardBehaviour = { kind: 'pays' };
const ASKS: CardBehaviour = { kind: 'asks_three_d_secure' };
const GENERIC = declines('card_declined', 'generic_decline', 'Your card was declined.');
const INSUFFICIENT = declines('card_declined', 'insufficient_funds', 'Your card has insufficient funds.');
const NOT_A_TEST_CARD = declines(
  'card_declined',
  'test_mode_live_card',
  'Your card was declined: this is test mode, and the card is not a test card.',
);

const BEHAVIOUR_OF_NUMBER = new Map<string, CardBehaviour>([
  ['4242424242424242', PAYS],
  ['4000056655665556', PAYS],
  ['5555555555554444', PAYS],
  ['378282246310005', PAYS],
  ['4000000000007726', PAYS],
  ['4000000000000002', GENERIC],
  ['4000000000009995', INSUFFICIENT],
  ['4000000000000069', declines('expired_card', 'expired_card', 'Your card has expired.')],
  ['4000000000000127', declines('incorrect_cvc', 'incorrect_cvc', "Your card's security code is incorrect.")],
  [
    '4000000000000119',
    declines('processing_error', 'processing_error', 'An error occurred while processing.'),
  ],
  ['4000002760003184', ASKS],
  ['4000002500003155', ASKS],
]);

const NUMBER_OF_PAYMENT_METHOD = new Map<string, string>([
  ['pm_card_visa', '4242424242424242'],
  ['pm_card_visa_debit', '4000056655665556'],
  ['pm_card_mastercard', '5555555555554444'],
  ['pm_card_amex', '378282246310005'],
  ['pm_card_chargeDeclined', '4000000000000002'],
  ['pm_card_visa_chargeDeclined', '4000000000000002'],
  ['pm_card_chargeDeclinedInsufficientFunds', '4000000000009995'],
  ['pm_card_visa_chargeDeclinedInsufficientFunds', '4000000000009995'],
  ['pm_card_authenticationRequired', '4000002760003184'],
]);

/** The test number behind `pm_card_…`, or undefined. */
export function testPaymentMethodNumber(id: string): string | undefined {
  return NUMBER_OF_PAYMENT_METHOD.get(id);
}

/** What a well-formed number does; a number that isn't a test card is declined, as Stripe's test mode does. */
export function behaviourOf(number: string): CardBehaviour {
  return BEHAVIOUR_OF_NUMBER.get(number) ?? NOT_A_TEST_CARD;
}

/** Brand by the first digits, enough for the test cards. */
export function brandOf(number: string): CardFacts['brand'] {
  if (/^4/.test(number)) return 'visa';
  if (/^(5[1-5]|2[2-7])/.test(number)) return 'mastercard';
  if (/^3[47]/.test(number)) return 'amex';
  return 'unknown';
}

/** Digits of the security code: 4 on American Express, else 3. */
export function cvcLength(number: string): 3 | 4 {
  return brandOf(number) === 'amex' ? 4 : 3;
}

/** The check digit of ISO/IEC 7812 (Luhn), and a length that cards have. */
export function isCardNumber(number: string): boolean {
  if (!/^\d{12,19}$/.test(number)) return false;
  const sum = [...number].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** Whether a card is still good in the month of `nowSeconds` (UTC). */
export function isUnexpired(expMonth: number, expYear: number, nowSeconds: number): boolean {
  const now = new Date(nowSeconds * 1000);
  return expYear * 12 + expMonth >= now.getUTCFullYear() * 12 + now.getUTCMonth() + 1;
}
