/** What the sandbox refuses, in Stripe's words, and what it tells about itself. */
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  clientOf,
  createStarterSession,
  knob,
  refusal,
  startTestSandbox,
  TEST_SECRET_KEY,
  type TestSandbox,
} from '../../support/stripe/stripe-sandbox.ts';

let sandbox: TestSandbox;
let stripe: Stripe;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  stripe = sandbox.stripe;
});
afterAll(() => sandbox.close());

const TEN_DOLLARS = { amount: 1000, currency: 'usd' } as const;

describe('what is refused', () => {
  it('another key, none, and another version', async () => {
    const stranger = clientOf(sandbox.url, { apiKey: 'sk_test_somebody_else' });
    expect(await refusal(stranger.balance.retrieve())).toMatchObject({
      statusCode: 401,
      type: 'StripeAuthenticationError',
    });
    expect((await fetch(`${sandbox.url}/v1/balance`)).status).toBe(401);
    const older = await fetch(`${sandbox.url}/v1/balance`, {
      headers: { Authorization: `Bearer ${TEST_SECRET_KEY}`, 'Stripe-Version': '2020-08-27' },
    });
    expect(older.status).toBe(400);
    expect((await stripe.balance.retrieve()).livemode).toBe(false);
  });

  it('an endpoint it does not have', async () => {
    const refused = await refusal(stripe.customers.create({ email: 'ana@example.com' }));
    expect(refused).toMatchObject({ statusCode: 404, type: 'StripeInvalidRequestError' });
    expect(refused.message).toContain('Unrecognized request URL (POST: /v1/customers)');
  });

  it('a parameter it does not know, at its place', async () => {
    const refused = await refusal(
      createStarterSession(stripe, { payment_intent_data: { setup_future_usage: 'off_session' } }),
    );
    expect(refused).toMatchObject({
      statusCode: 400,
      code: 'parameter_unknown',
      param: 'payment_intent_data[setup_future_usage]',
    });
  });

  it('payment_method_types, which this version of the API no longer takes', async () => {
    const old = { ...TEN_DOLLARS, payment_method_types: ['card'] };
    const refused = await refusal(stripe.paymentIntents.create(old));
    expect(refused.code).toBe('payment_method_types_no_longer_supported');
    const both = {
      ...TEN_DOLLARS,
      allowed_payment_method_types: ['card'],
      automatic_payment_methods: { enabled: true },
    };
    expect((await refusal(stripe.paymentIntents.create(both))).code).toBe('parameters_exclusive');
  });

  it('a missing, a wrong and a too small one', async () => {
    const url = `${sandbox.url}/v1/payment_intents`;
    const send = async (body: string) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${TEST_SECRET_KEY}`,
          'Content-Type': 'application/x-www-form-urlencoded',
        },
        body,
      });
      return ((await response.json()) as { error: { code: string; param: string } }).error;
    };
    expect(await send('currency=usd')).toMatchObject({ code: 'parameter_missing', param: 'amount' });
    expect(await send('currency=usd&amount=9.99')).toMatchObject({
      code: 'parameter_invalid_integer',
      param: 'amount',
    });
    expect(await send('currency=usd&amount=49')).toMatchObject({ code: 'amount_too_small', param: 'amount' });
    expect(await send('currency=usd&amount=100&metadata[a][b]=1')).toMatchObject({ param: 'metadata[a]' });
    expect(await send('__proto__[x]=1')).toMatchObject({ type: 'invalid_request_error' });
  });

  it('a body that is not form-encoded', async () => {
    const response = await fetch(`${sandbox.url}/v1/payment_intents`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${TEST_SECRET_KEY}`, 'Content-Type': 'application/json' },
      body: '{"amount":1000,"currency":"usd"}',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  it('the knobs, where they are not switched on', async () => {
    const plain = await startTestSandbox({ faults: false });
    try {
      await expect(knob(plain.url, 'faults', { drop: '1' })).rejects.toThrow('404');
    } finally {
      await plain.close();
    }
  });
});

it('answers /health with its instance', async () => {
  const health = await (await fetch(`${sandbox.url}/health`)).json();
  expect(health).toMatchObject({ status: 'ok', service: 'stripe', instance: 'test' });
  expect(Stripe.API_VERSION).toBe('2026-10-28.endive');
});

it('tells its figures to Prometheus', async () => {
  await refusal(stripe.customers.create({}));
  const text = await (await fetch(`${sandbox.url}/metrics`)).text();
  expect(text).toMatch(/^mindbot_stripe_sandbox_requests_total\{.*method="POST".*status="404".*\} [1-9]/m);
  expect(text).toMatch(/^mindbot_stripe_sandbox_webhook_deliveries_pending\{.*\} 0$/m);
});
