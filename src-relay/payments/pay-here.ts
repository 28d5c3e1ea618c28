/**
 * Paying with a card typed at the kiosk's own computer (Payment Element), offered on one desktop only: the kiosk of
 * KIOSK_ACCOUNT. Says where Stripe's script and fields come from, so that the page may load nothing else.
 */

import type { DeviceAccount } from '../../src-shared/relay-api.ts';
import { isLiveKey } from '../doors/stripe/client.ts';

export interface PayHere {
  /** The only kiosk at which a card may be typed. */
  kioskId: string;
  publishableKey: string;
  /** Origin of that kiosk's page: nobody else may put the card fields into a frame. */
  stationOrigin: string;
  stripeJs: StripeJs;
}

/** Stripe.js and what it needs by https://docs.stripe.com/security/guide#content-security-policy, or the sandbox's. */
export interface StripeJs {
  url: string;
  scripts: readonly string[];
  frames: readonly string[];
  connections: readonly string[];
}

const STRIPE_ITSELF: StripeJs = {
  url: 'https://js.stripe.com/v3/',
  scripts: ['https://js.stripe.com', 'https://*.js.stripe.com'],
  frames: ['https://js.stripe.com', 'https://*.js.stripe.com', 'https://hooks.stripe.com'],
  connections: ['https://api.stripe.com'],
};

/** Of the relay's variables (environment.ts). */
export interface PayHereSettings {
  KIOSK_ACCOUNT?: DeviceAccount | undefined;
  STATION_ORIGIN?: string | undefined;
  STRIPE_API_BASE: string;
  STRIPE_PUBLISHABLE_KEY?: string | undefined;
  STRIPE_SECRET_KEY: string;
}

/**
 * What the settings offer; undefined without a publishable key.
 * @throws Error when the two keys are of different modes, or when the key has no desktop to be used at
 */
export function payHereOf(env: PayHereSettings): PayHere | undefined {
  const publishableKey = env.STRIPE_PUBLISHABLE_KEY;
  if (!publishableKey) return undefined;
  if (isLiveKey(publishableKey) !== isLiveKey(env.STRIPE_SECRET_KEY)) {
    throw new Error('STRIPE_PUBLISHABLE_KEY and STRIPE_SECRET_KEY must be of the same mode, test or live.');
  }
  if (!env.KIOSK_ACCOUNT || !env.STATION_ORIGIN) {
    throw new Error('STRIPE_PUBLISHABLE_KEY needs KIOSK_ACCOUNT and STATION_ORIGIN: the desktop it is for.');
  }
  return {
    kioskId: env.KIOSK_ACCOUNT.kioskId,
    publishableKey,
    stationOrigin: new URL(env.STATION_ORIGIN).origin,
    stripeJs: env.STRIPE_API_BASE ? sandboxJs(new URL(env.STRIPE_API_BASE).origin) : STRIPE_ITSELF,
  };
}

function sandboxJs(origin: string): StripeJs {
  return { url: `${origin}/v3/`, scripts: [origin], frames: [origin], connections: [origin] };
}
