/** Buying, fulfilment and the webhook inbox: each effect once, at the server's price. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { pricingPackageSchema } from '../../../src-shared/pricing.ts';
import {
  type Answer,
  type Args,
  asRelay,
  call,
  ledgerProblems,
  onBothVersions,
  purchaseArgs,
} from '../../support/database/database-kit.ts';

const paymentOf = (purchaseId: string): Args => ({
  p_purchase_id: purchaseId,
  p_payment_intent_id: `pi_${purchaseId}`,
  p_amount_cents: 999,
  p_currency: 'usd',
  p_livemode: false,
  p_code_nonce: 'first',
  p_code_key_id: 'k1',
  p_code_lookup: purchaseId.replaceAll('-', ''),
});

onBothVersions('payments', (database) => {
  const relay = <T = Answer>(name: string, args: Args) => asRelay<T>(database(), name, args);

  it('offers the five packages to everybody; a seed run again keeps what an admin edited', async () => {
    const copy = await database().copy();
    try {
      const list = async () =>
        pricingPackageSchema
          .array()
          .parse(await copy.asRole({ role: 'anon' }, (client) => call(client, 'list_packages', {})));
      const packages = await list();
      expect(packages.map((tier) => [tier.id, tier.paidSeconds, tier.bonusSeconds, tier.priceCents])).toEqual(
        [
          ['starter', 3_600, 0, 999],
          ['basic', 18_000, 1_800, 4_499],
          ['premium', 36_000, 7_200, 7_999],
          ['pro', 90_000, 18_000, 17_999],
          ['enterprise', 180_000, 36_000, 29_999],
        ],
      );
      await copy.admin.query(`update public.pricing_tiers set price_cents = 1099 where id = 'starter'`);
      await copy.admin.query(`update public.pricing_tiers set active = false where id = 'pro'`);
      const { readFile } = await import('node:fs/promises');
      await copy.admin.query(await readFile(new URL('../../../supabase/seed.sql', import.meta.url), 'utf8'));
      expect((await list()).map((tier) => tier.id)).toEqual(['starter', 'basic', 'premium', 'enterprise']);
      expect((await list())[0]?.priceCents).toBe(1_099);
      const { rows } = await copy.admin.query(
        `select action, count(*)::int as count from public.audit_log where action like 'package%' group by 1 order by 1`,
      );
      expect(rows).toEqual([
        { action: 'package_insert', count: 5 },
        { action: 'package_update', count: 2 },
      ]);
    } finally {
      await copy.stop();
    }
  });

  it('writes a purchase once per id, at the price of the package', async () => {
    const purchaseId = randomUUID();
    const args = purchaseArgs(purchaseId, 'starter');
    const first = await relay('create_purchase', args);
    expect(first).toMatchObject({
      purchaseId,
      tierId: 'starter',
      status: 'pending',
      priceCents: 999,
      cardId: null,
    });
    expect(await relay('create_purchase', args)).toEqual(first);
    await expect(relay('create_purchase', { ...args, p_tier_id: 'basic' })).rejects.toThrow(
      'purchase_differs',
    );
    await expect(relay('create_purchase', { ...args, p_visit_id: randomUUID() })).rejects.toThrow(
      'purchase_differs',
    );
    await expect(relay('create_purchase', purchaseArgs(randomUUID(), 'free'))).rejects.toThrow(
      'package_unknown',
    );
    const expiresAt = '2027-01-01T00:00:00.000Z';
    await relay('set_purchase_checkout', {
      p_purchase_id: purchaseId,
      p_checkout_session_id: `cs_${purchaseId}`,
      p_payment_intent_id: null,
      p_checkout_url: 'https://pay.example/1',
      p_expires_at: expiresAt,
    });
    const none = { p_checkout_session_id: null, p_payment_intent_id: null, p_claim_token_hash: null };
    expect(
      await relay('find_purchase', { ...none, p_checkout_session_id: `cs_${purchaseId}` }),
    ).toMatchObject({
      purchaseId,
      expiresAt,
      checkoutUrl: 'https://pay.example/1',
    });
    expect(await relay('find_purchase', none)).toBeNull();
    expect(await relay('get_purchase', { p_purchase_id: randomUUID() })).toBeNull();
  });

  it('fulfils once, whoever calls: the first nonce wins', async () => {
    const purchaseId = randomUUID();
    await relay('create_purchase', purchaseArgs(purchaseId, 'starter'));
    const calls = ['a', 'b', 'c', 'd', 'e'].map((nonce) =>
      relay('fulfil_payment', {
        ...paymentOf(purchaseId),
        p_code_nonce: nonce,
        p_code_lookup: `${nonce}${paymentOf(purchaseId)['p_code_lookup']}`.slice(0, 32),
      }),
    );
    const answers = await Promise.all(calls);
    expect(new Set(answers.map((row) => row['cardId'])).size).toBe(1);
    expect(new Set(answers.map((row) => row['codeNonce'])).size).toBe(1);
    expect(answers[0]).toMatchObject({
      status: 'paid',
      codeKeyId: 'k1',
      paymentIntentId: `pi_${purchaseId}`,
    });
    expect(
      await relay('fail_purchase', { p_purchase_id: purchaseId, p_status: 'expired', p_message: null }),
    ).toMatchObject({ status: 'paid' });
    expect(await ledgerProblems(database())).toEqual([]);
  });

  it('fulfils nothing when amount, currency, mode or payment are others, and keeps a record', async () => {
    const purchaseId = randomUUID();
    await relay('create_purchase', purchaseArgs(purchaseId, 'starter'));
    const payment = paymentOf(purchaseId);
    const wrong: Args[] = [{ p_amount_cents: 998 }, { p_currency: 'eur' }, { p_livemode: true }];
    for (const difference of wrong) {
      expect(await relay('fulfil_payment', { ...payment, ...difference })).toMatchObject({
        code: 'P0001',
        message: 'payment_mismatch',
      });
    }
    const { rows } = await database().admin.query(
      `select count(*)::int as count from public.audit_log where action = 'payment_mismatch' and subject = $1`,
      [purchaseId],
    );
    expect(rows).toEqual([{ count: 3 }]);
    expect(await relay('get_purchase', { p_purchase_id: purchaseId })).toMatchObject({
      status: 'pending',
      cardId: null,
    });
    expect(await relay('fulfil_payment', payment)).toMatchObject({ status: 'paid' });
    expect(
      await relay('fulfil_payment', { ...payment, p_payment_intent_id: `pi_second_${purchaseId}` }),
    ).toMatchObject({ message: 'payment_mismatch' });
  });

  it('keeps declines and ends of unpaid purchases; money that comes later still counts', async () => {
    const purchaseId = randomUUID();
    await relay('create_purchase', purchaseArgs(purchaseId, 'starter'));
    const fail = (status: string, message: string | null) =>
      relay('fail_purchase', { p_purchase_id: purchaseId, p_status: status, p_message: message });
    expect(await fail('pending', 'Card declined')).toMatchObject({
      status: 'pending',
      lastError: 'Card declined',
    });
    expect(await fail('expired', null)).toMatchObject({ status: 'expired' });
    expect(await fail('pending', 'late decline')).toMatchObject({ status: 'expired' });
    await expect(fail('paid', null)).rejects.toThrow('invalid_status');
    expect(await relay('fulfil_payment', paymentOf(purchaseId))).toMatchObject({
      status: 'paid',
      lastError: null,
    });
  });

  it('stores each webhook event once and hands out what is due', async () => {
    const eventId = `evt_${randomUUID()}`;
    const store = () =>
      relay('store_webhook_events', {
        p_events: JSON.stringify([
          {
            eventId,
            type: 'checkout.session.completed',
            created: '2026-11-01T00:00:00Z',
            livemode: false,
            payload: { id: eventId },
          },
        ]),
      });
    expect(await store()).toEqual([{ stored: true, processed: false }]);
    expect(await store()).toEqual([{ stored: false, processed: false }]);
    const pending = async () =>
      (
        await relay<{ eventId: string; payload: unknown }[]>('pending_webhook_events', { p_limit: 100 })
      ).filter((entry) => entry.eventId === eventId);
    expect(await pending()).toMatchObject([{ payload: { id: eventId }, attempts: 0 }]);
    await relay('finish_webhook_event', { p_event_id: eventId, p_error: 'Stripe is away' });
    expect(await pending()).toEqual([]);
    await database().admin.query(
      'update public.webhook_inbox set next_attempt_at = now() where event_id = $1',
      [eventId],
    );
    expect(await pending()).toMatchObject([{ attempts: 1, lastError: 'Stripe is away' }]);
    await relay('finish_webhook_event', { p_event_id: eventId, p_error: null });
    expect(await store()).toEqual([{ stored: false, processed: true }]);
    expect(await pending()).toEqual([]);
  });

  it('stores events that come at once as if each had come alone, or none of them', async () => {
    const eventOf = (payload: unknown) => {
      const eventId = `evt_${randomUUID()}`;
      const common = { type: 'refund.created', created: '2026-11-01T00:00:00Z', livemode: false };
      return { eventId, ...common, payload };
    };
    const store = (...events: object[]) =>
      relay<object[]>('store_webhook_events', { p_events: JSON.stringify(events) });
    const [known, fresh, other] = [eventOf({ n: 1 }), eventOf({ n: 2 }), eventOf({ n: 3 })];
    expect(await store()).toEqual([]);
    expect(await store(known)).toEqual([{ stored: true, processed: false }]);
    await relay('finish_webhook_event', { p_event_id: known.eventId, p_error: null });
    expect(await store(fresh, known, { ...fresh, payload: { n: 9 } })).toEqual([
      { stored: true, processed: false },
      { stored: false, processed: true },
      { stored: false, processed: false },
    ]);
    await expect(store(other, { ...eventOf({}), created: 'never' })).rejects.toThrow(/timestamp/);
    const { rows } = await database().admin.query(
      'select payload from public.webhook_inbox where event_id = any($1) order by payload ->> $2',
      [[known.eventId, fresh.eventId, other.eventId], 'n'],
    );
    expect(rows).toEqual([{ payload: { n: 1 } }, { payload: { n: 2 } }]);
  });
});
