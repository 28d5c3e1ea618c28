/** Idempotency keys: the same answer again, whatever happened to the first one. */
import type Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  clientOf,
  createStarterSession,
  refusal,
  startTestSandbox,
  type TestSandbox,
} from '../../support/stripe/stripe-sandbox.ts';

let sandbox: TestSandbox;
let stripe: Stripe;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  stripe = sandbox.stripe;
});
afterEach(() => sandbox.faults({}));
afterAll(() => sandbox.close());

const TEN_DOLLARS = { amount: 1000, currency: 'usd' } as const;

describe('Idempotency-Key', () => {
  it('gives the saved answer again and does nothing twice', async () => {
    const options = { idempotencyKey: 'purchase-42' };
    const first = await createStarterSession(stripe, {}, options);
    const second = await createStarterSession(stripe, {}, options);
    expect(second).toEqual(first);
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(second.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId);
  });

  it('gives a decline again without a second charge', async () => {
    const { id } = await stripe.paymentIntents.create({
      ...TEN_DOLLARS,
      allowed_payment_method_types: ['card'],
    });
    const confirm = () =>
      refusal(
        stripe.paymentIntents.confirm(
          id,
          { payment_method: 'pm_card_chargeDeclined' },
          { idempotencyKey: `c-${id}` },
        ),
      );
    const [first, second] = [await confirm(), await confirm()];
    expect(second.charge).toBe(first.charge);
    const failed = await stripe.events.list({ type: 'charge.failed', limit: 100 });
    expect(failed.data.filter((event) => JSON.stringify(event.data).includes(id))).toHaveLength(1);
  });

  it('gives a 500 again too', async () => {
    await sandbox.faults({ api_errors: '1' });
    const create = () => stripe.paymentIntents.create(TEN_DOLLARS, { idempotencyKey: 'ill-fated' });
    expect(await refusal(create())).toMatchObject({ statusCode: 500, type: 'StripeAPIError' });
    expect(await refusal(create())).toMatchObject({ statusCode: 500 });
    expect((await stripe.paymentIntents.create(TEN_DOLLARS, { idempotencyKey: 'fresh' })).object).toBe(
      'payment_intent',
    );
  });

  it('refuses other parameters and another endpoint', async () => {
    const options = { idempotencyKey: 'one-thing' };
    await stripe.paymentIntents.create(TEN_DOLLARS, options);
    for (const call of [
      () => stripe.paymentIntents.create({ ...TEN_DOLLARS, amount: 1001 }, options),
      () => createStarterSession(stripe, {}, options),
    ]) {
      expect(await refusal(call())).toMatchObject({ statusCode: 400, type: 'StripeIdempotencyError' });
    }
  });

  it('keeps nothing for a request whose parameters were wrong', async () => {
    const options = { idempotencyKey: 'mended' };
    const wrong = await refusal(stripe.paymentIntents.create({ amount: 1000, currency: 'dollars' }, options));
    expect(wrong).toMatchObject({ statusCode: 400, param: 'currency' });
    expect((await stripe.paymentIntents.create(TEN_DOLLARS, options)).amount).toBe(1000);
  });

  it('is refused with 409 while the first request is under way; the client waits and gets its answer', async () => {
    await sandbox.faults({ api_delay_ms: '300' });
    const options = { idempotencyKey: 'twins' };
    const create = (client: Stripe) => client.paymentIntents.create(TEN_DOLLARS, options);
    const twins = await Promise.allSettled([create(stripe), create(stripe)]);
    const [done, refused] = twins.toSorted((one, other) => one.status.localeCompare(other.status));
    expect(done).toMatchObject({ status: 'fulfilled' });
    expect(refused).toMatchObject({ reason: { statusCode: 409, code: 'idempotency_key_in_use' } });

    const late = { ...options, idempotencyKey: 'patient twins' };
    const patient = clientOf(sandbox.url, { retries: 3 });
    const [one, two] = await Promise.all([
      patient.paymentIntents.create(TEN_DOLLARS, late),
      patient.paymentIntents.create(TEN_DOLLARS, late),
    ]);
    expect(two.id).toBe(one.id);
  });

  it('finds the answer that was lost with the connection', async () => {
    await sandbox.faults({ api_disconnects: '1' });
    const retrying = clientOf(sandbox.url, { retries: 2 });
    const intent = await retrying.paymentIntents.create({ ...TEN_DOLLARS, description: 'lost once' });
    const created = await stripe.events.list({ type: 'payment_intent.created', limit: 100 });
    const mine = created.data.filter((event) => JSON.stringify(event).includes('lost once'));
    expect(mine.map((event) => (event.data.object as Stripe.PaymentIntent).id)).toEqual([intent.id]);
  });
});
