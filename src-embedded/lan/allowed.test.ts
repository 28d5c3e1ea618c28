import { describe, expect, it } from 'vitest';
import { judge, networkOf } from './allowed.ts';
import { RequestBudget } from './request-budget.ts';

const NETWORK = networkOf('192.168.1.17/24', 8060);
const TOKEN = 'X-7CFbZUZaZ-bXZuYTWgQQ';
const SESSION = 'cs_test_a1B2c3D4e5F6g7H8i9J0';
const ask = (change: Partial<Parameters<typeof judge>[0]>) =>
  judge(
    { method: 'GET', url: `/r/${TOKEN}`, host: '192.168.1.17:8060', from: '192.168.1.40', ...change },
    NETWORK,
  );

describe('the pages for a phone', () => {
  it('are the claim page, the checkout and its bank page', () => {
    expect(ask({})).toEqual({ kind: 'pass', owner: 'relay', path: `/r/${TOKEN}` });
    for (const method of ['GET', 'POST']) {
      for (const url of [`/c/pay/${SESSION}`, `/c/pay/${SESSION}/3ds`]) {
        expect(ask({ method, url })).toEqual({ kind: 'pass', owner: 'checkout', path: url });
      }
    }
  });

  it('get no query, which some phones add', () => {
    expect(ask({ url: `/r/${TOKEN}?utm_source=x` })).toMatchObject({ path: `/r/${TOKEN}` });
  });

  it.each([
    '/',
    '/health',
    '/metrics',
    '/purchases',
    '/redeem',
    '/webhooks/stripe',
    '/v1/payment_intents',
    '/v1/checkout/sessions',
    '/trpc/visit.snapshot',
    '/launch?nonce=x',
    '/admin',
    `/pay/${TOKEN}`,
    '/terminal/tmr_simulated',
    '/3ds/pi_123456789',
    `/r/${TOKEN}/`,
    `//r/${TOKEN}`,
    `/r/../health`,
    `/r/..%2f..%2fhealth`,
    `/r/${TOKEN}%00`,
    `/r/${TOKEN};/../../health`,
    `/R/${TOKEN}`,
    `http://127.0.0.1:8003/r/${TOKEN}`,
    '/c/pay/cs_live_a1B2c3D4e5F6g7H8i9J0',
    `/c/pay/${SESSION}/../../../v1/refunds`,
    `/c/pay/${SESSION}/3ds/x`,
    `/r/${'a'.repeat(65)}`,
    '*',
    '',
  ])('are not %s', (url) => {
    for (const method of ['GET', 'POST', 'PUT']) {
      expect(ask({ method, url })).toEqual({ kind: 'refuse', status: 404 });
    }
  });

  it('are asked for by their own methods only', () => {
    expect(ask({ method: 'POST' })).toEqual({ kind: 'refuse', status: 405 });
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'HEAD', 'CONNECT', 'TRACE', '']) {
      expect(ask({ method, url: `/c/pay/${SESSION}` })).toEqual({ kind: 'refuse', status: 405 });
    }
  });

  it('are for the name we gave and for the same network', () => {
    for (const host of [
      undefined,
      '',
      '192.168.1.17',
      '127.0.0.1:8060',
      'evil.example:8060',
      '192.168.1.17:8003',
    ]) {
      expect(ask({ host })).toEqual({ kind: 'refuse', status: 421 });
    }
    for (const from of ['192.168.2.1', '8.8.8.8', '127.0.0.1', '', '::1', '::ffff:192.168.2.1']) {
      expect(ask({ from })).toEqual({ kind: 'refuse', status: 403 });
    }
  });
});

describe('the budget of requests', () => {
  it('is one phone’s, and all phones’ together, for a minute', () => {
    const budget = new RequestBudget({ each: 2, all: 3 });
    expect([0, 1, 2].map((at) => budget.take('a', at))).toEqual([true, true, false]);
    expect([3, 4].map((at) => budget.take('b', at))).toEqual([true, false]);
    expect(budget.take('c', 59_999)).toBe(false);
    expect(budget.take('a', 60_000)).toBe(true);
  });
});
