import { describe, expect, it } from 'vitest';
import { isLiveKey } from './client.ts';
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

  it('knows live keys', () => {
    expect(['sk_live_1', 'rk_live_1', 'sk_test_live_1'].map(isLiveKey)).toEqual([true, true, false]);
  });
});
