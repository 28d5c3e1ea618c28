/** Paying at the card reader through the real parts: relay, database and the sandbox with its simulated reader. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  call,
  KIOSK_ACCOUNT,
  type RelayStack,
  startRelayStack,
  storedPurchase,
  visitAt,
} from '../../support/relay/relay.ts';
import { knob, openPage, postForm, TEST_READER, until } from '../../support/stripe/stripe-sandbox.ts';

const GOOD = '4242424242424242';
const DECLINED = '4000000000000002';

let stack: RelayStack;
let token: string;

beforeAll(async () => {
  stack = await startRelayStack({ reader: true });
  token = await stack.signIn(KIOSK_ACCOUNT);
});
afterEach(async () => {
  await knob(stack.sandbox.url, `readers/${TEST_READER}`, { status: 'online' });
  await stack.sandbox.faults({});
});
afterAll(() => stack?.stop());

const visit = () => visitAt(stack.relay, token);
const readers = () => stack.sandbox.stripe.terminal.readers;

/** A person holds a card to the reader, on its page. */
const hold = (number: string) => postForm(`${stack.sandbox.url}/terminal/${TEST_READER}`, { number });

async function shownIntent(): Promise<unknown> {
  const reader = await readers().retrieve(TEST_READER);
  if ('deleted' in reader) throw new Error('the reader is gone');
  return reader.action?.status === 'in_progress'
    ? reader.action.process_payment_intent?.payment_intent
    : null;
}

function refused(more: Record<string, unknown> = {}): Promise<Answer> {
  const ids = { purchaseId: randomUUID(), visitId: randomUUID() };
  const body = { ...ids, packageId: 'starter', userId: null, attempt: 1, ...more };
  return call(stack.relay, token, 'POST /terminal-payments', body);
}

const stored = (purchaseId: string) => storedPurchase(stack, purchaseId);

describe('the card reader', () => {
  it('waits for a card, takes it, and the code is told to the visit that bought it alone', async () => {
    const at = visit();
    const begun = await at.atReader();
    expect(begun).toMatchObject({ status: 'pending', reader: 'waiting', checkoutUrl: null, code: null });
    expect((await openPage(begun.readerUrl ?? '')).text).toContain('$9.99');
    expect(await shownIntent()).toBe((await stored(begun.purchaseId)).intent);
    expect((await hold(GOOD)).status).toBe(303);
    const paid = await at.poll(begun.purchaseId);
    expect(paid).toMatchObject({ status: 'paid', reader: null });
    expect(paid.code).toMatch(/^[0-9A-HJKMNP-TV-Z]{12}$/);
    expect(await at.redeem(paid.code ?? '')).toMatchObject({ status: 200, body: { outcome: 'activated' } });
    const other = `GET /purchases/${begun.purchaseId}?visitId=${randomUUID()}`;
    expect((await call(stack.relay, token, other)).body).toMatchObject({ status: 'paid', code: null });
  });

  it('tells of a declined card and takes the next one, for the same purchase', async () => {
    const at = visit();
    const { purchaseId } = await at.atReader();
    await hold(DECLINED);
    const declined = await at.poll(purchaseId);
    expect(declined).toMatchObject({ status: 'pending', reader: 'idle' });
    expect(declined.lastPaymentError).toMatch(/declined/i);
    expect(await at.atReader({ purchaseId, attempt: 2 })).toMatchObject({ reader: 'waiting' });
    await hold(GOOD);
    expect(await at.poll(purchaseId)).toMatchObject({ status: 'paid', lastPaymentError: null });
    expect(await stored(purchaseId)).toMatchObject({ cards: 1 });
  });

  it('is asked once per attempt, however often the call is repeated', async () => {
    const at = visit();
    const { purchaseId } = await at.atReader();
    const intent = await shownIntent();
    expect(await at.atReader({ purchaseId })).toMatchObject({ reader: 'waiting' });
    expect(await shownIntent()).toBe(intent);
    await hold(DECLINED);
    // The answer that was lost is asked for again: the reader must not wait a second time.
    expect(await at.atReader({ purchaseId })).toMatchObject({ reader: 'idle' });
    await at.cancel(purchaseId);
  });

  it('makes one payment however often the answer of Stripe is lost', async () => {
    const at = visit();
    const purchaseId = randomUUID();
    await stack.sandbox.faults({ api_disconnects: '3' });
    const lost = await refused({ purchaseId, visitId: at.visitId });
    expect(lost).toMatchObject({ status: 503, body: { error: { code: 'stripe_unavailable' } } });
    await stack.sandbox.faults({});
    await at.atReader({ purchaseId });
    const { data } = await stack.sandbox.stripe.events.list({ type: 'payment_intent.created', limit: 100 });
    const made = data.filter(({ data: { object } }) => JSON.stringify(object).includes(purchaseId));
    expect(made).toHaveLength(1);
    await at.cancel(purchaseId);
  });

  it('lets go when the customer leaves: no card can pay any more', async () => {
    const at = visit();
    const { purchaseId } = await at.atReader();
    const { intent } = await stored(purchaseId);
    expect(await at.cancel(purchaseId)).toMatchObject({ status: 'expired' });
    expect(await shownIntent()).toBeNull();
    expect((await hold(GOOD)).status).toBe(409);
    expect(await stack.sandbox.stripe.paymentIntents.retrieve(intent)).toMatchObject({ status: 'canceled' });
    expect(await at.cancel(purchaseId)).toMatchObject({ status: 'expired' });
  });

  it('fulfils a card that was quicker than the leaving', async () => {
    await stack.sandbox.faults({ drop: '1000' });
    const at = visit();
    const { purchaseId } = await at.atReader();
    await hold(GOOD);
    expect(await at.cancel(purchaseId)).toMatchObject({ status: 'paid' });
    expect(await stored(purchaseId)).toMatchObject({ status: 'paid', cards: 1 });
  });

  it('that is offline says so, before and in the middle', async () => {
    const offline = () => knob(stack.sandbox.url, `readers/${TEST_READER}`, { status: 'offline' });
    await offline();
    expect(await refused()).toMatchObject({ status: 409, body: { error: { code: 'reader_unavailable' } } });
    await knob(stack.sandbox.url, `readers/${TEST_READER}`, { status: 'online' });
    const at = visit();
    const { purchaseId } = await at.atReader();
    await offline();
    expect(await at.poll(purchaseId)).toMatchObject({ status: 'pending', reader: 'offline' });
    expect(await at.cancel(purchaseId)).toMatchObject({ status: 'expired' });
  });

  it('that shows somebody else’s payment is busy, and is left alone', async () => {
    const foreign = await stack.sandbox.stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
      allowed_payment_method_types: ['card_present'],
    });
    await readers().processPaymentIntent(TEST_READER, { payment_intent: foreign.id });
    expect(await refused()).toMatchObject({ status: 409, body: { error: { code: 'reader_busy' } } });
    expect(await shownIntent()).toBe(foreign.id);
    await readers().cancelAction(TEST_READER);
  });

  it('still showing what a dead kiosk left is freed for the next customer; the old payment is ended', async () => {
    const left = await visit().atReader();
    const at = visit();
    const next = await at.atReader();
    expect(next).toMatchObject({ reader: 'waiting' });
    expect(await shownIntent()).toBe((await stored(next.purchaseId)).intent);
    expect(await stored(left.purchaseId)).toMatchObject({ status: 'expired' });
    await at.cancel(next.purchaseId);
  });

  it('is paid though the kiosk died: the webhook makes the card; only the visit that bought it is told the code', async () => {
    const at = visit();
    const { purchaseId } = await at.atReader();
    await hold(GOOD);
    // Nobody polls.
    await until(async () => (await stored(purchaseId)).status === 'paid');
    const later = await call(stack.relay, token, `GET /purchases/${purchaseId}?visitId=${randomUUID()}`);
    expect(later.body).toMatchObject({ status: 'paid', code: null, claimUrl: null });
    // The same station, back within its two minutes.
    expect((await at.poll(purchaseId)).code).toHaveLength(12);
    // Otherwise staff gives the money back, and the unused card goes with it.
    const { intent } = await stored(purchaseId);
    expect((await stack.sandbox.stripe.paymentIntents.retrieve(intent)).metadata).toMatchObject({
      purchase_id: purchaseId,
      visit_id: at.visitId,
    });
    await stack.sandbox.stripe.refunds.create({ payment_intent: intent });
    await until(async () => (await stored(purchaseId)).status === 'refunded');
  });

  it('is not for a purchase that was begun with the phone', async () => {
    const at = visit();
    const { purchaseId } = await at.buy();
    const answer = await refused({ purchaseId, visitId: at.visitId });
    expect(answer).toMatchObject({ status: 409, body: { error: { code: 'purchase_differs' } } });
  });

  it('shows in the health report', async () => {
    expect((await stack.relay.health()).checks).toMatchObject({ reader: 'ok' });
  });
});
