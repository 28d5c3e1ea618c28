import { describe, expect, it } from 'vitest';
import {
  behaviourOf,
  brandOf,
  cvcLength,
  isCardNumber,
  isUnexpired,
  testPaymentMethodNumber,
} from './cards.ts';

describe('isCardNumber', () => {
  it.each(['4242424242424242', '4000000000000002', '378282246310005', '5555555555554444'])(
    'takes %s',
    (number) => {
      expect(isCardNumber(number)).toBe(true);
    },
  );

  it('refuses each single wrong digit of a good number', () => {
    const good = '4242424242424242';
    for (let place = 0; place < good.length; place += 1) {
      for (let digit = 0; digit < 10; digit += 1) {
        const changed = good.slice(0, place) + digit + good.slice(place + 1);
        expect(isCardNumber(changed)).toBe(changed === good);
      }
    }
  });

  it.each(['', '4242', '42424242424242424242', '4242 4242 4242 4242', 'abcdabcdabcdabcd'])(
    'refuses "%s"',
    (number) => {
      expect(isCardNumber(number)).toBe(false);
    },
  );
});

describe('what a card does', () => {
  it('is by its number, and a card that is not a test card is declined', () => {
    expect(behaviourOf('4242424242424242')).toEqual({ kind: 'pays' });
    expect(behaviourOf('4000002760003184')).toEqual({ kind: 'asks_three_d_secure' });
    expect(behaviourOf('4000000000009995')).toMatchObject({
      kind: 'declines',
      declineCode: 'insufficient_funds',
    });
    expect(behaviourOf('4111111111111111')).toMatchObject({ declineCode: 'test_mode_live_card' });
  });

  it('has a payment method id for the API', () => {
    expect(testPaymentMethodNumber('pm_card_visa')).toBe('4242424242424242');
    expect(testPaymentMethodNumber('pm_card_gold')).toBeUndefined();
  });
});

it('knows brands, and that American Express has a longer code', () => {
  expect(['42', '55', '2221', '37', '60'].map(brandOf)).toEqual([
    'visa',
    'mastercard',
    'mastercard',
    'amex',
    'unknown',
  ]);
  expect([cvcLength('37'), cvcLength('42')]).toEqual([4, 3]);
});

it('lets a card live to the end of its month', () => {
  const lastOfMay = Date.UTC(2030, 4, 31, 23, 59, 59) / 1000;
  expect(isUnexpired(5, 2030, lastOfMay)).toBe(true);
  expect(isUnexpired(5, 2030, lastOfMay + 1)).toBe(false);
  expect(isUnexpired(12, 2029, lastOfMay)).toBe(false);
});
