/**
 * What the attack suite has in common: every kind of caller there is, a database in which every table holds rows of two
 * customers, and what became of an attack.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import type { TestDatabase } from './database.ts';
import {
  asRelay,
  buyCard,
  factsOf,
  grantVisit,
  type Kiosk,
  makeKiosk,
  openLease,
  purchaseArgs,
  redeem,
  UsageLog,
  type Wallet,
} from './database-kit.ts';

/**
 * `customer` attacks the rows of `owner`; `kiosk` is where the owner talks, `other_kiosk` one that has nothing to do
 * with either; `revoked_kiosk` had the owner's wallet open until it was revoked.
 */
export const CALLERS = [
  'anonymous',
  'customer',
  'owner',
  'other_kiosk',
  'kiosk',
  'revoked_kiosk',
  'staff',
  'service',
] as const;
export type Caller = (typeof CALLERS)[number];

export interface Customer extends Wallet {
  kiosk: Kiosk;
  leaseId: string;
  purchaseId: string;
  paymentIntentId: string;
  lookup: string;
  eventId: string;
  batchId: string;
  epoch: string;
}

export interface World {
  db: TestDatabase;
  customer: Customer;
  owner: Customer;
  /** One transaction with the rights of a caller, undone afterwards. */
  attack<T>(caller: Caller, work: (client: PoolClient) => Promise<T>): Promise<T>;
}

export async function makeWorld(db: TestDatabase): Promise<World> {
  const [customer, owner] = [await makeCustomer(db), await makeCustomer(db)];
  const [otherKiosk, revokedKiosk] = [await makeKiosk(db), await makeKiosk(db)];
  await grantVisit(db, owner, revokedKiosk);
  await asRelay(db, 'revoke_kiosk', { p_kiosk_id: revokedKiosk.kioskId, p_reason: 'stolen' });
  const staff = await db.createAuthUser({
    email: `${randomUUID()}@example.com`,
    appMetadata: { kind: 'staff' },
  });
  await db.admin.query(`update public.pricing_tiers set active = false where id = 'pro'`);
  const accounts: Record<Exclude<Caller, 'anonymous' | 'service'>, string> = {
    customer: customer.userId,
    owner: owner.userId,
    other_kiosk: otherKiosk.authUserId,
    kiosk: owner.kiosk.authUserId,
    revoked_kiosk: revokedKiosk.authUserId,
    staff,
  };
  return {
    db,
    customer,
    owner,
    attack: async <T>(caller: Caller, work: (client: PoolClient) => Promise<T>) => {
      const results: T[] = [];
      const undone = async (client: PoolClient) => {
        results.push(await work(client));
        throw new Error('undone');
      };
      const attempt =
        caller === 'anonymous'
          ? db.asRole({ role: 'anon' }, undone)
          : caller === 'service'
            ? db.asService(undone)
            : db.asUser(accounts[caller], undone);
      await attempt.catch((error: unknown) => {
        if (results.length === 0) throw error;
      });
      return results[0] as T;
    },
  };
}

/** An account with a row in every table that can have one. */
async function makeCustomer(db: TestDatabase): Promise<Customer> {
  const kiosk = await makeKiosk(db);
  const userId = await db.createAuthUser({ email: `${randomUUID()}@example.com` });
  const card = await buyCard(db, { paidSeconds: 600, bonusSeconds: 60, priceCents: 1_000, userId });
  const visitId = randomUUID();
  const wallet = { userId, visitId, cardIds: [card.cardId] };
  await redeem(db, kiosk, card.lookup, visitId);
  const { leaseId } = await openLease(kiosk, wallet, 60);
  const log = new UsageLog();
  const facts = factsOf(wallet, leaseId);
  log.add('talk_started', facts);
  log.ticks(5, facts);
  // More than was reserved: parked.
  log.add('tick', facts, { seconds: 600 });
  await log.post(kiosk);
  await db.admin.query(
    `with remembered as (
       insert into public.memories (user_id, content, consented_at, expires_at)
       values ($1, 'likes tea', now(), now() + interval '1 year'))
     insert into public.support_tickets (user_id, kiosk_id, subject) values ($1, $2, 'No sound')`,
    [userId, kiosk.kioskId],
  );
  const eventId = `evt_${randomUUID()}`;
  const event = {
    eventId,
    type: 'charge.refunded',
    created: new Date().toISOString(),
    livemode: false,
    payload: {},
  };
  await asRelay(db, 'store_webhook_events', { p_events: JSON.stringify([event]) });
  const batchId = randomUUID();
  await asRelay(db, 'issue_card_batch', {
    p_batch_id: batchId,
    p_tier_id: 'starter',
    p_cards: JSON.stringify([{ nonce: 'n', keyId: 'k1', lookup: randomBytes(32).toString('hex') }]),
    p_note: 'test',
  });
  await asRelay(db, 'create_kiosk_enrolment', { p_name: 'New kiosk' });
  await asRelay(db, 'check_kiosk_enrolment', { p_code_hash: 'no code', p_source: eventId });
  await asRelay(db, 'advance_sweep_cursor', { p_account: randomBytes(6).toString('hex'), p_seconds: 1 });
  const pending = randomUUID();
  await asRelay(db, 'create_purchase', { ...purchaseArgs(pending, 'starter'), p_user_id: userId });
  return {
    ...wallet,
    kiosk,
    leaseId,
    purchaseId: card.purchaseId,
    paymentIntentId: card.paymentIntentId,
    lookup: card.lookup,
    eventId,
    batchId,
    epoch: log.epoch,
  };
}

/** What became of an attack: `refused` by the rights, a refusal by name, or `done`. */
export async function outcomeOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return 'done';
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === '42501') return 'refused';
    // Got as far as a rule about the data: the rights let it pass.
    if (code?.startsWith('23')) return 'done';
    return code === 'P0001' ? message : `${code}: ${message}`;
  }
}
