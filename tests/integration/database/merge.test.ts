/** Wallets that become one: everything moves once, the old id leads to the new wallet, retired codes open nothing. */
import { randomUUID } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import type { Balance } from '../../../src-shared/relay-api.ts';
import type { TestDatabase } from '../../support/database/database.ts';
import {
  asRelay,
  balanceAt,
  bucketsOf,
  buyCard,
  call,
  factsOf,
  grantVisit,
  ledgerProblems,
  makeKiosk,
  makeWallet,
  onBothVersions,
  openLease,
  purchaseArgs,
  redeem,
  refundCard,
  UsageLog,
} from '../../support/database/database-kit.ts';

const REFUSED = { ok: false, error: 'code_not_accepted' };

onBothVersions('merge_wallet', (database) => {
  const merge = (from: string, into: string) =>
    asRelay(database(), 'merge_wallet', { p_from_user_id: from, p_into_user_id: into });
  const balanceOf = (userId: string) =>
    asRelay<Balance>(database(), 'get_user_time_balance', { user_id: userId });
  const account = (db: TestDatabase) => db.createAuthUser({ email: `${randomUUID()}@example.com` });

  /** A walk-up wallet that a code opened, with a talk of 40 of its 600 seconds behind it. */
  async function walkUp(db: TestDatabase) {
    const kiosk = await makeKiosk(db);
    const card = await buyCard(db, { paidSeconds: 600, bonusSeconds: 60, priceCents: 1_000 });
    const visitId = randomUUID();
    const { userId } = await redeem(db, kiosk, card.lookup, visitId);
    const wallet = { userId, visitId, cardIds: [card.cardId] };
    const { leaseId } = await openLease(kiosk, wallet, 100);
    const log = new UsageLog();
    const facts = factsOf(wallet, leaseId);
    log.add('talk_started', facts);
    log.ticks(40, facts);
    log.add('lease_closed', facts);
    log.add('talk_ended', facts);
    await log.post(kiosk);
    return { kiosk, card, wallet, userId };
  }

  it('saves a walk-up wallet to an account: time and past move, the code is retired, the old id leads there', async () => {
    const db = database();
    const { kiosk, card, userId, wallet } = await walkUp(db);
    const owner = await account(db);
    await buyCard(db, { paidSeconds: 300, userId: owner });
    const answer = await merge(userId, owner);
    expect(answer).toEqual({
      fromUserId: userId,
      intoUserId: owner,
      movedCards: 1,
      retiredCodes: 1,
      availableSeconds: 920,
      repeated: false,
    });
    expect(await merge(userId, owner)).toMatchObject({
      movedCards: 0,
      availableSeconds: 920,
      repeated: true,
    });
    expect(await redeem(db, kiosk, card.lookup, randomUUID())).toEqual(REFUSED);
    await expect(balanceAt(kiosk, userId)).rejects.toThrow('no_visit_grant');
    await expect(openLease(kiosk, wallet, 60)).rejects.toThrow('no_visit_grant');
    expect(await balanceOf(userId)).toMatchObject({ userId: owner, availableSeconds: 920 });
    const requestId = randomUUID();
    const deduct = { user_id: userId, minutes: 2, request_id: requestId };
    expect(await asRelay(db, 'deduct_user_time', deduct)).toMatchObject({
      repeated: false,
      availableSeconds: 800,
    });
    expect(await asRelay(db, 'deduct_user_time', { ...deduct, user_id: owner })).toMatchObject({
      repeated: true,
    });
    const seen = await db.asUser(owner, async (client) => {
      const { rows } = await client.query(
        `select (select sum(seconds)::int from public.voice_sessions) as talked,
           (select count(*)::int from public.payment_history) as payments,
           (select count(*)::int from public.time_cards) as cards`,
      );
      return rows[0];
    });
    expect(seen).toEqual({ talked: 40, payments: 2, cards: 2 });
    const { rows: audited } = await db.admin.query(
      `select details ->> 'intoUserId' as "into" from public.audit_log where action = 'wallet_merged' and subject = $1`,
      [userId],
    );
    expect(audited).toEqual([{ into: owner }]);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('keeps the codes of two walk-up wallets as keys to the one they became', async () => {
    const db = database();
    const [one, two] = [await walkUp(db), await walkUp(db)];
    expect(await merge(one.userId, two.userId)).toMatchObject({ retiredCodes: 0, availableSeconds: 1_240 });
    for (const { lookup } of [one.card, two.card]) {
      expect(await redeem(db, two.kiosk, lookup, randomUUID())).toMatchObject({
        ok: true,
        userId: two.userId,
      });
    }
    const owner = await account(db);
    expect(await merge(two.userId, owner)).toMatchObject({ movedCards: 2, retiredCodes: 2 });
    expect(await balanceOf(one.userId)).toMatchObject({ userId: owner, availableSeconds: 1_240 });
    await expect(merge(one.userId, owner)).resolves.toMatchObject({ repeated: true });
    await expect(merge(one.userId, (await walkUp(db)).userId)).rejects.toThrow('wallet_merged');
    await expect(merge((await walkUp(db)).userId, two.userId)).rejects.toThrow('wallet_merged');
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('takes a deduction that waited for it from the new wallet', async () => {
    const db = await database().copy();
    try {
      const { userId } = await walkUp(db);
      const owner = await account(db);
      const waiting = async () => {
        const { rows } = await db.admin.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return rows.length;
      };
      let deducted: Promise<unknown> = Promise.resolve();
      await db.asService(async (client) => {
        await client.query('select public.merge_wallet($1, $2)', [userId, owner]);
        deducted = asRelay(db, 'deduct_user_time', { user_id: userId, minutes: 2 });
        await vi.waitFor(async () => expect(await waiting()).toBe(1));
      });
      expect(await deducted).toEqual({ deductedSeconds: 120, repeated: false, availableSeconds: 500 });
      expect(await ledgerProblems(db)).toEqual([]);
    } finally {
      await db.stop();
    }
  });

  it('is refused while time of either wallet is leased, and moves nothing then', async () => {
    const db = database();
    const { kiosk, userId, wallet } = await walkUp(db);
    const other = await makeWallet(db, kiosk, [{ paidSeconds: 300 }]);
    const { leaseId } = await openLease(kiosk, wallet, 100);
    await expect(merge(userId, other.userId)).rejects.toThrow('time_is_leased');
    await expect(merge(other.userId, userId)).rejects.toThrow('time_is_leased');
    expect((await balanceAt(kiosk, other.userId)).availableSeconds).toBe(300);
    const log = new UsageLog();
    log.add('lease_closed', factsOf(wallet, leaseId));
    await log.post(kiosk);
    expect(await merge(userId, other.userId)).toMatchObject({ movedCards: 1, availableSeconds: 920 });
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('never merges an account away, nor a wallet into itself or into nothing', async () => {
    const db = database();
    const { userId } = await walkUp(db);
    const owner = await account(db);
    await expect(merge(owner, userId)).rejects.toThrow('wallet_of_account');
    await expect(merge(userId, userId)).rejects.toThrow('invalid_request');
    await expect(merge(userId, randomUUID())).rejects.toThrow('user_unknown');
    await expect(merge(randomUUID(), owner)).rejects.toThrow('user_unknown');
  });

  it('brings a payment that comes after the merge to the new wallet, without a code that opens it', async () => {
    const db = database();
    const { kiosk, userId, wallet } = await walkUp(db);
    const owner = await account(db);
    const purchaseId = randomUUID();
    await asRelay(db, 'create_purchase', {
      ...purchaseArgs(purchaseId, 'starter'),
      p_kiosk_id: kiosk.kioskId,
      p_visit_id: wallet.visitId,
      p_user_id: userId,
    });
    await merge(userId, owner);
    const lookup = purchaseId.replaceAll('-', '');
    const row = await asRelay(db, 'fulfil_payment', {
      p_purchase_id: purchaseId,
      p_payment_intent_id: `pi_${purchaseId}`,
      p_amount_cents: 999,
      p_currency: 'usd',
      p_livemode: false,
      p_code_nonce: 'n',
      p_code_key_id: 'k1',
      p_code_lookup: lookup,
    });
    expect(row).toMatchObject({ status: 'paid' });
    expect((await balanceOf(owner)).availableSeconds).toBe(620 + 3_600);
    expect(await redeem(db, kiosk, lookup, randomUUID())).toEqual(REFUSED);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('takes a refund of a moved card from the wallet it is in now', async () => {
    const db = database();
    const { card, userId } = await walkUp(db);
    const owner = await account(db);
    await merge(userId, owner);
    expect(await refundCard(db, card.paymentIntentId, 1_000)).toMatchObject({ refundedSeconds: 560 });
    expect((await balanceOf(owner)).availableSeconds).toBe(0);
    expect(await bucketsOf(db, card.cardId)).toMatchObject({ status: 'refunded', spent: [40, 0] });
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('loses and doubles nothing when merges, redemptions and deductions come at once', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const wallets = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const card = await buyCard(db, { paidSeconds: 600 });
        return { ...card, ...(await redeem(db, kiosk, card.lookup, randomUUID())) };
      }),
    );
    const pairs = wallets.flatMap((from) =>
      wallets.filter((into) => into !== from).map((into) => [from, into]),
    );
    const outcomes = await Promise.allSettled([
      ...pairs.map(([from, into]) => merge(from?.userId ?? '', into?.userId ?? '')),
      ...wallets.map(({ lookup }) => redeem(db, kiosk, lookup, randomUUID())),
      ...wallets.map(({ userId }) => asRelay(db, 'deduct_user_time', { user_id: userId, minutes: 1 })),
    ]);
    let deducted = 0;
    for (const outcome of outcomes) {
      // A deduction that waited for a merge finds the old wallet empty and takes nothing.
      if (outcome.status === 'rejected') expect(String(outcome.reason)).toMatch(/wallet_merged|no_time_left/);
      else if ('deductedSeconds' in outcome.value) deducted += Number(outcome.value['deductedSeconds']);
    }
    const roots = new Set(
      await Promise.all(wallets.map(async ({ userId }) => (await balanceOf(userId)).userId)),
    );
    let available = 0;
    for (const root of roots) available += (await balanceOf(root)).availableSeconds;
    expect(available).toBe(4 * 600 - deducted);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('lets a signed-in customer open the own wallet at a kiosk, and nobody else’s', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const owner = await account(db);
    await buyCard(db, { paidSeconds: 300, userId: owner });
    const visitId = randomUUID();
    const open = (kioskId: string) =>
      db.asUser(owner, (client) =>
        call(client, 'open_own_wallet', { p_kiosk_id: kioskId, p_visit_id: visitId }),
      );
    await expect(balanceAt(kiosk, owner)).rejects.toThrow('no_visit_grant');
    expect(await open(kiosk.kioskId)).toEqual({ userId: owner });
    expect(await openLease(kiosk, { userId: owner, visitId, cardIds: [] }, 60)).toMatchObject({
      grantedSeconds: 60,
    });
    await expect(
      kiosk.rpc('open_own_wallet', { p_kiosk_id: kiosk.kioskId, p_visit_id: visitId }),
    ).rejects.toThrow('forbidden');
    await asRelay(db, 'revoke_kiosk', { p_kiosk_id: kiosk.kioskId, p_reason: 'stolen' });
    await expect(open(kiosk.kioskId)).rejects.toThrow('kiosk_revoked');
  });

  it('keeps a second kiosk that had the old wallet open away from the new one', async () => {
    const db = database();
    const { userId, wallet } = await walkUp(db);
    const second = await makeKiosk(db);
    await grantVisit(db, wallet, second);
    expect((await balanceAt(second, userId)).availableSeconds).toBe(620);
    const owner = await account(db);
    await merge(userId, owner);
    for (const id of [userId, owner]) await expect(balanceAt(second, id)).rejects.toThrow('no_visit_grant');
    await expect(openLease(second, { ...wallet, userId: owner }, 60)).rejects.toThrow('no_visit_grant');
  });
});
