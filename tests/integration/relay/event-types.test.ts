/**
 * Every type of event the relay knows, from its signed delivery to its effect in the database. All of the sandbox's own
 * deliveries are lost here; one event of one type is sent, so that no other can have brought the effect about.
 */
import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../../src-relay/model/stripe-events.ts';
import {
  KIOSK_ACCOUNT,
  payAt,
  type RelayStack,
  startRelayStack,
  visitAt,
} from '../../support/relay/relay.ts';
import { knob, openPage, TEST_WEBHOOK_SECRET, until } from '../../support/stripe/stripe-sandbox.ts';

type EventType = (typeof EVENT_TYPES)[number];

const DECLINED = '4000 0000 0000 0002';
/** Its refunds are pending at first. */
const SLOW_REFUNDS = '4000 0000 0000 7726';

let stack: RelayStack;
let token: string;

beforeAll(async () => {
  stack = await startRelayStack();
  token = await stack.signIn(KIOSK_ACCOUNT);
});
beforeEach(() => stack.sandbox.faults({ drop: '1000000' }));
afterAll(() => stack?.stop());

/** The newest event of a type about an object, as the sandbox made it. */
async function eventAbout(type: EventType, objectId: string): Promise<object> {
  const { data } = await stack.sandbox.stripe.events.list({ type, limit: 100 });
  const event = data.find(({ data: { object } }) => 'id' in object && object.id === objectId);
  if (!event) throw new Error(`the sandbox made no ${type} about ${objectId}`);
  return event;
}

/** Sends one event as Stripe does; resolves when it was worked off. */
async function send(event: object): Promise<void> {
  const payload = JSON.stringify(event);
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: TEST_WEBHOOK_SECRET });
  const { status } = await fetch(`${stack.relay.url}/webhooks/stripe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stripe-signature': signature },
    body: payload,
  });
  expect(status).toBe(200);
  const { id } = event as { id: string };
  await until(async () => {
    const { rows } = await stack.supabase.database.admin.query<{ error: string | null; done: boolean }>(
      'select processed_at is not null as done, last_error as error from public.webhook_inbox where event_id = $1',
      [id],
    );
    if (rows[0]?.error) throw new Error(rows[0].error);
    return rows[0]?.done === true;
  });
}

async function deliver(type: EventType, objectId: string): Promise<void> {
  await send(await eventAbout(type, objectId));
}

/** What the database holds of a purchase. */
async function stored(purchaseId: string) {
  const { rows } = await stack.supabase.database.admin.query<{
    status: string;
    error: string | null;
    cards: number;
    taken: number;
  }>(
    `select p.status, p.last_payment_error as error, count(c.id)::int as cards,
       coalesce(sum(c.paid_refunded_seconds), 0)::int as taken
     from public.purchases as p left join public.time_cards as c on c.purchase_id = p.id
     where p.id = $1 group by p.id`,
    [purchaseId],
  );
  return rows[0];
}

const UNPAID = { cards: 0, taken: 0 };
const PAID = { status: 'paid', cards: 1, taken: 0 };
const TAKEN_BACK = { status: 'refunded', cards: 1, taken: 3600 };

async function begun() {
  const { purchaseId, checkoutUrl, claimUrl } = await visitAt(stack.relay, token).buy();
  return { purchaseId, checkoutUrl, claimUrl, sessionId: checkoutUrl?.split('/').at(-1) ?? '' };
}

/** A Starter card, paid and made. */
async function bought(card?: string) {
  const purchase = await begun();
  await payAt(purchase.checkoutUrl, card);
  await deliver('checkout.session.completed', purchase.sessionId);
  expect(await stored(purchase.purchaseId)).toMatchObject(PAID);
  const session = await stack.sandbox.stripe.checkout.sessions.retrieve(purchase.sessionId);
  return { ...purchase, intentId: String(session.payment_intent) };
}

async function refunded(card?: string) {
  const purchase = await bought(card);
  const refund = await stack.sandbox.stripe.refunds.create({ payment_intent: purchase.intentId });
  return { ...purchase, refund };
}

async function disputed() {
  const purchase = await bought();
  const dispute = await knob(stack.sandbox.url, 'disputes', { payment_intent: purchase.intentId });
  const close = (status: 'won' | 'lost') =>
    knob(stack.sandbox.url, `disputes/${dispute.id}/close`, { status });
  return { ...purchase, dispute, close };
}

/** A payment that the bank decides later: complete, and not paid. */
async function agreedToDebit() {
  const purchase = await begun();
  await knob(stack.sandbox.url, `sessions/${purchase.sessionId}/debit`, {});
  await deliver('checkout.session.completed', purchase.sessionId);
  expect(await stored(purchase.purchaseId)).toEqual({ status: 'processing', error: null, ...UNPAID });
  const decide = (status: 'succeeded' | 'failed') =>
    knob(stack.sandbox.url, `sessions/${purchase.sessionId}/debit_end`, { status });
  return { ...purchase, decide };
}

/** One for each type: the compiler asks for those that are missing. */
const EFFECTS: Readonly<Record<EventType, () => Promise<void>>> = {
  'checkout.session.completed': async () => {
    await bought();
  },
  'checkout.session.expired': async () => {
    const { purchaseId, sessionId } = await begun();
    await stack.sandbox.stripe.checkout.sessions.expire(sessionId);
    await deliver('checkout.session.expired', sessionId);
    expect(await stored(purchaseId)).toEqual({ status: 'expired', error: null, ...UNPAID });
  },
  'checkout.session.async_payment_succeeded': async () => {
    const { purchaseId, sessionId, claimUrl, decide } = await agreedToDebit();
    expect((await openPage(claimUrl ?? '')).text).toContain('being confirmed');
    await decide('succeeded');
    const event = await eventAbout('checkout.session.async_payment_succeeded', sessionId);
    await Promise.all([send(event), send(event)]);
    expect(await stored(purchaseId)).toMatchObject(PAID);
    expect((await openPage(claimUrl ?? '')).text).toContain('Your time card is ready');
  },
  'checkout.session.async_payment_failed': async () => {
    const { purchaseId, sessionId, claimUrl, decide } = await agreedToDebit();
    await decide('failed');
    await deliver('checkout.session.async_payment_failed', sessionId);
    const error = "The customer's account has insufficient funds to cover this payment.";
    expect(await stored(purchaseId)).toEqual({ status: 'failed', error, ...UNPAID });
    expect((await openPage(claimUrl ?? '')).text).toContain('not completed');
  },
  'payment_intent.succeeded': async () => {
    const { purchaseId, sessionId, checkoutUrl } = await begun();
    await payAt(checkoutUrl);
    const session = await stack.sandbox.stripe.checkout.sessions.retrieve(sessionId);
    await deliver('payment_intent.succeeded', String(session.payment_intent));
    expect(await stored(purchaseId)).toMatchObject(PAID);
  },
  'payment_intent.payment_failed': async () => {
    const { purchaseId, sessionId, checkoutUrl } = await begun();
    await payAt(checkoutUrl, DECLINED);
    const session = await stack.sandbox.stripe.checkout.sessions.retrieve(sessionId);
    await deliver('payment_intent.payment_failed', String(session.payment_intent));
    const error = 'Your card was declined.';
    expect(await stored(purchaseId)).toEqual({ status: 'pending', error, ...UNPAID });
  },
  'charge.refunded': async () => {
    const { purchaseId, refund } = await refunded();
    await deliver('charge.refunded', String(refund.charge));
    expect(await stored(purchaseId)).toMatchObject(TAKEN_BACK);
  },
  'refund.created': async () => {
    const { purchaseId, refund } = await refunded();
    await deliver('refund.created', refund.id);
    await deliver('charge.refunded', String(refund.charge));
    expect(await stored(purchaseId)).toMatchObject(TAKEN_BACK);
  },
  'refund.updated': async () => {
    const { purchaseId, refund } = await refunded(SLOW_REFUNDS);
    await deliver('refund.created', refund.id);
    expect(await stored(purchaseId)).toMatchObject(PAID);
    await knob(stack.sandbox.url, `refunds/${refund.id}/end`, { status: 'succeeded' });
    await deliver('refund.updated', refund.id);
    expect(await stored(purchaseId)).toMatchObject(TAKEN_BACK);
  },
  'refund.failed': async () => {
    const { purchaseId, refund } = await refunded(SLOW_REFUNDS);
    await knob(stack.sandbox.url, `refunds/${refund.id}/end`, { status: 'failed' });
    await deliver('refund.failed', refund.id);
    expect(await stored(purchaseId)).toMatchObject(PAID);
    expect(stack.relay.output()).toContain('a refund did not reach the customer');
  },
  'charge.dispute.created': async () => {
    const { purchaseId, dispute } = await disputed();
    await deliver('charge.dispute.created', dispute.id);
    expect(await stored(purchaseId)).toMatchObject(PAID);
  },
  'charge.dispute.funds_withdrawn': async () => {
    const { purchaseId, dispute } = await disputed();
    await deliver('charge.dispute.funds_withdrawn', dispute.id);
    expect(await stored(purchaseId)).toMatchObject(PAID);
  },
  'charge.dispute.updated': async () => {
    const { purchaseId, dispute, close } = await disputed();
    const lost = await close('lost');
    // Nobody answers disputes in the sandbox, so this event is made here; of its content only the ids count.
    const created = Math.floor(Date.now() / 1000);
    await send({
      id: `evt_${randomUUID()}`,
      object: 'event',
      type: 'charge.dispute.updated',
      created,
      livemode: false,
      data: { object: { ...lost, id: dispute.id } },
    });
    expect(await stored(purchaseId)).toMatchObject(TAKEN_BACK);
  },
  'charge.dispute.closed': async () => {
    const { purchaseId, dispute, close } = await disputed();
    await close('lost');
    await deliver('charge.dispute.closed', dispute.id);
    expect(await stored(purchaseId)).toMatchObject(TAKEN_BACK);
  },
  'charge.dispute.funds_reinstated': async () => {
    const { purchaseId, dispute, close } = await disputed();
    await close('won');
    await deliver('charge.dispute.funds_reinstated', dispute.id);
    expect(await stored(purchaseId)).toMatchObject(PAID);
  },
};

describe('one signed event alone', () => {
  it.each(EVENT_TYPES)('has its effect: %s', async (type) => {
    await EFFECTS[type]();
  });
});

it('are the events that the product promises to know', () => {
  const families = ['checkout.session.', 'refund.', 'charge.dispute.'];
  const single = ['payment_intent.succeeded', 'payment_intent.payment_failed', 'charge.refunded'];
  expect(EVENT_TYPES.filter((type) => !families.some((family) => type.startsWith(family)))).toEqual(single);
  for (const family of families) expect(EVENT_TYPES.some((type) => type.startsWith(family))).toBe(true);
});

it('leaves books that prove themselves', async () => {
  const { data, error } = await stack.supabase.service().rpc('verify_ledger');
  expect(error).toBeNull();
  expect(data).toEqual([]);
});
