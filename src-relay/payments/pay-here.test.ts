import { describe, expect, it } from 'vitest';
import { payHereOf } from './pay-here.ts';

const KIOSK = {
  kioskId: '6a4d4a4e-58a7-4a2c-8a34-5a5f6b0f7c02',
  name: 'Desk',
  email: 'desk@kiosk.example',
  password: 'a password',
};
const LIVE = {
  KIOSK_ACCOUNT: KIOSK,
  STATION_ORIGIN: 'http://127.0.0.1:8010',
  STRIPE_API_BASE: '',
  STRIPE_PUBLISHABLE_KEY: 'pk_live_1',
  STRIPE_SECRET_KEY: 'sk_live_1',
};

describe('payHereOf', () => {
  it('offers nothing without a publishable key', () => {
    expect(payHereOf({ ...LIVE, STRIPE_PUBLISHABLE_KEY: undefined })).toBeUndefined();
  });

  it('takes the script and the fields from Stripe itself, or all from the sandbox', () => {
    expect(payHereOf(LIVE)).toEqual({
      kioskId: KIOSK.kioskId,
      publishableKey: 'pk_live_1',
      stationOrigin: 'http://127.0.0.1:8010',
      stripeJs: {
        url: 'https://js.stripe.com/v3/',
        scripts: ['https://js.stripe.com', 'https://*.js.stripe.com'],
        frames: ['https://js.stripe.com', 'https://*.js.stripe.com', 'https://hooks.stripe.com'],
        connections: ['https://api.stripe.com'],
      },
    });
    const sandbox = payHereOf({
      ...LIVE,
      STRIPE_API_BASE: 'http://127.0.0.1:8030/',
      STRIPE_PUBLISHABLE_KEY: 'pk_test_1',
      STRIPE_SECRET_KEY: 'sk_test_1',
    });
    const origin = 'http://127.0.0.1:8030';
    expect(sandbox?.stripeJs).toEqual({
      url: `${origin}/v3/`,
      scripts: [origin],
      frames: [origin],
      connections: [origin],
    });
  });

  it.each([
    ['keys of two modes', { STRIPE_PUBLISHABLE_KEY: 'pk_test_1' }, /same mode/],
    ['no desktop', { KIOSK_ACCOUNT: undefined }, /KIOSK_ACCOUNT/],
    ['nobody to show it', { STATION_ORIGIN: undefined }, /STATION_ORIGIN/],
  ])('refuses to start with %s', (_, change, message) => {
    expect(() => payHereOf({ ...LIVE, ...change })).toThrow(message);
  });
});
