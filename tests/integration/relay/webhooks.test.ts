/** Webhooks: what is refused, what is believed, and a database that goes away in the middle of a payment. */
import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  call,
  KIOSK_ACCOUNT,
  payAt,
  type RelayStack,
  startRelayStack,
  visitAt,
} from '../../support/relay/relay.ts';
import { openPage, TEST_WEBHOOK_SECRET, until } from '../../support/stripe/stripe-sandbox.ts';

let stack: RelayStack;
let token: string;

beforeAll(async () => {
  stack = await startRelayStack({ gated: true });
  token = await stack.signIn(KIOSK_ACCOUNT);
});
afterEach(() => stack.sandbox.faults({}));
afterAll(() => stack?.stop());

const nowSeconds = () => Math.floor(Date.now() / 1000);

function eventOf(type: string, object: object, changes: object = {}) {
  const event = { id: `evt_${randomUUID()}`, object: 'event', type, created: nowSeconds(), livemode: false };
  return { ...event, data: { object }, ...changes };
}

interface Signing {
  secret?: string;
  timestamp?: number;
}

async function deliver(event: object, signing: Signing = {}): Promise<number> {
  const payload = JSON.stringify(event);
  const secret = signing.secret ?? TEST_WEBHOOK_SECRET;
  const timestamp = signing.timestamp ?? nowSeconds();
  return post(payload, Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }));
}

async function post(payload: string, signature?: string): Promise<number> {
  const response = await fetch(`${stack.relay.url}/webhooks/stripe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(signature && { 'stripe-signature': signature }) },
    body: payload,
  });
  return response.status;
}

interface InboxRow {
  done: boolean;
  last_error: string | null;
}

async function inboxRows(eventId: string): Promise<InboxRow[]> {
  const { rows } = await stack.supabase.database.admin.query<InboxRow>(
    'select processed_at is not null as done, last_error from public.webhook_inbox where event_id = $1',
    [eventId],
  );
  return rows;
}

async function statusOf(purchaseId: string): Promise<string> {
  const { rows } = await stack.supabase.database.admin.query<{ status: string }>(
    'select status from public.purchases where id = $1',
    [purchaseId],
  );
  return rows[0]?.status ?? 'missing';
}

describe('POST /webhooks/stripe', () => {
  it.each([
    ['forged', {}, { secret: 'whsec_somebody_else' }],
    ['old', {}, { timestamp: nowSeconds() - 400 }],
    ['from the future', {}, { timestamp: nowSeconds() + 400 }],
    ['of the wrong mode', { livemode: true }, {}],
  ])('refuses what is %s and keeps nothing of it', async (_, changes, signing: Signing) => {
    const event = eventOf('payment_intent.succeeded', { id: 'pi_1', object: 'payment_intent' }, changes);
    expect(await deliver(event, signing)).toBe(400);
    expect(await inboxRows(event.id)).toEqual([]);
  });

  it('refuses what is unsigned, and a body changed after it was signed', async () => {
    const payload = JSON.stringify(
      eventOf('payment_intent.succeeded', { id: 'pi_1', object: 'payment_intent' }),
    );
    expect(await post(payload)).toBe(400);
    expect(await post('')).toBe(400);
    const header = Stripe.webhooks.generateTestHeaderString({ payload, secret: TEST_WEBHOOK_SECRET });
    expect(await post(`${payload} `, header)).toBe(400);
    expect(await post('x'.repeat(1024 * 1024 + 1), header)).toBe(413);
  });

  it('stores a duplicate once and answers it as well', async () => {
    const event = eventOf('payment_intent.succeeded', {
      id: 'pi_foreign',
      object: 'payment_intent',
      metadata: {},
    });
    expect(await Promise.all([deliver(event), deliver(event), deliver(event)])).toEqual([200, 200, 200]);
    // Somebody else's payment on the same account is no trouble of ours.
    await until(async () => (await inboxRows(event.id))[0]?.done === true);
    expect(await inboxRows(event.id)).toEqual([{ done: true, last_error: null }]);
    expect(await deliver(event)).toBe(200);
  });

  it('answers events of other kinds and keeps nothing of them', async () => {
    const event = eventOf('customer.created', { id: 'cus_1', object: 'customer' });
    expect(await deliver(event)).toBe(200);
    expect(await inboxRows(event.id)).toEqual([]);
  });

  it('believes Stripe and not the event: a payment that did not happen makes no card', async () => {
    const begun = await visitAt(stack.relay, token).buy();
    const sessionId = begun.checkoutUrl?.split('/').at(-1) ?? '';
    const event = eventOf('checkout.session.completed', {
      id: sessionId,
      object: 'checkout.session',
      payment_status: 'paid',
      status: 'complete',
      amount_total: 999,
      metadata: { purchase_id: begun.purchaseId },
    });
    expect(await deliver(event)).toBe(200);
    await until(async () => (await inboxRows(event.id))[0]?.done === true);
    expect(await statusOf(begun.purchaseId)).toBe('pending');
  });

  it('does not fulfil one purchase with the payment of another', async () => {
    const at = visitAt(stack.relay, token);
    const [paid, unpaid] = [await at.buy(), await at.buy({ packageId: 'pro' })];
    await payAt(paid.checkoutUrl);
    await until(async () => (await statusOf(paid.purchaseId)) === 'paid');
    const { rows } = await stack.supabase.database.admin.query<{ intent: string }>(
      'select payment_intent_id as intent from public.purchases where id = $1',
      [paid.purchaseId],
    );
    const event = eventOf('payment_intent.succeeded', {
      id: rows[0]?.intent,
      object: 'payment_intent',
      metadata: { purchase_id: unpaid.purchaseId },
    });
    expect(await deliver(event)).toBe(200);
    await until(async () => (await inboxRows(event.id))[0]?.done === true);
    expect(await statusOf(unpaid.purchaseId)).toBe('pending');
    expect(stack.relay.output()).toContain('payment does not belong to its purchase');
  });
});

describe('an event that can never be worked off', () => {
  const healthLine = async () => (await stack.relay.health()).checks['webhooks'];

  it('is set aside at its tenth try and told of, until staff has seen to it', async () => {
    const broken = eventOf('charge.refunded', {});
    expect(await deliver({ ...broken, data: {} })).toBe(200);
    const { admin } = stack.supabase.database;
    await until(async () => (await inboxRows(broken.id))[0]?.last_error != null);
    expect(await healthLine()).toBe('ok');
    // The first nine take a quarter of an hour.
    await admin.query(
      'update public.webhook_inbox set failures = 9, next_attempt_at = now() where event_id = $1',
      [broken.id],
    );
    await until(async () => (await healthLine()) !== 'ok', 20_000);
    expect(await healthLine()).toBe('set aside: 1 payment event(s); see docs/operating.md');
    const metrics = await (await fetch(`${stack.relay.url}/metrics`)).text();
    expect(metrics).toMatch(/mindbot_relay_events_set_aside\{[^}]*\} 1\b/);
    expect(metrics).toMatch(/mindbot_relay_event_backlog\{[^}]*\} 0\b/);
    expect(stack.relay.output()).toContain('was set aside');
    // Mended (here by hand) and given more tries, it is worked off like any other.
    const mended = JSON.stringify({ data: { object: { id: 'ch_none', object: 'charge' } } });
    await admin.query('update public.webhook_inbox set payload = $2 where event_id = $1', [
      broken.id,
      mended,
    ]);
    const retried = await stack.supabase.service().rpc('retry_webhook_event', { p_event_id: broken.id });
    expect(retried.data).toEqual({ eventId: broken.id, retried: true });
    expect(await deliver(broken)).toBe(200);
    await until(async () => (await healthLine()) === 'ok', 40_000);
    expect(await inboxRows(broken.id)).toMatchObject([{ done: true }]);
  });
});

describe('a database that goes away', () => {
  it('answers 503 without losing anything, knows its callers all the same, and catches up', async () => {
    const at = visitAt(stack.relay, token);
    const begun = await at.buy();
    await stack.gate.shut();
    try {
      const signed = eventOf('payment_intent.succeeded', { id: 'pi_later', object: 'payment_intent' });
      expect(await deliver(signed)).toBe(503);
      await payAt(begun.checkoutUrl);
      const poll = `GET /purchases/${begun.purchaseId}?visitId=${at.visitId}`;
      const unavailable = { status: 503, body: { error: { code: 'database_unavailable' } } };
      expect(await call(stack.relay, token, poll)).toMatchObject(unavailable);
      expect(
        await call(stack.relay, token, 'POST /redeem', {
          code: '0'.repeat(12),
          visitId: at.visitId,
          userId: null,
        }),
      ).toMatchObject(unavailable);
      expect(await call(stack.relay, undefined, poll)).toMatchObject({ status: 401 });
      expect((await openPage(begun.claimUrl ?? '')).status).toBe(503);
      await until(async () => (await stack.relay.health()).checks['database'] !== 'ok', 20_000);
      expect(await statusOf(begun.purchaseId)).toBe('pending');
    } finally {
      await stack.gate.open();
    }
    // No poll: the sandbox sends again, as Stripe does.
    await until(async () => (await statusOf(begun.purchaseId)) === 'paid', 30_000);
    await until(async () => (await stack.relay.health()).status === 'ok', 20_000);
  });
});

describe('a relay that is killed', () => {
  it('works off what it had stored, at its next start', async () => {
    await stack.sandbox.faults({ drop: '1000' });
    const begun = await visitAt(stack.relay, token).buy();
    await payAt(begun.checkoutUrl);
    const { data } = await stack.sandbox.stripe.events.list({
      types: ['checkout.session.completed'],
      limit: 1,
    });
    const [event] = data;
    expect(JSON.stringify(event)).toContain(begun.purchaseId);
    // One that can't reach Stripe stores the event and dies before it could work it off.
    const second = await stack.startRelay({ env: { STRIPE_API_BASE: 'http://127.0.0.1:1' } });
    const stored = await stack.supabase.service().rpc('store_webhook_events', {
      p_events: [
        {
          eventId: event?.id,
          type: event?.type,
          created: new Date().toISOString(),
          livemode: false,
          payload: event,
        },
      ],
    });
    expect(stored.data).toEqual([{ stored: true, processed: false }]);
    await second.crash();
    const third = await stack.startRelay({ dataDir: second.dataDir });
    await until(async () => (await statusOf(begun.purchaseId)) === 'paid');
    await third.stop();
    await second.stop();
  });
});
