/** Codes: open a wallet for one visit; worth nothing is one answer; tries are limited. */
import { randomBytes, randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  asRelay,
  balanceAt,
  buyCard,
  expireIn,
  ledgerProblems,
  makeKiosk,
  makeWallet,
  onBothVersions,
  purchaseArgs,
  redeem,
} from '../../support/database/database-kit.ts';

const REFUSED = { ok: false, error: 'code_not_accepted' };
const unknownCode = () => randomBytes(32).toString('hex');

onBothVersions('codes', (database) => {
  it('activates a new card for a year in a new wallet, and opens it again at another kiosk', async () => {
    const db = database();
    const [one, two] = [await makeKiosk(db), await makeKiosk(db)];
    const card = await buyCard(db, { paidSeconds: 600 });
    const first = await redeem(db, one, card.lookup, randomUUID());
    expect(first).toMatchObject({ ok: true, cardId: card.cardId, outcome: 'activated' });
    const again = await redeem(db, two, card.lookup, randomUUID());
    expect(again).toMatchObject({ ok: true, userId: first.userId, outcome: 'opened' });
    expect((await balanceAt(two, first.userId)).availableSeconds).toBe(600);
    const { rows } = await db.admin.query(
      `select expires_at = activated_at + interval '1 year' as a_year from public.time_cards where id = $1`,
      [card.cardId],
    );
    expect(rows[0].a_year).toBe(true);
  });

  it('makes one wallet of a code redeemed by many at once', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const card = await buyCard(db, { paidSeconds: 600 });
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => redeem(db, kiosk, card.lookup, randomUUID())),
    );
    expect(new Set(answers.map((answer) => answer.userId)).size).toBe(1);
    expect(answers.filter((answer) => answer.outcome === 'activated')).toHaveLength(1);
    expect((await balanceAt(kiosk, answers[0]?.userId ?? '')).availableSeconds).toBe(600);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('adds a second card to the wallet of the visit, but only to a wallet open at this kiosk', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const wallet = await makeWallet(db, kiosk, [{ paidSeconds: 60 }]);
    const victim = await makeWallet(db, await makeKiosk(db), [{ paidSeconds: 6_000 }]);
    const card = await buyCard(db, { paidSeconds: 600 });
    await expect(redeem(db, kiosk, card.lookup, wallet.visitId, victim.userId)).rejects.toThrow(
      'no_visit_grant',
    );
    const buyForVictim = asRelay(db, 'create_purchase', {
      ...purchaseArgs(randomUUID(), 'starter'),
      p_kiosk_id: kiosk.kioskId,
      p_visit_id: wallet.visitId,
      p_user_id: victim.userId,
    });
    await expect(buyForVictim).rejects.toThrow('no_visit_grant');
    expect(await redeem(db, kiosk, card.lookup, wallet.visitId, wallet.userId)).toMatchObject({
      userId: wallet.userId,
      outcome: 'activated',
    });
    expect((await balanceAt(kiosk, wallet.userId)).availableSeconds).toBe(660);
  });

  it('answers the same for unknown, used up, expired, revoked, refunded and retired codes', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const fresh = async () => {
      const card = await buyCard(db, { paidSeconds: 60 });
      return { ...card, userId: (await redeem(db, kiosk, card.lookup, randomUUID())).userId };
    };
    const usedUp = await fresh();
    await asRelay(db, 'deduct_user_time', { user_id: usedUp.userId, minutes: 1 });
    const expired = await fresh();
    await expireIn(db, expired.cardId, '-1 second');
    const revoked = await fresh();
    await asRelay(db, 'revoke_card', { p_card_id: revoked.cardId, p_reason: 'lost' });
    const refunded = await fresh();
    await asRelay(db, 'refund_payment', {
      p_payment_intent_id: refunded.paymentIntentId,
      p_refund_id: `re_${randomUUID()}`,
      p_amount_cents: 1_000,
      p_reason: 'requested_by_customer',
    });
    const retired = await fresh();
    await db.admin.query('update public.card_codes set retired_at = now() where card_id = $1', [
      retired.cardId,
    ]);
    const lookups = [usedUp, expired, revoked, refunded, retired].map((card) => card.lookup);
    for (const lookup of [unknownCode(), ...lookups]) {
      expect(await redeem(db, kiosk, lookup, randomUUID())).toEqual(REFUSED);
    }
  });

  it('finds a code under any of the keys in use', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const card = await buyCard(db, { paidSeconds: 60 });
    const answer = await asRelay(db, 'redeem_code', {
      p_lookups: [unknownCode(), card.lookup],
      p_kiosk_id: kiosk.kioskId,
      p_visit_id: randomUUID(),
      p_user_id: null,
    });
    expect(answer).toMatchObject({ ok: true, cardId: card.cardId });
  });

  it('stops a kiosk after 10 wrong tries in 10 minutes, exactly, also when they come at once', async () => {
    const copy = await database().copy();
    try {
      const [kiosk, other] = [await makeKiosk(copy), await makeKiosk(copy)];
      const card = await buyCard(copy, { paidSeconds: 60 });
      const tries = await Promise.all(
        Array.from({ length: 15 }, () => redeem(copy, kiosk, unknownCode(), randomUUID())),
      );
      expect(tries.filter((answer) => answer.error === 'code_not_accepted')).toHaveLength(10);
      expect(tries.filter((answer) => answer.error === 'too_many_tries')).toHaveLength(5);
      expect(await redeem(copy, kiosk, card.lookup, randomUUID())).toEqual({
        ok: false,
        error: 'too_many_tries',
      });
      expect((await redeem(copy, other, card.lookup, randomUUID())).ok).toBe(true);
      await copy.admin.query(`update public.redeem_attempts set at = at - interval '10 minutes'`);
      expect((await redeem(copy, kiosk, card.lookup, randomUUID())).ok).toBe(true);
    } finally {
      await copy.stop();
    }
  });

  it('stops everybody after 100 wrong tries in 10 minutes', async () => {
    const copy = await database().copy();
    try {
      const kiosk = await makeKiosk(copy);
      const sources = await Promise.all(Array.from({ length: 10 }, () => makeKiosk(copy)));
      for (const source of sources) {
        for (let count = 0; count < 10; count += 1) {
          expect(await redeem(copy, source, unknownCode(), randomUUID())).toEqual(REFUSED);
        }
      }
      expect(await redeem(copy, kiosk, unknownCode(), randomUUID())).toEqual({
        ok: false,
        error: 'too_many_tries',
      });
    } finally {
      await copy.stop();
    }
  });
});
