import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { isKeyTrouble, isLiveKey } from './client.ts';
import { stripeLocale } from './payments.ts';

describe('stripe settings', () => {
  it('chooses the page language', () => {
    expect(['de', 'pt-BR', 'de-AT', 'zh-TW', 'ar', ''].map(stripeLocale)).toEqual([
      'de',
      'pt-BR',
      'de',
      'zh-TW',
      'auto',
      'auto',
    ]);
  });

  it('tells trouble with the own key from trouble with what was asked for', () => {
    const raw = { message: 'x', type: 'invalid_request_error' } as const;
    expect(isKeyTrouble(new Stripe.errors.StripeAuthenticationError(raw))).toBe(true);
    expect(isKeyTrouble(new Stripe.errors.StripePermissionError(raw))).toBe(true);
    expect(isKeyTrouble(new Stripe.errors.StripeInvalidRequestError(raw))).toBe(false);
  });

  it('knows live keys', () => {
    expect(['sk_live_1', 'rk_live_1', 'sk_test_live_1'].map(isLiveKey)).toEqual([true, true, false]);
  });
});
