/** Webhook delivery: signed as Stripe signs, tried again until taken, and the faults that tests ask for. */
import type Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  startReceiver,
  startTestSandbox,
  TEST_WEBHOOK_SECRET,
  type TestSandbox,
  until,
  type WebhookReceiver,
} from '../../support/stripe/stripe-sandbox.ts';

let receiver: WebhookReceiver;
let sandbox: TestSandbox;
let stripe: Stripe;

beforeEach(async () => {
  receiver = await startReceiver();
  sandbox = await startTestSandbox({ webhookUrl: receiver.url });
  stripe = sandbox.stripe;
});
afterEach(async () => {
  await sandbox.close();
  await receiver.close();
});

const createIntent = () => stripe.paymentIntents.create({ amount: 1000, currency: 'usd' });
const typesReceived = () => receiver.received.map(({ event }) => event.type);

it('delivers each event, signed so that the client accepts it and nothing else', async () => {
  const intent = await createIntent();
  await until(() => receiver.received.length === 1);
  const { body, signature } = receiver.received[0] ?? { body: '', signature: '' };
  const event = stripe.webhooks.constructEvent(body, signature, TEST_WEBHOOK_SECRET);
  expect(event.type).toBe('payment_intent.created');
  expect(event.data.object).toMatchObject({ id: intent.id, object: 'payment_intent' });
  expect(() =>
    stripe.webhooks.constructEvent(body.replace('1000', '1'), signature, TEST_WEBHOOK_SECRET),
  ).toThrow();
  expect(() => stripe.webhooks.constructEvent(body, signature, 'whsec_other')).toThrow();
});

it('tries again after a failure and counts what is pending', async () => {
  receiver.answerWith(500);
  await createIntent();
  await until(() => receiver.received.length >= 1);
  const [event] = (await stripe.events.list()).data;
  expect(event?.pending_webhooks).toBe(1);
  expect((await stripe.events.list({ delivery_success: false })).data).toHaveLength(1);
  receiver.answerWith(200);
  await until(async () => (await stripe.events.retrieve(event?.id ?? '')).pending_webhooks === 0);
  expect(new Set(receiver.received.map((received) => received.event.id)).size).toBe(1);
  expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]);
});

it('does not follow a redirect, which counts as a failure', async () => {
  receiver.answerWith(301);
  await createIntent();
  await until(() => receiver.received.length >= 1);
  expect((await stripe.events.list()).data[0]?.pending_webhooks).toBe(1);
});

describe('endpoints made by the API', () => {
  it('get the types they asked for, under their own secret, until they are deleted', async () => {
    const own = await startReceiver();
    try {
      const endpoint = await stripe.webhookEndpoints.create({
        url: own.url,
        enabled_events: ['payment_intent.canceled'],
      });
      expect(endpoint.secret).toMatch(/^whsec_/);
      expect((await stripe.webhookEndpoints.retrieve(endpoint.id)).secret).toBeUndefined();
      const intent = await createIntent();
      await stripe.paymentIntents.cancel(intent.id);
      await until(() => own.received.length === 1 && receiver.received.length === 2);
      const { body, signature } = own.received[0] ?? { body: '', signature: '' };
      const event = stripe.webhooks.constructEvent(body, signature, endpoint.secret ?? '');
      expect(event.type).toBe('payment_intent.canceled');
      expect(await stripe.webhookEndpoints.del(endpoint.id)).toMatchObject({ deleted: true });
      await stripe.paymentIntents.cancel((await createIntent()).id);
      await until(() => receiver.received.length === 4);
      expect(own.received).toHaveLength(1);
    } finally {
      await own.close();
    }
  });
});

describe('faults', () => {
  it('duplicate', async () => {
    await sandbox.faults({ duplicate: '2' });
    await createIntent();
    await until(() => receiver.received.length === 3);
    expect(new Set(receiver.received.map(({ event }) => event.id)).size).toBe(1);
  });

  it('drop: the event is listed but never delivered', async () => {
    await sandbox.faults({ drop: '1' });
    const lost = await createIntent();
    const next = await createIntent();
    await until(() => receiver.received.length === 1);
    expect(receiver.received[0]?.body).toContain(next.id);
    const listed = (await stripe.events.list()).data.map(
      (event) => (event.data.object as Stripe.PaymentIntent).id,
    );
    expect(listed).toEqual([next.id, lost.id]);
  });

  it('reorder: what came last arrives first', async () => {
    await sandbox.faults({ reorder: 'true' });
    await stripe.paymentIntents.create({
      amount: 1000,
      currency: 'usd',
      confirm: true,
      payment_method: 'pm_card_visa',
      return_url: 'http://kiosk.example/',
    });
    await until(() => receiver.received.length === 3);
    expect(typesReceived()).toEqual([
      'payment_intent.succeeded',
      'charge.succeeded',
      'payment_intent.created',
    ]);
  });

  it('delay, of one type only', async () => {
    await sandbox.faults({ delay_ms: '600', types: 'payment_intent.created' });
    const startedMs = Date.now();
    const intent = await createIntent();
    await stripe.paymentIntents.cancel(intent.id);
    await until(() => receiver.received.length === 2);
    expect(typesReceived()).toEqual(['payment_intent.canceled', 'payment_intent.created']);
    expect(Date.now() - startedMs).toBeGreaterThanOrEqual(600);
  });
});
