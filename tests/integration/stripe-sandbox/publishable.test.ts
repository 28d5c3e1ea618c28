/** What a browser may do at the sandbox: the publishable key with the client secret of one payment, and nothing else. */
import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  clientOf,
  confirmTyped,
  openPage,
  refusal,
  startTestSandbox,
  TEST_PUBLISHABLE_KEY,
  TEST_SECRET_KEY,
  type TestSandbox,
} from '../../support/stripe/stripe-sandbox.ts';

const DECLINED = '4000000000000002';
const ASKS_BANK = '4000002500003155';

let sandbox: TestSandbox;
let browser: Stripe;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  browser = clientOf(sandbox.url, { apiKey: TEST_PUBLISHABLE_KEY });
});
afterAll(() => sandbox?.close());

async function newIntent(): Promise<{ id: string; secret: string }> {
  const intent = await sandbox.stripe.paymentIntents.create({
    amount: 999,
    currency: 'usd',
    allowed_payment_method_types: ['card'],
    metadata: { purchase_id: 'of-the-merchant' },
  });
  return { id: intent.id, secret: intent.client_secret ?? '' };
}

const typed = (id: string, secret: string, options: Parameters<typeof confirmTyped>[3] = {}) =>
  confirmTyped(sandbox.url, id, secret, options);

async function chargesOf(id: string): Promise<string[]> {
  const { data } = await sandbox.stripe.events.list({ limit: 100 });
  return data
    .filter(({ type, data: { object } }) => type.startsWith('charge.') && JSON.stringify(object).includes(id))
    .map(({ type }) => type);
}

describe('a publishable key', () => {
  it('reads a payment with its client secret, without what is the merchant’s', async () => {
    const { id, secret } = await newIntent();
    const read = await browser.paymentIntents.retrieve(id, { client_secret: secret });
    expect(read).toMatchObject({ id, amount: 999, currency: 'usd', status: 'requires_payment_method' });
    expect(read).not.toHaveProperty('metadata');
  });

  it('does nothing without it, or with that of another payment', async () => {
    const { id } = await newIntent();
    const { secret: ofAnother } = await newIntent();
    for (const given of [undefined, ofAnother, `${id}_secret_`, '']) {
      const read = browser.paymentIntents.retrieve(id, given === undefined ? {} : { client_secret: given });
      expect((await refusal(read)).statusCode).toBe(400);
      const confirmed = await typed(id, given ?? '');
      expect(confirmed).toMatchObject({ status: 400, body: { error: { param: 'client_secret' } } });
      expect(confirmed.body.error).not.toHaveProperty('payment_intent');
    }
    expect(await sandbox.stripe.paymentIntents.retrieve(id)).toMatchObject({
      status: 'requires_payment_method',
    });
    expect(await chargesOf(id)).toEqual([]);
  });

  it('opens nothing else of the API', async () => {
    const { id, secret } = await newIntent();
    const forbidden = [
      browser.paymentIntents.create({ amount: 100, currency: 'usd' }),
      browser.paymentIntents.cancel(id),
      browser.events.list(),
      browser.refunds.create({ payment_intent: id }),
      browser.terminal.readers.retrieve('tmr_test'),
      browser.checkout.sessions.list(),
    ];
    for (const call of forbidden) {
      expect(await refusal(call)).toMatchObject({ statusCode: 401, code: 'secret_key_required' });
    }
    expect((await typed(id, secret)).status).toBe(200);
  });

  it.each([
    ['of the live mode', 'pk_live_only_for_tests'],
    ['of another account', 'pk_test_of_somebody_else'],
    ['that is none', ''],
  ])('%s is refused', async (_, key) => {
    const { id, secret } = await newIntent();
    expect(await typed(id, secret, { key })).toMatchObject({ status: 401 });
    expect(await chargesOf(id)).toEqual([]);
  });
});

describe('a typed card', () => {
  it('is declined, then another one pays; confirmed once more nothing is taken again', async () => {
    const { id, secret } = await newIntent();
    const declined = await typed(id, secret, { number: DECLINED });
    expect(declined).toMatchObject({
      status: 402,
      body: {
        error: {
          type: 'card_error',
          code: 'card_declined',
          decline_code: 'generic_decline',
          payment_intent: { id, status: 'requires_payment_method' },
        },
      },
    });
    expect(JSON.stringify(declined.body)).not.toContain('of-the-merchant');
    expect(await typed(id, secret)).toMatchObject({ status: 200, body: { status: 'succeeded' } });
    const again = await typed(id, secret);
    expect(again).toMatchObject({
      status: 400,
      body: { error: { code: 'payment_intent_unexpected_state', payment_intent: { status: 'succeeded' } } },
    });
    expect(JSON.stringify(again.body)).not.toContain('of-the-merchant');
    expect((await chargesOf(id)).sort()).toEqual(['charge.failed', 'charge.succeeded']);
  });

  it('with a mistake is told by its field, and never reaches a bank', async () => {
    const { id, secret } = await newIntent();
    for (const [fields, code] of [
      [{ 'payment_method_data[card][number]': '4242424242424241' }, 'incorrect_number'],
      [{ 'payment_method_data[card][exp_month]': '13' }, 'invalid_expiry_month'],
      [{ 'payment_method_data[card][exp_year]': '2020' }, 'invalid_expiry_year'],
      [{ 'payment_method_data[card][cvc]': '12' }, 'invalid_cvc'],
    ] as const) {
      expect(await typed(id, secret, { fields })).toMatchObject({
        status: 402,
        body: { error: { type: 'card_error', code } },
      });
    }
    expect(await chargesOf(id)).toEqual([]);
  });

  it('that the bank asks about is paid, or not, by the answer', async () => {
    for (const [answer, status] of [
      ['complete', 'succeeded'],
      ['fail', 'requires_payment_method'],
    ] as const) {
      const { id, secret } = await newIntent();
      const asked = await typed(id, secret, { number: ASKS_BANK });
      expect(asked).toMatchObject({ status: 200, body: { status: 'requires_action' } });
      await fetch(`${sandbox.url}/3ds/${id}`, { method: 'POST', body: new URLSearchParams({ answer }) });
      const after = await browser.paymentIntents.retrieve(id, { client_secret: secret });
      expect(after.status).toBe(status);
    }
  });

  it('is never taken from a server', async () => {
    const { id, secret } = await newIntent();
    const refused = await typed(id, secret, { key: TEST_SECRET_KEY });
    expect(refused).toMatchObject({ status: 400, body: { error: { type: 'invalid_request_error' } } });
  });

  it('and a cancellation at the same time end in one of two ways, both told alike', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id, secret } = await newIntent();
      const [confirmed, cancelled] = await Promise.all([
        typed(id, secret),
        sandbox.stripe.paymentIntents.cancel(id).then(
          () => true,
          () => false,
        ),
      ]);
      const { status, amount_received } = await sandbox.stripe.paymentIntents.retrieve(id);
      expect(status).toBe(cancelled ? 'canceled' : 'succeeded');
      expect(amount_received).toBe(cancelled ? 0 : 999);
      expect(confirmed.status).toBe(cancelled ? 400 : 200);
    }
  });
});

describe('the sandbox’s Stripe.js', () => {
  it('is served as a script, and its fields as a page that sends nothing elsewhere', async () => {
    const script = await openPage(`${sandbox.url}/v3/`);
    expect(script.headers.get('content-type')).toContain('text/javascript');
    const fields = await openPage(`${sandbox.url}/v3/elements?locale=ar`);
    expect(fields.text).toContain('<html lang="ar" dir="rtl">');
    const policy = fields.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("form-action 'none'");
    expect(policy).not.toContain('unsafe');
  });
});
