import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../src-runtime/environment.ts';
import { relayEnvironment } from './environment.ts';

describe('relayEnvironment', () => {
  const GOOD = {
    PORT: '8003',
    PUBLIC_URL: 'http://127.0.0.1:8003/',
    SUPABASE_URL: 'http://127.0.0.1:8020',
    SUPABASE_SERVICE_ROLE_KEY: 'b',
    STRIPE_SECRET_KEY: 'sk_test_1',
    STRIPE_WEBHOOK_SECRET: 'whsec_a, whsec_b',
    CODE_KEYS: JSON.stringify([{ id: 'k1', secret: Buffer.alloc(32).toString('base64url') }]),
  };

  it('reads lists and addresses', () => {
    expect(readEnvironment(relayEnvironment, GOOD)).toMatchObject({
      PUBLIC_URL: 'http://127.0.0.1:8003',
      STRIPE_WEBHOOK_SECRET: ['whsec_a', 'whsec_b'],
      STRIPE_API_BASE: '',
    });
  });

  it.each([
    ['STRIPE_WEBHOOK_SECRET', ''],
    ['STRIPE_WEBHOOK_SECRET', 'whsec_a,'],
    ['STRIPE_SECRET_KEY', 'pk_test_1'],
    ['STRIPE_PUBLISHABLE_KEY', 'sk_test_1'],
    ['STATION_ORIGIN', 'file:///'],
    ['CODE_KEYS', '[]'],
    ['CODE_KEYS', 'not json'],
    ['CODE_KEYS', '[{"id":"k1","secret":"c2hvcnQ"}]'],
    ['KIOSK_ACCOUNT', '{"kioskId":"x"}'],
    ['PUBLIC_URL', 'ftp://x'],
  ])('refuses to start with %s=%s', (name, value) => {
    expect(() => readEnvironment(relayEnvironment, { ...GOOD, [name]: value })).toThrow(name);
  });
});
