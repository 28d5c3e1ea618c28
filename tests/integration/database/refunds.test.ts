/** Refunds and lost disputes take back what is unused, once, by the stated rule. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  type Answer,
  type Args,
  asRelay,
  balanceAt,
  bucketsOf,
  buyCard,
  expireIn,
  ledgerProblems,
  makeKiosk,
  makeWallet,
  onBothVersions,
  redeem,
  UsageLog,
} from '../../support/database/database-kit.ts';

onBothVersions('refunds', (database) => {
  const relay = <T = Answer>(name: string, args: Args) => asRelay<T>(database(), name, args);

  const refund = (paymentIntentId: string, amountCents: number, refundId: string = `re_${randomUUID()}`) =>
    relay('refund_payment', {
      p_payment_intent_id: paymentIntentId,
      p_refund_id: refundId,
      p_amount_cents: amountCents,
      p_reason: 'requested_by_customer',
    });

  /** A wallet with one card of 1000 paid and 100 bonus seconds for 10.00, of which a lease holds 600. */
  async function reserveMost() {
    const db = database();
    const kiosk = await makeKiosk(db);
    const wallet = await makeWallet(db, kiosk, [
      { paidSeconds: 1_000, bonusSeconds: 100, priceCents: 1_000 },
    ]);
    const leaseId = randomUUID();
    await kiosk.rpc('open_lease', {
      p_lease_id: leaseId,
      p_user_id: wallet.userId,
      p_visit_id: wallet.visitId,
      p_seconds: 600,
    });
    const { rows } = await db.admin.query(
      `select payment_intent_id as id from public.payment_history where card_id = $1`,
      wallet.cardIds,
    );
    return { db, kiosk, wallet, leaseId, paymentIntentId: rows[0].id as string };
  }

  it('takes back all unused time for a refund by the rule, once', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const card = await buyCard(db, { paidSeconds: 3_600, bonusSeconds: 600, priceCents: 999 });
    const visitId = randomUUID();
    const { userId } = await redeem(db, kiosk, card.lookup, visitId);
    await relay('deduct_user_time', { user_id: userId, minutes: 20 });
    const { rows } = await db.admin.query('select app.refundable_cents(999, 2400, 3600) as cents');
    expect(rows).toEqual([{ cents: 666 }]);
    const refundId = `re_${randomUUID()}`;
    const answers = await Promise.all([1, 2, 3].map(() => refund(card.paymentIntentId, 666, refundId)));
    expect(answers.filter((answer) => answer['repeated'] === false)).toHaveLength(1);
    expect(answers[0]).toMatchObject({ refundedSeconds: 2_400, voidedBonusSeconds: 600, owedSeconds: 0 });
    expect(await bucketsOf(db, card.cardId)).toMatchObject({
      status: 'refunded',
      spent: [1_200, 0],
      refunded: [2_400, 0],
      writtenOff: [0, 600],
    });
    expect((await balanceAt(kiosk, userId)).availableSeconds).toBe(0);
    expect(await relay('get_purchase', { p_purchase_id: card.purchaseId })).toMatchObject({
      status: 'refunded',
    });
    await expect(refund(card.paymentIntentId, 1, refundId)).rejects.toThrow('refund_differs');
    expect((await redeem(db, kiosk, card.lookup, visitId)).ok).toBe(false);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('takes back only what a smaller refund covers', async () => {
    const db = database();
    const card = await buyCard(db, { paidSeconds: 3_600, bonusSeconds: 600, priceCents: 1_000 });
    expect(await refund(card.paymentIntentId, 100)).toMatchObject({
      refundedSeconds: 360,
      voidedBonusSeconds: 0,
    });
    expect(await bucketsOf(db, card.cardId)).toMatchObject({ status: 'issued', available: [3_240, 600] });
    expect(await refund(card.paymentIntentId, 900)).toMatchObject({
      refundedSeconds: 3_240,
      voidedBonusSeconds: 600,
    });
    expect(await bucketsOf(db, card.cardId)).toMatchObject({ status: 'refunded', available: [0, 0] });
    await expect(refund('pi_unknown', 100)).rejects.toThrow('purchase_unknown');
    await expect(refund(card.paymentIntentId, 0)).rejects.toThrow('invalid_amount');
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('leaves what a lease holds until it lets go, then takes what the money covered', async () => {
    const { db, kiosk, wallet, leaseId, paymentIntentId } = await reserveMost();
    // A lost dispute takes the whole price back.
    expect(await refund(paymentIntentId, 1_000)).toMatchObject({
      refundedSeconds: 400,
      owedSeconds: 600,
      voidedBonusSeconds: 100,
    });
    expect(await bucketsOf(db, wallet.cardIds[0])).toMatchObject({ status: 'active', held: [600, 0] });
    const log = new UsageLog();
    const facts = { talkId: randomUUID(), leaseId, userId: wallet.userId, visitId: wallet.visitId };
    log.ticks(200, facts);
    log.add('lease_closed', facts);
    await log.post(kiosk);
    expect(await bucketsOf(db, wallet.cardIds[0])).toMatchObject({
      status: 'refunded',
      held: [0, 0],
      spent: [200, 0],
      refunded: [800, 0],
    });
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('ends a refunded card with the last second that a lease used of it', async () => {
    const { db, kiosk, wallet, leaseId, paymentIntentId } = await reserveMost();
    await refund(paymentIntentId, 1_000);
    const log = new UsageLog();
    const facts = { talkId: randomUUID(), leaseId, userId: wallet.userId, visitId: wallet.visitId };
    log.ticks(600, facts);
    log.add('lease_closed', facts);
    await log.post(kiosk);
    expect(await bucketsOf(db, wallet.cardIds[0])).toMatchObject({ status: 'refunded', spent: [600, 0] });
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('leaves seconds that were not refunded to the customer when a lease lets go', async () => {
    const { db, kiosk, wallet, leaseId, paymentIntentId } = await reserveMost();
    // The rule gives back the unused 400 of 1000 seconds.
    expect(await refund(paymentIntentId, 400)).toMatchObject({ refundedSeconds: 400, owedSeconds: 0 });
    const log = new UsageLog();
    log.add('lease_closed', {
      talkId: randomUUID(),
      leaseId,
      userId: wallet.userId,
      visitId: wallet.visitId,
    });
    await log.post(kiosk);
    expect((await balanceAt(kiosk, wallet.userId)).availableSeconds).toBe(600);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('takes nothing back from time that has expired', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const card = await buyCard(db, { paidSeconds: 600 });
    await redeem(db, kiosk, card.lookup, randomUUID());
    await expireIn(db, card.cardId, '-1 second');
    expect(await refund(card.paymentIntentId, 500)).toMatchObject({ refundedSeconds: 0 });
    expect(await bucketsOf(db, card.cardId)).toMatchObject({ status: 'expired', expired: [600, 0] });
  });
});
