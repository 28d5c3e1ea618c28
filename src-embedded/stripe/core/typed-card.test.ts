import { expect, it } from 'vitest';
import { StripeError } from './errors.ts';
import { momentNow } from './moment.ts';
import { type TypedCard, typedPaymentMethod } from './typed-card.ts';

const MOMENT = momentNow('http://127.0.0.1:8030', Date.UTC(2026, 10, 25));
const CARD: TypedCard = { number: '4242 4242 4242 4242', exp_month: 11, exp_year: 26, cvc: '123' };

it('makes a payment method that keeps no number, with the year written either way', () => {
  for (const exp_year of [26, 2026]) {
    const { paymentMethod, behaviour } = typedPaymentMethod({ ...CARD, exp_year }, MOMENT);
    expect(paymentMethod.card).toMatchObject({ brand: 'visa', last4: '4242', exp_month: 11, exp_year: 2026 });
    expect(behaviour).toEqual({ kind: 'pays' });
    expect(JSON.stringify(paymentMethod)).not.toMatch(/4242 ?4242/);
  }
});

it.each([
  [{ number: '4242424242424241' }, 'incorrect_number', 'number'],
  [{ number: '' }, 'incorrect_number', 'number'],
  [{ exp_month: 0 }, 'invalid_expiry_month', 'exp_month'],
  [{ exp_month: 10 }, 'invalid_expiry_year', 'exp_year'],
  [{ cvc: '12' }, 'invalid_cvc', 'cvc'],
  [{ number: '378282246310005' }, 'invalid_cvc', 'cvc'],
])('refuses %j as %s', (change, code, param) => {
  const refused = () => typedPaymentMethod({ ...CARD, ...change }, MOMENT);
  expect(refused).toThrow(StripeError);
  expect(refused).toThrow(
    expect.objectContaining({ status: 402, body: expect.objectContaining({ code, param }) }),
  );
});
