/** Buying through the real parts: hosted page, webhook, database; and what may go wrong on the way. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { balanceSchema, type Purchase } from '../../../src-shared/relay-api.ts';
import {
  call,
  KIOSK_ACCOUNT,
  payAt,
  type RelayStack,
  startRelayStack,
  visitAt,
} from '../../support/relay/relay.ts';
import { createStarterSession, knob, openPage, refusal, until } from '../../support/stripe/stripe-sandbox.ts';

const DECLINED = '4000 0000 0000 0002';

let stack: RelayStack;
let token: string;

beforeAll(async () => {
  stack = await startRelayStack();
  token = await stack.signIn(KIOSK_ACCOUNT);
});
afterEach(() => stack.sandbox.faults({}));
afterAll(() => stack?.stop());

const visit = () => visitAt(stack.relay, token);

/** The stored state, read without asking Stripe. */
async function stored(purchaseId: string): Promise<{ status: string; cards: number }> {
  const { rows } = await stack.supabase.database.admin.query<{ status: string; cards: number }>(
    `select p.status, (select count(*)::int from public.time_cards as c where c.purchase_id = p.id) as cards
     from public.purchases as p where p.id = $1`,
    [purchaseId],
  );
  const [row] = rows;
  if (!row) throw new Error(`no purchase ${purchaseId}`);
  return row;
}

async function paymentIntentOf(purchaseId: string): Promise<string> {
  const { rows } = await stack.supabase.database.admin.query<{ payment_intent_id: string }>(
    'select payment_intent_id from public.purchases where id = $1',
    [purchaseId],
  );
  return rows[0]?.payment_intent_id ?? '';
}

async function boughtStarter(): Promise<{ at: ReturnType<typeof visit>; purchase: Purchase }> {
  const at = visit();
  const { purchaseId, checkoutUrl } = await at.buy();
  await payAt(checkoutUrl);
  await until(async () => (await stored(purchaseId)).status === 'paid');
  return { at, purchase: await at.poll(purchaseId) };
}

describe('buying', () => {
  it('gives a code by webhook, to the visit that bought it and on the claim page', async () => {
    const at = visit();
    const begun = await at.buy();
    expect(begun).toMatchObject({ status: 'pending', priceCents: 999, currency: 'usd', code: null });
    const waiting = await openPage(begun.claimUrl ?? '');
    expect(waiting.text).toContain('being confirmed');

    const paid = await payAt(begun.checkoutUrl);
    expect(paid).toMatchObject({ status: 303, location: begun.claimUrl });
    // No poll has been made: this is the webhook's work.
    await until(async () => (await stored(begun.purchaseId)).status === 'paid');

    const { code, ...rest } = await at.poll(begun.purchaseId);
    expect(rest).toMatchObject({ status: 'paid', checkoutUrl: null });
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{12}$/);
    const groups = (code ?? '')
      .match(/.{4}/g)
      ?.map((group) => `<span>${group}</span>`)
      .join('');
    expect((await openPage(begun.claimUrl ?? '')).text).toContain(groups);
    const other = await call(
      stack.relay,
      token,
      `GET /purchases/${begun.purchaseId}?visitId=${randomUUID()}`,
    );
    expect(other.body).toMatchObject({ status: 'paid', code: null, claimUrl: null });
  });

  it('opens the wallet with that code, again and again, with the whole hour in it', async () => {
    const { at, purchase } = await boughtStarter();
    const first = await at.redeem(`${purchase.code?.toLowerCase().replace(/(.{4})/g, '$1 ')}`);
    expect(first).toMatchObject({ status: 200, body: { outcome: 'activated' } });
    const balance = balanceSchema.parse(first.body['balance']);
    expect(balance).toMatchObject({ availableSeconds: 3600, heldSeconds: 0, userId: first.body['userId'] });
    const again = await visit().redeem(purchase.code ?? '');
    expect(again).toMatchObject({ status: 200, body: { outcome: 'opened', userId: first.body['userId'] } });
  });

  it('adds a second card to the wallet that is open', async () => {
    const { at, purchase } = await boughtStarter();
    const userId = String((await at.redeem(purchase.code ?? '')).body['userId']);
    const second = await at.buy({ packageId: 'basic', userId });
    await payAt(second.checkoutUrl);
    await until(async () => (await stored(second.purchaseId)).status === 'paid');
    const opened = await visit().redeem(purchase.code ?? '');
    expect(opened.body['balance']).toMatchObject({ availableSeconds: 3600 + 19800 });
  });

  it('does not open a purchase for a wallet that is not open at this kiosk', async () => {
    const refused = await call(stack.relay, token, 'POST /checkout-sessions', {
      purchaseId: randomUUID(),
      packageId: 'starter',
      visitId: randomUUID(),
      userId: randomUUID(),
    });
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
  });

  it('answers a repeated beginning with the same page, and another one under the same id with a conflict', async () => {
    const at = visit();
    const begun = await at.buy();
    expect(await at.buy({ purchaseId: begun.purchaseId })).toEqual(begun);
    const differs = await call(stack.relay, token, 'POST /checkout-sessions', {
      purchaseId: begun.purchaseId,
      packageId: 'basic',
      visitId: at.visitId,
      userId: null,
    });
    expect(differs).toMatchObject({ status: 409, body: { error: { code: 'purchase_differs' } } });
  });

  it('makes one session however often the answer of Stripe is lost', async () => {
    const at = visit();
    const purchaseId = randomUUID();
    const body = { purchaseId, packageId: 'starter', visitId: at.visitId, userId: null };
    // More than the client's own retries.
    await stack.sandbox.faults({ api_disconnects: '3' });
    const lost = await call(stack.relay, token, 'POST /checkout-sessions', body);
    expect(lost).toMatchObject({ status: 503, body: { error: { code: 'stripe_unavailable' } } });
    const begun = await at.buy({ purchaseId });
    await payAt(begun.checkoutUrl);
    await until(async () => (await stored(purchaseId)).status === 'paid');
    // Had the calls used keys of their own, this one would be free.
    const other = { idempotencyKey: `${purchaseId}:checkout` };
    const refused = await refusal(createStarterSession(stack.sandbox.stripe, {}, other));
    expect(refused.type).toBe('StripeIdempotencyError');
  });

  it('refuses an unknown package and an id that is none', async () => {
    const body = { purchaseId: randomUUID(), packageId: 'gold', visitId: randomUUID(), userId: null };
    const unknown = await call(stack.relay, token, 'POST /checkout-sessions', body);
    expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'package_unknown' } } });
    const wrong = await call(stack.relay, token, 'POST /checkout-sessions', { ...body, visitId: 'x' });
    expect(wrong).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
    expect(JSON.stringify(wrong.body)).toContain('visitId');
  });

  it('shows a decline while it waits, and fulfils the next try', async () => {
    const at = visit();
    const begun = await at.buy();
    await payAt(begun.checkoutUrl, DECLINED);
    await until(async () => (await at.poll(begun.purchaseId)).lastPaymentError !== null);
    const declined = await at.poll(begun.purchaseId);
    expect(declined.status).toBe('pending');
    expect(declined.lastPaymentError).toMatch(/declined/i);
    expect(declined.checkoutUrl).toBe(begun.checkoutUrl);
    await payAt(begun.checkoutUrl);
    await until(async () => (await at.poll(begun.purchaseId)).status === 'paid');
    expect((await at.poll(begun.purchaseId)).lastPaymentError).toBeNull();
  });
});

describe('webhooks that go wrong', () => {
  it('fulfils by polling when no webhook comes', async () => {
    await stack.sandbox.faults({ drop: '1000' });
    const at = visit();
    const begun = await at.buy();
    await payAt(begun.checkoutUrl);
    expect((await stored(begun.purchaseId)).status).toBe('pending');
    expect(await at.poll(begun.purchaseId)).toMatchObject({ status: 'paid' });
  });

  it('fulfils on the claim page when no webhook comes', async () => {
    await stack.sandbox.faults({ drop: '1000' });
    const begun = await visit().buy();
    await payAt(begun.checkoutUrl);
    expect((await openPage(begun.claimUrl ?? '')).text).toContain('Your time card is ready');
    expect(await stored(begun.purchaseId)).toEqual({ status: 'paid', cards: 1 });
  });

  it('makes one card of duplicated and reordered deliveries and polls at the same time', async () => {
    await stack.sandbox.faults({ duplicate: '5', reorder: 'true' });
    const at = visit();
    const begun = await at.buy();
    await payAt(begun.checkoutUrl);
    const polls = await Promise.all(Array.from({ length: 10 }, () => at.poll(begun.purchaseId)));
    await until(async () => (await stored(begun.purchaseId)).status === 'paid');
    await until(async () => (await backlog()) === 0);
    expect(await stored(begun.purchaseId)).toEqual({ status: 'paid', cards: 1 });
    const codes = new Set(
      [...polls, await at.poll(begun.purchaseId)].map(({ code }) => code).filter(Boolean),
    );
    expect(codes.size).toBe(1);
  });

  async function backlog(): Promise<number> {
    const { rows } = await stack.supabase.database.admin.query<{ waiting: number }>(
      'select count(*)::int as waiting from public.webhook_inbox where processed_at is null',
    );
    return rows[0]?.waiting ?? -1;
  }

  it('finds what was paid while it was away, at its next start', async () => {
    await stack.sandbox.faults({ drop: '1000' });
    const begun = await visit().buy();
    await payAt(begun.checkoutUrl);
    const second = await stack.startRelay();
    try {
      await until(async () => (await stored(begun.purchaseId)).status === 'paid');
      expect(second.output()).toContain('sweep found events');
    } finally {
      await second.stop();
    }
  });
});

describe('leaving the payment', () => {
  it('ends the page, so that nobody pays for nothing', async () => {
    const at = visit();
    const begun = await at.buy();
    expect(await at.cancel(begun.purchaseId)).toMatchObject({
      status: 'expired',
      checkoutUrl: null,
      code: null,
    });
    expect((await payAt(begun.checkoutUrl)).status).toBe(410);
    expect((await openPage(begun.claimUrl ?? '')).text).toContain('not completed');
    expect(await at.cancel(begun.purchaseId)).toMatchObject({ status: 'expired' });
  });

  it('fulfils what was already paid', async () => {
    await stack.sandbox.faults({ drop: '1000' });
    const at = visit();
    const begun = await at.buy();
    await payAt(begun.checkoutUrl);
    const left = await at.cancel(begun.purchaseId);
    expect(left.status).toBe('paid');
    expect(left.code).toHaveLength(12);
  });

  it('whoever pays after the screen was wiped gets the code on the claim page, and nobody else', async () => {
    // Webhooks are lost, and Stripe does not answer when the page is to be ended.
    await stack.sandbox.faults({ drop: '1000' });
    const at = visit();
    const { purchaseId, checkoutUrl, claimUrl } = await at.buy();
    await stack.sandbox.faults({ drop: '1000', api_errors: '10' });
    const cancelled = await call(stack.relay, token, `POST /purchases/${purchaseId}/cancel`, {
      visitId: at.visitId,
    });
    expect(cancelled).toMatchObject({ status: 503, body: { error: { code: 'stripe_unavailable' } } });
    await stack.sandbox.faults({ drop: '1000' });
    expect((await payAt(checkoutUrl)).status).toBe(303);
    // Nobody asks any more: the sweep of the next start finds it.
    const second = await stack.startRelay();
    try {
      await until(async () => (await stored(purchaseId)).status === 'paid');
    } finally {
      await second.stop();
    }
    const next = visit();
    const seen = await call(stack.relay, token, `GET /purchases/${purchaseId}?visitId=${next.visitId}`);
    expect(seen.body['code']).toBeNull();
    expect((await openPage(claimUrl ?? '')).text).toContain('Your time card is ready');
    expect(await stored(purchaseId)).toEqual({ status: 'paid', cards: 1 });
  });

  it('is refused to another visit', async () => {
    const begun = await visit().buy();
    const other = await call(stack.relay, token, `POST /purchases/${begun.purchaseId}/cancel`, {
      visitId: randomUUID(),
    });
    expect(other).toMatchObject({ status: 404, body: { error: { code: 'purchase_unknown' } } });
    expect((await stored(begun.purchaseId)).status).toBe('pending');
  });
});

describe('money given back', () => {
  it('takes the unused time back once for a refund, and the code opens nothing any more', async () => {
    const { at, purchase } = await boughtStarter();
    const paymentIntent = await paymentIntentOf(purchase.purchaseId);
    await stack.sandbox.faults({ duplicate: '2' });
    await stack.sandbox.stripe.refunds.create({ payment_intent: paymentIntent });
    await until(async () => (await stored(purchase.purchaseId)).status === 'refunded');
    expect(await at.poll(purchase.purchaseId)).toMatchObject({ status: 'refunded', code: null });
    expect((await openPage(purchase.claimUrl ?? '')).text).toContain('refunded');
    expect(await visit().redeem(purchase.code ?? '')).toMatchObject({ status: 422 });
  });

  it('leaves the time while a dispute is open, and takes it back when it is lost', async () => {
    const { at, purchase } = await boughtStarter();
    const paymentIntent = await paymentIntentOf(purchase.purchaseId);
    const dispute = await knob(stack.sandbox.url, 'disputes', { payment_intent: paymentIntent });
    await until(async () => (await processedTypes(dispute.id)).includes('charge.dispute.created'));
    expect((await at.poll(purchase.purchaseId)).status).toBe('paid');
    await knob(stack.sandbox.url, `disputes/${dispute.id}/close`, { status: 'lost' });
    await until(async () => (await stored(purchase.purchaseId)).status === 'refunded');
  });

  async function processedTypes(objectId: string): Promise<string[]> {
    const { rows } = await stack.supabase.database.admin.query<{ type: string }>(
      `select type from public.webhook_inbox
       where processed_at is not null and payload -> 'data' -> 'object' ->> 'id' = $1`,
      [objectId],
    );
    return rows.map(({ type }) => type);
  }
});

it('keeps a ledger that proves itself after all of this', async () => {
  const { data, error } = await stack.supabase.service().rpc('verify_ledger');
  expect(error).toBeNull();
  expect(data).toEqual([]);
});
