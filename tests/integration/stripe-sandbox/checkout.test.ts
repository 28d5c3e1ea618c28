/** Buying through the hosted checkout page, with the official client on one side and plain forms on the other. */
import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createStarterSession,
  GOOD_CARD,
  knob,
  openPage,
  postForm,
  refusal,
  startTestSandbox,
  type TestSandbox,
  until,
} from '../../support/stripe/stripe-sandbox.ts';

let sandbox: TestSandbox;
let stripe: Stripe;
let nowMs = Date.now();

beforeAll(async () => {
  sandbox = await startTestSandbox({ nowMs: () => nowMs });
  stripe = sandbox.stripe;
});
afterAll(() => sandbox.close());

async function newSession(more: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
  const session = await createStarterSession(stripe, more);
  return { session, url: session.url ?? '' };
}

async function paymentOf(id: string) {
  const session = await stripe.checkout.sessions.retrieve(id, {
    expand: ['payment_intent.latest_charge', 'line_items'],
  });
  const intent = session.payment_intent as Stripe.PaymentIntent | null;
  return { session, intent, charge: (intent?.latest_charge ?? null) as Stripe.Charge | null };
}

async function eventTypes(intentOrSessionId: string): Promise<string[]> {
  const events = await stripe.events.list({ limit: 100 });
  return events.data
    .filter((event) => JSON.stringify(event.data.object).includes(intentOrSessionId))
    .map((event) => event.type)
    .reverse();
}

describe('a good card', () => {
  it('pays, goes on to the success address, and leaves what Stripe would', async () => {
    const { session, url } = await newSession();
    expect(session).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: null,
      amount_total: 999,
    });
    expect((await openPage(url)).status).toBe(200);

    const paid = await postForm(url, GOOD_CARD);
    expect(paid.status).toBe(303);
    expect(paid.location).toBe(`http://kiosk.example/r/token?session=${session.id}`);

    const after = await paymentOf(session.id);
    expect(after.session).toMatchObject({ status: 'complete', payment_status: 'paid', url: null });
    expect(after.session.customer_details?.email).toBe('ana@example.com');
    expect(after.session.line_items?.data[0]).toMatchObject({
      description: 'Starter <1 h>',
      amount_total: 999,
    });
    expect(after.intent).toMatchObject({ status: 'succeeded', amount_received: 999, livemode: false });
    expect(after.intent?.metadata).toEqual({ purchase_id: 'purchase-1' });
    expect(after.charge).toMatchObject({ paid: true, amount: 999, status: 'succeeded' });
    expect(after.charge?.payment_method_details?.card).toMatchObject({ brand: 'visa', last4: '4242' });
    expect(await eventTypes(after.intent?.id ?? '')).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ]);
  });

  it('is charged once, however often the form is sent', async () => {
    const { session, url } = await newSession();
    const answers = await Promise.all(Array.from({ length: 5 }, () => postForm(url, GOOD_CARD)));
    expect(answers.map((answer) => answer.status)).toEqual([303, 303, 303, 303, 303]);
    const { intent } = await paymentOf(session.id);
    const charges = (await eventTypes(intent?.id ?? '')).filter((type) => type === 'charge.succeeded');
    expect(charges).toHaveLength(1);
    expect((await openPage(url)).text).toContain('<h1>Paid</h1>');
  });

  it('never leaves its number anywhere', async () => {
    const { session, url } = await newSession();
    const declined = await postForm(url, { ...GOOD_CARD, number: '4000 0000 0000 0002' });
    await postForm(url, { ...GOOD_CARD, number: '5555 5555 5555 4444' });
    const events = await stripe.events.list({ limit: 100 });
    const everything =
      JSON.stringify([events.data, await paymentOf(session.id)]) + declined.text.split('<section')[0];
    expect(everything).not.toMatch(/5555 ?5555 ?5555 ?4444/);
    expect(everything).not.toMatch(/4000 ?0000 ?0000 ?0002/);
  });
});

describe('a refused card', () => {
  it.each([
    ['4000 0000 0000 0002', 'Your card was declined.', 'generic_decline'],
    ['4000 0000 0000 9995', 'There is not enough money on this card.', 'insufficient_funds'],
    ['4111 1111 1111 1111', 'Only the test cards below work here.', 'test_mode_live_card'],
  ])('%s says why on the page and lets the person try again', async (number, message, declineCode) => {
    const { session, url } = await newSession();
    const declined = await postForm(url, { ...GOOD_CARD, number });
    expect(declined.status).toBe(402);
    expect(declined.text).toContain(message);
    const { session: still, intent, charge } = await paymentOf(session.id);
    expect(still).toMatchObject({ status: 'open', payment_status: 'unpaid' });
    expect(intent).toMatchObject({ status: 'requires_payment_method', amount_received: 0 });
    expect(intent?.last_payment_error).toMatchObject({ type: 'card_error', decline_code: declineCode });
    expect(charge).toMatchObject({ paid: false, status: 'failed' });
    expect(await eventTypes(intent?.id ?? '')).toEqual([
      'payment_intent.created',
      'charge.failed',
      'payment_intent.payment_failed',
    ]);

    expect((await postForm(url, GOOD_CARD)).status).toBe(303);
    const paid = await paymentOf(session.id);
    expect(paid.intent?.id).toBe(intent?.id);
    expect(paid.intent).toMatchObject({ status: 'succeeded', last_payment_error: null });
  });

  it.each([
    ['number', '4242 4242 4242 4241', 'typing mistake'],
    ['expiry', '01 / 20', 'past its date'],
    ['expiry', '13 / 40', 'Type month and year'],
    ['cvc', '12', 'Type the 3 digits'],
    ['email', 'ana@', 'Type an e-mail address'],
  ])('a wrong %s (%s) is told at its field, and nothing is tried', async (field, value, message) => {
    const { session, url } = await newSession();
    const answer = await postForm(url, { ...GOOD_CARD, [field]: value });
    expect(answer.status).toBe(422);
    expect(answer.text).toMatch(new RegExp(`id="${field}"[^>]*aria-describedby="${field}-mistake"`));
    expect(answer.text).toMatch(new RegExp(`id="${field}-mistake">[^<]*${message}`));
    expect((await paymentOf(session.id)).session.payment_intent).toBeNull();
  });
});

describe('3-D Secure', () => {
  const card = { ...GOOD_CARD, number: '4000 0027 6000 3184' };

  it('asks on a page of its own and pays when confirmed', async () => {
    const { session, url } = await newSession();
    const asked = await postForm(url, card);
    expect(asked).toMatchObject({ status: 303, location: `/c/pay/${session.id}/3ds` });
    expect((await paymentOf(session.id)).intent).toMatchObject({ status: 'requires_action' });
    expect((await openPage(`${url}/3ds`)).text).toContain('Is this you?');

    const confirmed = await postForm(`${url}/3ds`, { answer: 'complete' });
    expect(confirmed).toMatchObject({
      status: 303,
      location: `http://kiosk.example/r/token?session=${session.id}`,
    });
    const { intent, charge, session: after } = await paymentOf(session.id);
    expect(after.payment_status).toBe('paid');
    expect(charge?.payment_method_details?.card?.three_d_secure).toMatchObject({ result: 'authenticated' });
    expect(await eventTypes(intent?.id ?? '')).toEqual([
      'payment_intent.created',
      'payment_intent.requires_action',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ]);
  });

  it('goes back to the form when refused, and another card pays', async () => {
    const { session, url } = await newSession();
    await postForm(url, card);
    expect(await postForm(`${url}/3ds`, { answer: 'fail' })).toMatchObject({
      status: 303,
      location: `/c/pay/${session.id}`,
    });
    expect((await openPage(url)).text).toContain('Your bank could not confirm that this is you.');
    const { intent } = await paymentOf(session.id);
    expect(intent).toMatchObject({ status: 'requires_payment_method', latest_charge: null });
    expect(intent?.last_payment_error?.code).toBe('payment_intent_authentication_failure');
    expect((await postForm(url, GOOD_CARD)).status).toBe(303);
    expect((await paymentOf(session.id)).session.payment_status).toBe('paid');
  });

  it('has nothing to answer once it was answered', async () => {
    const { session, url } = await newSession();
    await postForm(url, card);
    await postForm(`${url}/3ds`, { answer: 'complete' });
    await postForm(`${url}/3ds`, { answer: 'fail' });
    expect((await paymentOf(session.id)).intent).toMatchObject({ status: 'succeeded' });
  });
});

describe('the end of a session', () => {
  it('can be expired while open: no card pays it then, and its intent is cancelled', async () => {
    const { session, url } = await newSession();
    await postForm(url, { ...GOOD_CARD, number: '4000000000000002' });
    expect(await stripe.checkout.sessions.expire(session.id)).toMatchObject({ status: 'expired', url: null });
    const late = await postForm(url, GOOD_CARD);
    expect(late.status).toBe(410);
    expect(late.text).toContain('This payment has ended');
    const { session: after, intent } = await paymentOf(session.id);
    expect(after).toMatchObject({ status: 'expired', payment_status: 'unpaid' });
    expect(intent?.status).toBe('canceled');
    expect(await eventTypes(session.id)).toContain('checkout.session.expired');
  });

  it('cannot be expired twice or after it was paid', async () => {
    const { session, url } = await newSession();
    await postForm(url, GOOD_CARD);
    const refused = await refusal(stripe.checkout.sessions.expire(session.id));
    expect(refused).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError' });
    expect(refused.message).toContain('complete');
    expect((await paymentOf(session.id)).session.payment_status).toBe('paid');
  });

  it('comes by time, by itself, with an event', async () => {
    const expiresAt = Math.floor(nowMs / 1000) + 1800;
    const { session, url } = await newSession({ expires_at: expiresAt });
    nowMs = expiresAt * 1000 - 1;
    expect((await openPage(url)).text).toContain('Pay with a test card');
    nowMs = expiresAt * 1000;
    await until(async () => (await eventTypes(session.id)).includes('checkout.session.expired'));
    expect((await postForm(url, GOOD_CARD)).status).toBe(410);
    expect((await paymentOf(session.id)).session.status).toBe('expired');
  });

  it('is asked for between 30 minutes and 24 hours ahead', async () => {
    const nowSeconds = Math.floor(nowMs / 1000);
    for (const seconds of [1799, 86_401]) {
      const refused = await refusal(createStarterSession(stripe, { expires_at: nowSeconds + seconds }));
      expect(refused.param).toBe('expires_at');
    }
    expect((await newSession({ expires_at: nowSeconds + 86_400 })).session.status).toBe('open');
  });
});

describe('the page', () => {
  it('says that it is a test, escapes what it shows, and loads nothing from elsewhere', async () => {
    const { url } = await newSession();
    const page = await openPage(url);
    expect(page.text).toContain('Test payment – no real money');
    expect(page.text).toContain('Starter &lt;1 h&gt;');
    expect(page.text).not.toMatch(/<script|src=|@import|url\(/);
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' http://kiosk.example; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(page.headers.get('cache-control')).toBe('no-store');
  });

  it('speaks the language of the session, or of the browser', async () => {
    const german = await newSession({ locale: 'de' });
    expect((await openPage(german.url)).text).toContain('Testzahlung – kein echtes Geld');
    const auto = await newSession();
    const french = await fetch(auto.url, { headers: { 'Accept-Language': 'ja, fr-FR;q=0.9' } });
    expect(await french.text()).toContain('lang="fr-FR"');
  });

  it('says so when there is no such payment', async () => {
    const page = await openPage(`${sandbox.url}/c/pay/cs_test_nothing`);
    expect(page.status).toBe(404);
    expect(page.text).toContain('We do not know this payment');
  });
});

describe('a bank debit', () => {
  it.each([
    ['succeeded', 'paid', 'succeeded', 'checkout.session.async_payment_succeeded'],
    ['failed', 'unpaid', 'requires_payment_method', 'checkout.session.async_payment_failed'],
  ] as const)(
    'completes the session unpaid, and is decided later: %s',
    async (status, paid, intentStatus, last) => {
      const { session } = await newSession();
      await knob(sandbox.url, `sessions/${session.id}/debit`, {});
      const begun = await paymentOf(session.id);
      expect(begun.session).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
      expect(begun.intent).toMatchObject({ status: 'processing', amount_received: 0 });
      expect(begun.charge).toMatchObject({ status: 'pending', paid: false });
      await knob(sandbox.url, `sessions/${session.id}/debit_end`, { status });
      const decided = await paymentOf(session.id);
      expect(decided.session).toMatchObject({ status: 'complete', payment_status: paid });
      expect(decided.intent).toMatchObject({ status: intentStatus });
      expect(decided.charge).toMatchObject({ status, paid: status === 'succeeded' });
      expect(await eventTypes(session.id)).toEqual(['checkout.session.completed', last]);
      await expect(knob(sandbox.url, `sessions/${session.id}/debit_end`, { status })).rejects.toThrow('400');
    },
  );
});
