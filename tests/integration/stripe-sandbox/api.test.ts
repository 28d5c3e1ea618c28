/** The sandbox's API as the official client sees it: intents, refunds, disputes, events, Terminal. */
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
} from '../../support/stripe/stripe-sandbox.ts';

let sandbox: TestSandbox;
let stripe: Stripe;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  stripe = sandbox.stripe;
});
afterAll(() => sandbox.close());

const TEN_DOLLARS = { amount: 1000, currency: 'usd' } as const;
const RETURN_URL = 'http://kiosk.example/back';

async function paidIntent(amount = 1000): Promise<Stripe.PaymentIntent> {
  return stripe.paymentIntents.create({
    amount,
    currency: 'usd',
    payment_method: 'pm_card_visa',
    confirm: true,
    return_url: RETURN_URL,
  });
}

describe('PaymentIntents', () => {
  it('are created, read, confirmed', async () => {
    const created = await stripe.paymentIntents.create({
      ...TEN_DOLLARS,
      automatic_payment_methods: { enabled: true },
      metadata: { purchase_id: 'p1' },
    });
    expect(created).toMatchObject({ status: 'requires_payment_method', metadata: { purchase_id: 'p1' } });
    expect(created.client_secret).toMatch(new RegExp(`^${created.id}_secret_\\w{24}$`));
    const confirmed = await stripe.paymentIntents.confirm(created.id, {
      payment_method: 'pm_card_visa',
      return_url: RETURN_URL,
    });
    expect(confirmed).toMatchObject({ status: 'succeeded', amount_received: 1000 });
    const charge = await stripe.charges.retrieve(String(confirmed.latest_charge));
    expect(charge).toMatchObject({ paid: true, payment_intent: created.id, metadata: { purchase_id: 'p1' } });
    expect(await stripe.paymentIntents.retrieve(created.id)).toMatchObject({ status: 'succeeded' });
  });

  it('tell a decline as a card error, keep its traces, and can be tried again', async () => {
    const { id } = await stripe.paymentIntents.create({
      ...TEN_DOLLARS,
      allowed_payment_method_types: ['card'],
    });
    const refused = await refusal(
      stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_chargeDeclined' }),
    );
    expect(refused).toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      code: 'card_declined',
      decline_code: 'generic_decline',
    });
    expect(refused.payment_intent).toMatchObject({ id, status: 'requires_payment_method' });
    expect(refused.requestId).toMatch(/^req_/);
    const charge = await stripe.charges.retrieve(String(refused.charge));
    expect(charge).toMatchObject({ paid: false, failure_code: 'card_declined' });
    const paid = await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' });
    expect(paid.status).toBe('succeeded');
  });

  it('send a person to the bank page and back', async () => {
    const intent = await stripe.paymentIntents.create({
      ...TEN_DOLLARS,
      payment_method: 'pm_card_authenticationRequired',
      confirm: true,
      return_url: RETURN_URL,
    });
    expect(intent.status).toBe('requires_action');
    const url = intent.next_action?.redirect_to_url?.url ?? '';
    expect((await openPage(url)).text).toContain('Is this you?');
    const back = await postForm(url, { answer: 'complete' });
    expect(back.location).toBe(
      `${RETURN_URL}?payment_intent=${intent.id}&payment_intent_client_secret=${intent.client_secret}&redirect_status=succeeded`,
    );
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      status: 'succeeded',
      next_action: null,
    });
  });

  it('are cancelled until they are paid, and then stay cancelled', async () => {
    const open = await stripe.paymentIntents.create(TEN_DOLLARS);
    const cancelled = await stripe.paymentIntents.cancel(open.id, { cancellation_reason: 'abandoned' });
    expect(cancelled).toMatchObject({ status: 'canceled', cancellation_reason: 'abandoned' });
    const paid = await paidIntent();
    for (const call of [
      () =>
        stripe.paymentIntents.confirm(open.id, { payment_method: 'pm_card_visa', return_url: RETURN_URL }),
      () => stripe.paymentIntents.cancel(open.id),
      () => stripe.paymentIntents.cancel(paid.id),
    ]) {
      expect(await refusal(call())).toMatchObject({
        statusCode: 400,
        code: 'payment_intent_unexpected_state',
      });
    }
  });

  it('of a Checkout Session obey the session only', async () => {
    const session = await createStarterSession(stripe);
    await postForm(session.url ?? '', { ...GOOD_CARD, number: '4000000000000002' });
    const { payment_intent: id } = await stripe.checkout.sessions.retrieve(session.id);
    expect(await refusal(stripe.paymentIntents.cancel(String(id)))).toMatchObject({ statusCode: 400 });
  });
});

describe('Refunds', () => {
  it('give back in parts, never more than was paid, and tell it', async () => {
    const intent = await paidIntent(999);
    const part = await stripe.refunds.create({ payment_intent: intent.id, amount: 400 });
    expect(part).toMatchObject({ status: 'succeeded', amount: 400, charge: intent.latest_charge });
    const tooMuch = await refusal(stripe.refunds.create({ payment_intent: intent.id, amount: 600 }));
    expect(tooMuch).toMatchObject({ statusCode: 400, param: 'amount' });
    const rest = await stripe.refunds.create({ charge: String(intent.latest_charge) });
    expect(rest.amount).toBe(599);
    expect(await stripe.charges.retrieve(String(intent.latest_charge))).toMatchObject({
      amount_refunded: 999,
      refunded: true,
    });
    const none = await refusal(stripe.refunds.create({ payment_intent: intent.id }));
    expect(none.code).toBe('charge_already_refunded');
    expect(await stripe.refunds.retrieve(part.id)).toMatchObject({ id: part.id, payment_intent: intent.id });
    const events = await stripe.events.list({ types: ['charge.refunded', 'refund.created'], limit: 4 });
    expect(events.data.map((event) => event.type)).toEqual([
      'charge.refunded',
      'refund.created',
      'charge.refunded',
      'refund.created',
    ]);
  });

  it('need a paid charge', async () => {
    const intent = await stripe.paymentIntents.create(TEN_DOLLARS);
    expect(await refusal(stripe.refunds.create({ payment_intent: intent.id }))).toMatchObject({
      statusCode: 400,
    });
    expect(await refusal(stripe.refunds.create({ payment_intent: 'pi_none' }))).toMatchObject({
      code: 'resource_missing',
    });
  });
});

describe('Disputes', () => {
  it('are opened and decided by a knob, with their events, and block a refund', async () => {
    const intent = await paidIntent();
    const opened = await knob(sandbox.url, 'disputes', { payment_intent: intent.id });
    expect(await stripe.disputes.retrieve(opened.id)).toMatchObject({
      status: 'needs_response',
      amount: 1000,
    });
    expect(await stripe.charges.retrieve(String(intent.latest_charge))).toMatchObject({ disputed: true });
    expect((await refusal(stripe.refunds.create({ payment_intent: intent.id }))).code).toBe(
      'charge_disputed',
    );
    expect(await knob(sandbox.url, `disputes/${opened.id}/close`, { status: 'lost' })).toMatchObject({
      status: 'lost',
    });
    await expect(knob(sandbox.url, `disputes/${opened.id}/close`, { status: 'won' })).rejects.toThrow('400');
    const events = await stripe.events.list({ types: ['charge.dispute.created', 'charge.dispute.closed'] });
    expect(events.data.map((event) => event.type)).toEqual([
      'charge.dispute.closed',
      'charge.dispute.created',
    ]);
  });
});

describe('Events', () => {
  it('are listed newest first, in pages, both ways, by type and time', async () => {
    const intents: string[] = [];
    for (let index = 0; index < 5; index += 1)
      intents.push((await stripe.paymentIntents.create(TEN_DOLLARS)).id);
    const idsOf = (list: Stripe.Event[]) =>
      list.map((event) => (event.data.object as Stripe.PaymentIntent).id);
    const type = 'payment_intent.created';

    const newest = await stripe.events.list({ type, limit: 2 });
    expect(idsOf(newest.data)).toEqual([intents[4], intents[3]]);
    expect(newest.has_more).toBe(true);
    const older = await stripe.events.list({ type, limit: 2, starting_after: newest.data[1]?.id ?? '' });
    expect(idsOf(older.data)).toEqual([intents[2], intents[1]]);

    const nearest = await stripe.events.list({ type, limit: 2, ending_before: older.data[1]?.id ?? '' });
    expect(idsOf(nearest.data)).toEqual([intents[3], intents[2]]);
    expect(nearest.has_more).toBe(true);
    const swept: string[] = [];
    for await (const event of stripe.events.list({
      type,
      limit: 2,
      ending_before: older.data[1]?.id ?? '',
    })) {
      swept.push(event.id);
    }
    expect(swept).toHaveLength(3);

    const since = newest.data[0]?.created ?? 0;
    expect((await stripe.events.list({ type, created: { gt: since } })).data).toEqual([]);
    expect(
      (await stripe.events.list({ type, created: { gte: since - 60 }, limit: 100 })).data.length,
    ).toBeGreaterThan(4);
    expect(await stripe.events.retrieve(newest.data[0]?.id ?? '')).toEqual(newest.data[0]);
    expect(newest.data[0]).toMatchObject({
      api_version: '2026-10-28.endive',
      pending_webhooks: 0,
      livemode: false,
    });
    expect(newest.data[0]?.request?.id).toMatch(/^req_/);
  });

  it('refuse an unknown cursor', async () => {
    const refused = await refusal(stripe.events.list({ ending_before: 'evt_none' }));
    expect(refused).toMatchObject({ code: 'resource_missing', param: 'ending_before' });
  });
});

describe('Terminal', () => {
  async function readerWithIntent() {
    const reader = await stripe.terminal.readers.create({
      registration_code: 'simulated-wpe',
      label: 'Counter',
    });
    const intent = await stripe.paymentIntents.create({
      ...TEN_DOLLARS,
      allowed_payment_method_types: ['card_present'],
    });
    const shown = await stripe.terminal.readers.processPaymentIntent(reader.id, {
      payment_intent: intent.id,
    });
    expect(shown.action).toMatchObject({ status: 'in_progress', type: 'process_payment_intent' });
    return { readerId: reader.id, intentId: intent.id };
  }

  it('takes a card at a simulated reader', async () => {
    const { readerId, intentId } = await readerWithIntent();
    await stripe.testHelpers.terminal.readers.presentPaymentMethod(readerId);
    expect(await stripe.terminal.readers.retrieve(readerId)).toMatchObject({
      action: { status: 'succeeded' },
    });
    const intent = await stripe.paymentIntents.retrieve(intentId, { expand: ['latest_charge'] });
    expect(intent.status).toBe('succeeded');
    expect((intent.latest_charge as Stripe.Charge).payment_method_details?.type).toBe('card_present');
    const { data } = await stripe.events.list({ type: 'terminal.reader.action_succeeded' });
    expect(data.filter((event) => JSON.stringify(event).includes(readerId))).toHaveLength(1);
  });

  it('tells a decline and takes another card after it', async () => {
    const { readerId, intentId } = await readerWithIntent();
    const declined = await stripe.testHelpers.terminal.readers.presentPaymentMethod(readerId, {
      type: 'card_present',
      card_present: { number: '4000000000009995' },
    });
    expect(declined.action).toMatchObject({ status: 'failed', failure_code: 'insufficient_funds' });
    await stripe.terminal.readers.processPaymentIntent(readerId, { payment_intent: intentId });
    await stripe.testHelpers.terminal.readers.presentPaymentMethod(readerId);
    expect((await stripe.paymentIntents.retrieve(intentId)).status).toBe('succeeded');
  });

  it('is busy until the action is cancelled', async () => {
    const { readerId, intentId } = await readerWithIntent();
    const busy = await refusal(
      stripe.terminal.readers.processPaymentIntent(readerId, { payment_intent: intentId }),
    );
    expect(busy.code).toBe('terminal_reader_busy');
    expect(await stripe.terminal.readers.cancelAction(readerId)).toMatchObject({ action: null });
    expect((await stripe.paymentIntents.retrieve(intentId)).status).toBe('requires_payment_method');
  });
});
