/**
 * Attacks on every function of the API by every kind of caller, each call aimed at the owner's wallet, card or kiosk.
 * The table says who gets through and how the others are turned away; a function without a line fails.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { type Args, call, onBothVersions } from '../../support/database/database-kit.ts';
import { CALLERS, type Caller, makeWorld, outcomeOf, type World } from '../../support/database/rls-kit.ts';

interface Rule {
  args: (world: World) => Args;
  /** What happens to each caller; `refused` for those not named. */
  outcomes: Partial<Record<Caller, string>>;
}

const RELAY = { service: 'done' } as const;
const STAFF = { staff: 'done', service: 'done' } as const;
const EVERYBODY = Object.fromEntries(CALLERS.map((caller) => [caller, 'done']));
/** Device accounts only: elsewhere nothing is open, and a revoked one may do nothing. */
const KIOSK = { kiosk: 'done', other_kiosk: 'no_visit_grant', revoked_kiosk: 'kiosk_revoked' } as const;

const FUNCTIONS: Readonly<Record<string, Rule>> = {
  check_kiosk_enrolment: {
    args: () => ({ p_code_hash: randomBytes(32).toString('hex'), p_source: 'attack' }),
    outcomes: RELAY,
  },
  cleanup_expired_time_cards: { args: () => ({}), outcomes: RELAY },
  create_kiosk_enrolment: { args: () => ({ p_name: 'Intruder' }), outcomes: STAFF },
  create_purchase: {
    args: ({ owner }) => ({
      p_purchase_id: randomUUID(),
      p_tier_id: 'starter',
      p_kiosk_id: null,
      p_visit_id: null,
      p_user_id: owner.userId,
      p_livemode: false,
      p_claim_token_hash: randomUUID(),
    }),
    outcomes: RELAY,
  },
  deduct_user_time: { args: ({ owner }) => ({ user_id: owner.userId, minutes: 1 }), outcomes: RELAY },
  enrol_kiosk: {
    args: () => ({ p_kiosk_id: randomUUID(), p_auth_user_id: null, p_name: 'Intruder' }),
    outcomes: RELAY,
  },
  extend_lease: {
    args: ({ owner }) => ({ p_lease_id: owner.leaseId, p_n: 1, p_seconds: 60 }),
    outcomes: { ...KIOSK, other_kiosk: 'lease_unknown' },
  },
  fail_purchase: {
    args: ({ owner }) => ({ p_purchase_id: owner.purchaseId, p_status: 'failed', p_message: null }),
    outcomes: RELAY,
  },
  find_purchase: {
    args: ({ owner }) => ({
      p_checkout_session_id: null,
      p_payment_intent_id: owner.paymentIntentId,
      p_claim_token_hash: null,
    }),
    outcomes: RELAY,
  },
  advance_sweep_cursor: {
    args: () => ({ p_account: '0123456789ab', p_seconds: 1 }),
    outcomes: RELAY,
  },
  finish_webhook_event: {
    args: ({ owner }) => ({ p_event_id: owner.eventId, p_error: null }),
    outcomes: RELAY,
  },
  finish_kiosk_enrolment: {
    args: () => ({
      p_code_hash: randomBytes(32).toString('hex'),
      p_kiosk_id: randomUUID(),
      p_auth_user_id: null,
    }),
    outcomes: RELAY,
  },
  fulfil_payment: {
    args: ({ owner }) => ({
      p_purchase_id: owner.purchaseId,
      p_payment_intent_id: owner.paymentIntentId,
      p_amount_cents: 1_000,
      p_currency: 'usd',
      p_livemode: false,
      p_code_nonce: 'n',
      p_code_key_id: 'k1',
      p_code_lookup: randomBytes(32).toString('hex'),
    }),
    outcomes: RELAY,
  },
  get_card_batch: {
    args: ({ owner }) => ({ p_batch_id: owner.batchId, p_asked_by: owner.userId }),
    outcomes: RELAY,
  },
  get_purchase: { args: ({ owner }) => ({ p_purchase_id: owner.purchaseId }), outcomes: RELAY },
  get_user_time_balance: {
    args: ({ owner }) => ({ user_id: owner.userId }),
    outcomes: { ...STAFF, ...KIOSK, owner: 'done' },
  },
  issue_card_batch: {
    args: () => ({
      p_batch_id: randomUUID(),
      p_tier_id: 'starter',
      p_cards: JSON.stringify([{ nonce: 'n', keyId: 'k1', lookup: randomBytes(32).toString('hex') }]),
      p_note: '',
    }),
    outcomes: RELAY,
  },
  list_packages: { args: () => ({}), outcomes: EVERYBODY },
  list_set_aside_webhook_events: { args: () => ({}), outcomes: STAFF },
  merge_wallet: {
    // Reaches the rule that accounts are never merged away.
    args: ({ owner, customer }) => ({ p_from_user_id: owner.userId, p_into_user_id: customer.userId }),
    outcomes: { service: 'wallet_of_account' },
  },
  open_lease: {
    args: ({ owner }) => ({
      p_lease_id: owner.leaseId,
      p_user_id: owner.userId,
      p_visit_id: owner.visitId,
      p_seconds: 60,
    }),
    outcomes: KIOSK,
  },
  open_own_wallet: {
    // Opens the caller's own wallet, never the owner's.
    args: ({ owner }) => ({ p_kiosk_id: owner.kiosk.kioskId, p_visit_id: owner.visitId }),
    outcomes: { customer: 'done', owner: 'done' },
  },
  pending_webhook_events: { args: () => ({ p_limit: 1 }), outcomes: RELAY },
  post_usage: {
    // Each kiosk has a log of its own, so the other one only asks about its own.
    args: ({ owner }) => ({ p_epoch: owner.epoch, p_rows: '[]' }),
    outcomes: { ...KIOSK, other_kiosk: 'done' },
  },
  prune_old_data: { args: () => ({}), outcomes: RELAY },
  redeem_code: {
    args: ({ owner }) => ({
      p_lookups: [owner.lookup],
      p_kiosk_id: owner.kiosk.kioskId,
      p_visit_id: randomUUID(),
      p_user_id: null,
    }),
    outcomes: RELAY,
  },
  refund_payment: {
    args: ({ owner }) => ({
      p_payment_intent_id: owner.paymentIntentId,
      p_refund_id: 're_attack',
      p_amount_cents: 1,
      p_reason: 'attack',
    }),
    outcomes: RELAY,
  },
  report_today: { args: () => ({ p_time_zone: 'UTC' }), outcomes: STAFF },
  report_written_off: { args: () => ({}), outcomes: STAFF },
  retry_webhook_event: { args: ({ owner }) => ({ p_event_id: owner.eventId }), outcomes: STAFF },
  review_webhook_event: {
    args: ({ owner }) => ({ p_event_id: owner.eventId, p_note: 'attack' }),
    outcomes: STAFF,
  },
  review_parked_usage: {
    args: ({ owner }) => ({ p_kiosk_id: owner.kiosk.kioskId, p_note: 'attack' }),
    outcomes: STAFF,
  },
  revoke_card: {
    args: ({ owner }) => ({ p_card_id: owner.cardIds[0], p_reason: 'attack' }),
    outcomes: STAFF,
  },
  revoke_kiosk: {
    args: ({ owner }) => ({ p_kiosk_id: owner.kiosk.kioskId, p_reason: 'attack' }),
    outcomes: STAFF,
  },
  set_purchase_checkout: {
    args: ({ owner }) => ({
      p_purchase_id: owner.purchaseId,
      p_checkout_session_id: 'cs_attack',
      p_payment_intent_id: null,
      p_checkout_url: null,
      p_expires_at: null,
    }),
    outcomes: RELAY,
  },
  settle_silent_leases: { args: () => ({}), outcomes: RELAY },
  store_webhook_events: { args: () => ({ p_events: '[]' }), outcomes: RELAY },
  verify_ledger: { args: () => ({}), outcomes: STAFF },
  void_lease: { args: ({ owner }) => ({ p_lease_id: owner.leaseId, p_reason: 'attack' }), outcomes: STAFF },
  webhook_inbox_state: { args: () => ({}), outcomes: STAFF },
};

onBothVersions('attacks on functions', (database) => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld(database());
  });

  it('have a line for every function that the API offers', async () => {
    const { rows } = await world.db.admin.query(
      `select proname as name, count(*)::int as versions from pg_proc
       where pronamespace = 'public'::regnamespace group by 1 order by 1`,
    );
    expect(rows).toEqual(
      Object.keys(FUNCTIONS)
        .sort()
        .map((name) => ({ name, versions: 1 })),
    );
  });

  it.each(Object.keys(FUNCTIONS))('%s turns everybody away who is not listed', async (name) => {
    const rule = FUNCTIONS[name];
    if (!rule) throw new Error(`no rule for ${name}`);
    const args = rule.args(world);
    const seen: Record<string, string> = {};
    for (const caller of CALLERS) {
      seen[caller] = await outcomeOf(world.attack(caller, (client) => call(client, name, args)));
    }
    expect(seen).toEqual(
      Object.fromEntries(CALLERS.map((caller) => [caller, rule.outcomes[caller] ?? 'refused'])),
    );
  });

  it('never open another wallet to a customer who names the owner’s visit', async () => {
    const { customer, owner } = world;
    const args = { p_kiosk_id: owner.kiosk.kioskId, p_visit_id: owner.visitId };
    const answer = await world.attack('customer', (client) => call(client, 'open_own_wallet', args));
    expect(answer).toEqual({ userId: customer.userId });
  });

  it('find the helpers closed to everybody, but for those that policies ask', async () => {
    const { rows } = await world.db.admin.query(
      `select p.proname as name from pg_proc p where p.pronamespace = 'app'::regnamespace and exists (
         select from unnest(array['anon', 'authenticated', 'service_role']) as r (role)
         where has_function_privilege(r.role, p.oid, 'execute')) order by 1`,
    );
    expect(rows.map((row) => row.name)).toEqual(['caller_kind', 'caller_user_id', 'is_service']);
  });
});
