/**
 * verify_ledger(): nothing when all is well, and a line of its own for everything that can be wrong. Each damage is
 * done past the rules of the tables, as a bug or a hand in the database might.
 */
import { randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import { beforeAll, expect, it } from 'vitest';
import type { TestDatabase } from '../../support/database/database.ts';
import {
  asRelay,
  buyCard,
  factsOf,
  ledgerProblems,
  makeKiosk,
  makeWallet,
  onBothVersions,
  openLease,
  redeem,
  refundCard,
  UsageLog,
} from '../../support/database/database-kit.ts';

const BUCKET_RULES = ['paid_seconds_are_all_somewhere', 'bonus_seconds_are_all_somewhere'];
const dropRules = BUCKET_RULES.map((rule) => `alter table public.time_cards drop constraint ${rule};`).join(
  '\n',
);

/** What to do to the world, and the problem that must be named. `$card`, `$lease`, … stand for ids of it. */
const DAMAGES: readonly [problem: string, damage: string][] = [
  [
    'card_differs_from_ledger',
    `update public.time_cards set paid_available_seconds = paid_available_seconds - 1,
     paid_spent_seconds = paid_spent_seconds + 1 where id = $card`,
  ],
  [
    'card_not_bought_once',
    `insert into public.ledger_entries (card_id, kind, from_bucket, to_bucket, paid_seconds,
     bonus_seconds, idempotency_key) values ($card, 'bought', 'outside', 'available', 1, 0, 'again')`,
  ],
  [
    'card_sum_differs',
    `${dropRules} update public.time_cards set paid_seconds = paid_seconds + 1 where id = $card`,
  ],
  [
    'card_held_differs_from_leases',
    `update public.lease_allocations set paid_held_seconds = paid_held_seconds - 1
     where lease_id = $lease`,
  ],
  [
    'lease_differs_from_its_parts',
    `update public.leases set spent_seconds = spent_seconds + 1 where id = $lease`,
  ],
  [
    'lease_part_differs_from_ledger',
    `update public.lease_allocations set paid_spent_seconds = paid_spent_seconds - 1,
     paid_held_seconds = paid_held_seconds + 1 where lease_id = $lease`,
  ],
  [
    'held_seconds_move_without_lease',
    `update public.ledger_entries set lease_id = null where lease_id = $lease`,
  ],
  [
    'purchase_paid_without_card',
    `update public.purchases set status = 'paid', paid_at = now() where id = $pending`,
  ],
  ['purchase_differs_from_payment', `delete from public.payment_history where card_id = $card`],
  [
    'purchase_differs_from_payment',
    `update public.payment_history set amount_cents = 1 where card_id = $card`,
  ],
  [
    'card_differs_from_purchase',
    `update public.purchases set price_cents = price_cents + 1 where id = $purchase`,
  ],
  [
    'payment_of_another_card',
    `update public.payment_history set card_id = $batch_card where card_id = $card`,
  ],
  ['payment_of_another_card', `update public.payment_history set user_id = $merged where card_id = $card`],
  [
    'more_given_back_than_paid',
    `update public.payment_history set amount_cents = 1001 where refund_id = $refund`,
  ],
  [
    'refunded_seconds_differ_from_refunds',
    `update public.payment_history set refunded_seconds = refunded_seconds - 1
     where refund_id = $refund`,
  ],
  ['batch_differs_from_its_cards', `update public.card_batches set card_count = 2`],
  ['ended_card_has_time', `update public.time_cards set status = 'revoked' where id = $card`],
  ['merged_wallet_holds_something', `update public.time_cards set user_id = $merged where id = $card`],
  ['entry_of_another_wallet', `update public.time_cards set user_id = $account where id = $card`],
  ['lease_of_another_wallet', `update public.leases set user_id = $account where id = $lease`],
  ['more_talked_than_spent', `update public.voice_sessions set seconds = seconds + 1`],
  [
    'webhook_event_set_aside',
    `insert into public.webhook_inbox (event_id, type, created, livemode, payload, failures, set_aside_at)
     values ('evt_damage', 'charge.refunded', now(), false, '{}', 10, now())`,
  ],
  ['usage_log_has_gaps', `update public.kiosk_streams set last_seq = last_seq + 1`],
];

onBothVersions('verify_ledger', (database) => {
  let ids: Record<string, string | undefined>;

  /** A running talk, a refunded card, a merged wallet, a batch and a purchase under way. */
  async function makeBooks(db: TestDatabase) {
    const kiosk = await makeKiosk(db);
    const wallet = await makeWallet(db, kiosk, [{ paidSeconds: 600, bonusSeconds: 60, priceCents: 1_000 }]);
    const { leaseId } = await openLease(kiosk, wallet, 300);
    const log = new UsageLog();
    const facts = factsOf(wallet, leaseId);
    log.add('talk_started', facts);
    log.ticks(50, facts);
    await log.post(kiosk);
    const refunded = await buyCard(db, { paidSeconds: 100, priceCents: 1_000 });
    await refundCard(db, refunded.paymentIntentId, 400, 're_books');
    const account = await db.createAuthUser({ email: `${randomUUID()}@example.com` });
    const other = await buyCard(db, { paidSeconds: 60 });
    const merged = await redeem(db, kiosk, other.lookup, randomUUID());
    await asRelay(db, 'merge_wallet', { p_from_user_id: merged.userId, p_into_user_id: account });
    const batch = await asRelay<{ cards: { cardId: string }[] }>(db, 'issue_card_batch', {
      p_batch_id: randomUUID(),
      p_tier_id: 'starter',
      p_cards: JSON.stringify([{ nonce: 'n', keyId: 'k1', lookup: 'ab'.repeat(16) }]),
      p_note: '',
    });
    const pending = randomUUID();
    await asRelay(db, 'create_purchase', {
      p_purchase_id: pending,
      p_tier_id: 'starter',
      p_kiosk_id: null,
      p_visit_id: null,
      p_user_id: null,
      p_livemode: false,
      p_claim_token_hash: null,
    });
    const { rows } = await db.admin.query(
      'select purchase_id as id from public.time_cards where id = $1',
      wallet.cardIds,
    );
    return {
      card: wallet.cardIds[0],
      lease: leaseId,
      purchase: rows[0].id,
      pending,
      refund: 're_books',
      account,
      merged: merged.userId,
      batch_card: batch.cards[0]?.cardId,
    };
  }

  beforeAll(async () => {
    ids = await makeBooks(database());
  });

  it('finds nothing in books that are right', async () => {
    expect(await ledgerProblems(database())).toEqual([]);
  });

  it.each(DAMAGES)('names %s', async (problem, damage) => {
    const client = await database().admin.connect();
    try {
      await client.query('begin');
      // Past the triggers and foreign keys.
      await client.query('set local session_replication_role = replica');
      await client.query(damage.replaceAll(/\$(\w+)/g, (_, name: string) => `'${ids[name]}'`));
      expect(await problemsFor(client)).toContain(problem);
    } finally {
      await client.query('rollback');
      client.release();
    }
    expect(await ledgerProblems(database())).toEqual([]);
  });

  async function problemsFor(client: PoolClient): Promise<string[]> {
    const { rows } = await client.query('select distinct problem from public.verify_ledger()');
    return rows.map((row) => row.problem);
  }

  it('has a damage here for every problem it can name', async () => {
    const { rows } = await database().admin.query(
      `select distinct m[1] as name from pg_proc p, regexp_matches(p.prosrc, 'select (?:distinct )?''([a-z_]+)''', 'g') as m
       where p.proname like '%\\_differences' order by 1`,
    );
    expect(rows.map((row) => row.name)).toEqual([...new Set(DAMAGES.map(([problem]) => problem))].sort());
  });
});
