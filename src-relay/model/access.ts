/** What each kind of caller may call, in the relay and in the Edge Functions: one table, deny by default. */
import type { Caller, Credentials } from './callers.ts';
import { type RelayError, refusals } from './errors.ts';

type Access = 'public' | readonly Caller['kind'][];

/** Every route of the relay and of the Edge Functions. A route that is not here can't be registered. */
export const ACCESS: Readonly<Record<string, Access>> = {
  'GET /health': 'public',
  'GET /metrics': 'public',
  'GET /openapi.json': 'public',
  'GET /pricing': 'public',
  'GET /r/:token': 'public',
  // Proves itself by its sealed token.
  'GET /pay/:token': 'public',
  // Proves itself by its one-time code.
  'POST /enrol': 'public',
  // Only an Edge Function; proves itself by the service role key.
  'POST /housekeeping': 'public',
  // Proves itself by its signature.
  'POST /webhooks/stripe': 'public',
  'POST /create-payment-intent': ['customer', 'kiosk'],
  'POST /checkout-sessions': ['kiosk'],
  'POST /terminal-payments': ['kiosk'],
  'POST /element-payments': ['kiosk'],
  'GET /purchases/:id': ['customer', 'kiosk'],
  'POST /purchases/:id/cancel': ['customer', 'kiosk'],
  'POST /redeem': ['kiosk'],
  'POST /card-batches': ['staff'],
  'GET /card-batches/:id/sheet': ['staff'],
  'POST /wallets/save': ['kiosk'],
  // Only in a fleet, by the Edge Function: a single box makes its rooms itself.
  'POST /rooms/legs': ['kiosk'],
  'GET /rooms/legs/:name': ['kiosk'],
  'POST /rooms/close': ['kiosk'],
  'GET /rooms/health': ['kiosk'],
  // A kiosk reads balances under its visit grant from the database itself, so it needs no way in here.
  'GET /user/:user_id/balance': ['customer'],
  'GET /user/:user_id/analytics': ['customer'],
};

/** The refusal for these credentials on this route, or undefined when they may pass. */
export function refusalFor(route: string, credentials: Credentials): RelayError | undefined {
  const access = Object.hasOwn(ACCESS, route) ? ACCESS[route] : [];
  if (access === 'public') return undefined;
  if (credentials === 'unverifiable') return refusals.databaseUnavailable();
  if (typeof credentials === 'string') return refusals.unauthorized();
  return access?.includes(credentials.kind) ? undefined : refusals.forbidden();
}
