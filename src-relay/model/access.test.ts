import { describe, expect, it } from 'vitest';
import { ACCESS, refusalFor } from './access.ts';
import type { Credentials } from './callers.ts';

const USER = '5f0f6f8e-6d0a-4b52-9a57-0d9f3b8f5a01';
const KIOSK = '6a4d4a4e-58a7-4a2c-8a34-5a5f6b0f7c02';
const CUSTOMER: Credentials = { kind: 'customer', authUserId: USER };
const STAFF: Credentials = { kind: 'staff', authUserId: USER };
const KIOSK_CALLER: Credentials = { kind: 'kiosk', authUserId: USER, kioskId: KIOSK };

const status = (route: string, credentials: Credentials) =>
  refusalFor(route, credentials)?.status ?? 'passes';

describe('refusalFor', () => {
  it('keeps open to everyone only prices, health, this API and what proves itself', () => {
    const open = Object.keys(ACCESS).filter((route) => status(route, 'none') === 'passes');
    expect(open.sort()).toEqual([
      'GET /health',
      'GET /metrics',
      'GET /openapi.json',
      'GET /pay/:token',
      'GET /pricing',
      'GET /r/:token',
      'POST /enrol',
      'POST /housekeeping',
      'POST /webhooks/stripe',
    ]);
  });

  it('lets each kind of caller do its own and nothing else', () => {
    const table = Object.keys(ACCESS)
      .filter((route) => ACCESS[route] !== 'public')
      .map((route) => [route, ...[CUSTOMER, KIOSK_CALLER, STAFF].map((caller) => status(route, caller))]);
    expect(table).toEqual([
      ['POST /create-payment-intent', 'passes', 'passes', 403],
      ['POST /checkout-sessions', 403, 'passes', 403],
      ['POST /terminal-payments', 403, 'passes', 403],
      ['POST /element-payments', 403, 'passes', 403],
      ['GET /purchases/:id', 'passes', 'passes', 403],
      ['POST /purchases/:id/cancel', 'passes', 'passes', 403],
      ['POST /redeem', 403, 'passes', 403],
      ['POST /card-batches', 403, 403, 'passes'],
      ['GET /card-batches/:id/sheet', 403, 403, 'passes'],
      ['POST /wallets/save', 403, 'passes', 403],
      ['POST /rooms/legs', 403, 'passes', 403],
      ['GET /rooms/legs/:name', 403, 'passes', 403],
      ['POST /rooms/close', 403, 'passes', 403],
      ['GET /rooms/health', 403, 'passes', 403],
      ['GET /user/:user_id/balance', 'passes', 403, 403],
      ['GET /user/:user_id/analytics', 'passes', 403, 403],
    ]);
  });

  it('denies routes that are in no table, and asks for a sign-in first', () => {
    expect(status('GET /unknown', KIOSK_CALLER)).toBe(403);
    expect(status('toString', KIOSK_CALLER)).toBe(403);
    expect(status('POST /redeem', 'none')).toBe(401);
    expect(status('POST /redeem', 'rejected')).toBe(401);
    expect(status('POST /redeem', 'unverifiable')).toBe(503);
  });
});
