/** What a key check asks for: /v1/account and /v1/balance. */
import { z } from 'zod';
import { type Route, route } from './route.ts';

const ACCOUNT_ID = 'acct_embeddedsandbox';

export const accountRoutes: Route[] = [
  route('GET', '/v1/account', z.strictObject({}), () => ({
    id: ACCOUNT_ID,
    object: 'account',
    charges_enabled: true,
    country: 'US',
    default_currency: 'usd',
    details_submitted: true,
    email: null,
    metadata: {},
    payouts_enabled: false,
    type: 'standard',
  })),

  route('GET', '/v1/balance', z.strictObject({}), () => {
    const nothing = [{ amount: 0, currency: 'usd', source_types: { card: 0 } }];
    return { object: 'balance', available: nothing, livemode: false, pending: nothing };
  }),
];
