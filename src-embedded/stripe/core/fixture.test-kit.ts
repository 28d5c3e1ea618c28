/** For unit tests: a moment that does not move, with ids that count up, and the cards of the test numbers. */
import type { Moment } from './moment.ts';
import { createIntent, type IntentResult, type NewIntent } from './payment-intent.ts';
import { createPaymentMethod } from './payment-method.ts';
import type { PaymentMethodRecord } from './records.ts';

export const NOW_SECONDS = 1_795_000_000;

export function fixedMoment(nowSeconds = NOW_SECONDS): Moment {
  let count = 0;
  return {
    nowSeconds,
    newId: (prefix) => `${prefix}_${++count}`,
    newSecret: () => `secret${++count}`,
    publicUrl: 'http://127.0.0.1:8030',
  };
}

export function card(number: string, moment: Moment): PaymentMethodRecord {
  return createPaymentMethod({ number, expMonth: 12, expYear: 2049, email: 'ana@example.com' }, moment);
}

export function newIntent(moment: Moment, more: Partial<NewIntent> = {}): IntentResult {
  const input: NewIntent = {
    amount: 999,
    currency: 'usd',
    paymentMethodTypes: ['card'],
    allowedTypes: ['card'],
    allowRedirects: 'never',
    captureMethod: 'automatic_async',
    description: null,
    metadata: { purchase_id: 'p1' },
    receiptEmail: null,
    checkoutSessionId: null,
    ...more,
  };
  return createIntent(input, moment);
}
