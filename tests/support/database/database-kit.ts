/**
 * What the tests of the database have in common: kiosks, wallets and cards made the way the product makes them, calls
 * with the rights of the real callers, and a usage log with its hash chain.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { GENESIS_HASH, type LeaseAnswer, type UsageRow, usageRowText } from '../../../src-shared/database.ts';
import type { Balance } from '../../../src-shared/relay-api.ts';
import { startTestDatabase, type TestDatabase } from './database.ts';

export type Args = Readonly<Record<string, unknown>>;
export type Answer = Record<string, unknown>;

export interface Kiosk {
  kioskId: string;
  authUserId: string;
  /** Calls a function with the rights of this kiosk's device account. */
  rpc<T = Answer>(name: string, args: Args): Promise<T>;
}

export interface Card {
  cardId: string;
  purchaseId: string;
  paymentIntentId: string;
  lookup: string;
}

export interface Wallet {
  userId: string;
  visitId: string;
  cardIds: string[];
}

interface Querying {
  query(text: string, values: unknown[]): Promise<{ rows: { answer: unknown }[] }>;
}

/** `select name(arg := …)`; the answer as it is, typed by the caller. */
export async function call<T = Answer>(client: Querying, name: string, args: Args): Promise<T> {
  const names = Object.keys(args);
  const list = names.map((argument, index) => `${argument} := $${index + 1}`).join(', ');
  const { rows } = await client.query(`select public.${name}(${list}) as answer`, Object.values(args));
  return rows[0]?.answer as T;
}

/** Calls a function with the rights of the relay. */
export function asRelay<T = Answer>(db: TestDatabase, name: string, args: Args): Promise<T> {
  return db.asService((client) => call<T>(client, name, args));
}

/** Runs the tests of `body` on Postgres 17 (embedded) and 15 (Debian), each with a database of their own. */
export function onBothVersions(name: string, body: (database: () => TestDatabase) => void): void {
  describe.each([17, 15] as const)(`${name} (Postgres %i)`, (version) => {
    let db: TestDatabase | undefined;
    beforeAll(async () => {
      db = await startTestDatabase({ version });
    });
    afterAll(async () => {
      await db?.stop();
    });
    body(() => {
      if (!db) throw new Error('The database is not started yet.');
      return db;
    });
  });
}

export async function makeKiosk(db: TestDatabase): Promise<Kiosk> {
  const kioskId = randomUUID();
  const authUserId = await db.createAuthUser({
    email: `${kioskId}@kiosk.example`,
    appMetadata: { kind: 'kiosk', kiosk_id: kioskId },
  });
  await asRelay(db, 'enrol_kiosk', { p_kiosk_id: kioskId, p_auth_user_id: authUserId, p_name: 'Entrance' });
  return {
    kioskId,
    authUserId,
    rpc: <T>(name: string, args: Args) => db.asUser(authUserId, (client) => call<T>(client, name, args)),
  };
}

export interface CardOptions {
  paidSeconds: number;
  bonusSeconds?: number;
  priceCents?: number;
  /** Joins this wallet at once. */
  userId?: string;
}

/** A purchase of a package of its own, paid: a card with its code. */
export async function buyCard(db: TestDatabase, options: CardOptions): Promise<Card> {
  const tierId = `t${randomBytes(8).toString('hex')}`;
  const { paidSeconds, bonusSeconds = 0, priceCents = 1_000, userId = null } = options;
  await db.admin.query(
    `insert into public.pricing_tiers (id, name, paid_seconds, bonus_seconds, price_cents, active)
     values ($1, 'Test', $2, $3, $4, true)`,
    [tierId, paidSeconds, bonusSeconds, priceCents],
  );
  const purchaseId = randomUUID();
  const paymentIntentId = `pi_${purchaseId}`;
  const lookup = randomBytes(32).toString('hex');
  await asRelay(db, 'create_purchase', {
    ...purchaseArgs(purchaseId, tierId),
    p_user_id: userId,
  });
  const row = await asRelay<{ cardId: string }>(db, 'fulfil_payment', {
    p_purchase_id: purchaseId,
    p_payment_intent_id: paymentIntentId,
    p_amount_cents: priceCents,
    p_currency: 'usd',
    p_livemode: false,
    p_code_nonce: 'nonce',
    p_code_key_id: 'k1',
    p_code_lookup: lookup,
  });
  return { cardId: row.cardId, purchaseId, paymentIntentId, lookup };
}

/** Arguments of create_purchase for a purchase without kiosk and wallet. */
export function purchaseArgs(purchaseId: string, tierId: string): Args {
  return {
    p_purchase_id: purchaseId,
    p_tier_id: tierId,
    p_kiosk_id: null,
    p_visit_id: null,
    p_user_id: null,
    p_livemode: false,
    p_claim_token_hash: `hash of ${purchaseId}`,
  };
}

/** Redeems a code at a kiosk, as the relay does. */
export function redeem(db: TestDatabase, kiosk: Kiosk, lookup: string, visitId: string, userId?: string) {
  return asRelay<{ ok: boolean; error?: string; userId: string; cardId: string; outcome: string }>(
    db,
    'redeem_code',
    { p_lookups: [lookup], p_kiosk_id: kiosk.kioskId, p_visit_id: visitId, p_user_id: userId ?? null },
  );
}

/** A wallet with these cards, open at the kiosk. They expire in the order given, a day apart. */
export async function makeWallet(db: TestDatabase, kiosk: Kiosk, cards: CardOptions[]): Promise<Wallet> {
  const visitId = randomUUID();
  const cardIds: string[] = [];
  let userId: string | undefined;
  for (const [index, options] of cards.entries()) {
    const card = await buyCard(db, options);
    userId = (await redeem(db, kiosk, card.lookup, visitId, userId)).userId;
    cardIds.push(card.cardId);
    await expireIn(db, card.cardId, `${100 + index} days`);
  }
  if (userId === undefined) throw new Error('A wallet needs a card.');
  return { userId, visitId, cardIds };
}

/** Opens this wallet at one more kiosk for the same visit. */
export async function grantVisit(db: TestDatabase, wallet: Wallet, kiosk: Kiosk): Promise<void> {
  await db.admin.query(
    `insert into public.visit_grants (user_id, kiosk_id, visit_id, expires_at)
     values ($1, $2, $3, now() + interval '1 hour') on conflict do nothing`,
    [wallet.userId, kiosk.kioskId, wallet.visitId],
  );
}

/** Reserves seconds of a wallet for a kiosk. */
export function openLease(kiosk: Kiosk, wallet: Wallet, seconds: number): Promise<LeaseAnswer> {
  return kiosk.rpc<LeaseAnswer>('open_lease', {
    p_lease_id: randomUUID(),
    p_user_id: wallet.userId,
    p_visit_id: wallet.visitId,
    p_seconds: seconds,
  });
}

/** What the rows of a talk under this lease have in common. */
export function factsOf(wallet: Wallet, leaseId: string): TalkFacts {
  return { talkId: randomUUID(), leaseId, userId: wallet.userId, visitId: wallet.visitId };
}

/** Gives money back for a card, as the relay does after Stripe said so. */
export function refundCard(
  db: TestDatabase,
  paymentIntentId: string,
  amountCents: number,
  refundId?: string,
) {
  return asRelay(db, 'refund_payment', {
    p_payment_intent_id: paymentIntentId,
    p_refund_id: refundId ?? `re_${randomUUID()}`,
    p_amount_cents: amountCents,
    p_reason: 'requested_by_customer',
  });
}

/** Moves the end of a card to `interval` from now (`-1 second`: it has just expired). */
export async function expireIn(db: TestDatabase, cardId: string, interval: string): Promise<void> {
  await db.admin.query(
    'update public.time_cards set expires_at = clock_timestamp() + $2::interval where id = $1',
    [cardId, interval],
  );
}

export function balanceAt(kiosk: Kiosk, userId: string): Promise<Balance> {
  return kiosk.rpc<Balance>('get_user_time_balance', { user_id: userId });
}

export interface Buckets {
  available: [paid: number, bonus: number];
  held: [paid: number, bonus: number];
  spent: [paid: number, bonus: number];
  refunded: [paid: number, bonus: number];
  expired: [paid: number, bonus: number];
  writtenOff: [paid: number, bonus: number];
  status: string;
}

/** What became of the seconds of a card. */
export async function bucketsOf(db: TestDatabase, cardId: string | undefined): Promise<Buckets> {
  const { rows } = await db.admin.query(
    `select jsonb_build_object(
       'available', jsonb_build_array(paid_available_seconds, bonus_available_seconds),
       'held', jsonb_build_array(paid_held_seconds, bonus_held_seconds),
       'spent', jsonb_build_array(paid_spent_seconds, bonus_spent_seconds),
       'refunded', jsonb_build_array(paid_refunded_seconds, bonus_refunded_seconds),
       'expired', jsonb_build_array(paid_expired_seconds, bonus_expired_seconds),
       'writtenOff', jsonb_build_array(paid_written_off_seconds, bonus_written_off_seconds),
       'status', status) as buckets from public.time_cards where id = $1`,
    [cardId],
  );
  return rows[0]?.buckets;
}

/** Everything that does not add up. */
export async function ledgerProblems(db: TestDatabase): Promise<unknown[]> {
  const { rows } = await db.asService((client) => client.query('select * from public.verify_ledger()'));
  return rows;
}

export interface TalkFacts {
  talkId: string;
  leaseId: string | null;
  userId: string | null;
  visitId: string | null;
}

/** The usage log of a kiosk store: rows with sequence numbers and hash chain. */
export class UsageLog {
  readonly epoch: string = randomUUID();
  readonly rows: UsageRow[] = [];

  /** Adds one row. Wall clock: now. */
  add(kind: UsageRow['kind'], facts: TalkFacts, more: Partial<UsageRow> = {}): UsageRow {
    const last = this.rows.at(-1);
    const row = {
      seq: (last?.seq ?? 0) + 1,
      kind,
      ...facts,
      seconds: kind === 'tick' ? 1 : 0,
      note: kind === 'talk_ended' ? 'customer' : '',
      atMs: Date.now(),
      prevHash: last?.hash ?? GENESIS_HASH,
      ...more,
    };
    const whole = { ...row, hash: hashOf(row) };
    this.rows.push(whole);
    return whole;
  }

  ticks(count: number, facts: TalkFacts): void {
    for (let tick = 0; tick < count; tick += 1) this.add('tick', facts);
  }

  post<T = Answer>(kiosk: Kiosk, rows: readonly unknown[] = this.rows): Promise<T> {
    return kiosk.rpc<T>('post_usage', { p_epoch: this.epoch, p_rows: JSON.stringify(rows) });
  }
}

export function hashOf(row: Omit<UsageRow, 'hash'>): string {
  return createHash('sha256').update(usageRowText(row), 'utf8').digest('hex');
}
