import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PurchaseRow } from '../../model/purchase.ts';
import { createCardReader } from './card-reader.ts';
import { createStripeClient } from './client.ts';
import { createStripeGateway } from './gateway.ts';

/** A server that answers everything with an object, and remembers what was asked. */
const asked: { method: string; path: string; key: string | undefined }[] = [];
let server: Server;

beforeAll(async () => {
  server = createServer((request: IncomingMessage, response) => {
    const { method = '', url = '' } = request;
    const key = request.headers['idempotency-key'];
    asked.push({ method, path: url, key: Array.isArray(key) ? key[0] : key });
    request.resume();
    const waiting = { status: 'in_progress', process_payment_intent: { payment_intent: 'pi_1' } };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id: 'x_1', object: 'x', action: waiting, metadata: {}, expires_at: 0 }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterAll(() => {
  server.close();
});

it('sends every call that changes something with a key made from the stored purchase', async () => {
  const { port } = server.address() as AddressInfo;
  const client = createStripeClient('sk_test_only_for_tests', `http://127.0.0.1:${port}`);
  const gateway = createStripeGateway(client);
  const reader = createCardReader(client, 'tmr_1', '');
  const row = {
    purchaseId: 'purchase-1',
    tierId: 'starter',
    tierName: 'Starter',
    currency: 'usd',
    priceCents: 999,
    kioskId: 'kiosk',
    visitId: null,
    checkoutSessionId: 'cs_1',
    paymentIntentId: 'pi_1',
    createdAt: new Date(0).toISOString(),
  } as PurchaseRow;
  // Every door that posts.
  await gateway.openSession(row, { claimUrl: 'https://kiosk.example/r/1', locale: 'de' }, 0);
  await gateway.createIntent(row, 'card');
  await gateway.close(row);
  await gateway.close({ ...row, checkoutSessionId: null });
  await reader.show('pi_1', row.purchaseId, '1');
  await reader.clear(row);
  const posts = asked.filter(({ method }) => method === 'POST');
  expect(posts.map(({ path }) => path)).toEqual([
    '/v1/checkout/sessions',
    '/v1/payment_intents',
    '/v1/checkout/sessions/cs_1/expire',
    '/v1/payment_intents/pi_1/cancel',
    '/v1/terminal/readers/tmr_1/process_payment_intent',
    '/v1/terminal/readers/tmr_1/cancel_action',
  ]);
  for (const { path, key } of posts) expect(key, path).toMatch(/^purchase-1:/);
  expect(new Set(posts.map(({ key }) => key)).size).toBe(posts.length);
});
