/** Wallets: first-expiring time first, paid before bonus, expiry, deduction once and all or nothing. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { balanceSchema } from '../../../src-shared/relay-api.ts';
import {
  asRelay,
  balanceAt,
  bucketsOf,
  buyCard,
  expireIn,
  ledgerProblems,
  makeKiosk,
  makeWallet,
  onBothVersions,
} from '../../support/database/database-kit.ts';

onBothVersions('wallets', (database) => {
  it('answers the balance in the agreed shape, first to expire first', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const wallet = await makeWallet(db, kiosk, [
      { paidSeconds: 600 },
      { paidSeconds: 300, bonusSeconds: 60 },
    ]);
    await expireIn(db, wallet.cardIds[1] ?? '', '1 day');
    const balance = balanceSchema.parse(await balanceAt(kiosk, wallet.userId));
    expect(balance.availableSeconds).toBe(960);
    expect(balance.heldSeconds).toBe(0);
    expect(balance.cards.map((card) => card.remainingSeconds)).toEqual([360, 600]);
  });

  it('deducts over cards by expiry, paid before bonus on each', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const wallet = await makeWallet(db, kiosk, [
      { paidSeconds: 100, bonusSeconds: 50 },
      { paidSeconds: 600, bonusSeconds: 60 },
    ]);
    await asRelay(db, 'deduct_user_time', { user_id: wallet.userId, minutes: 2 });
    expect((await bucketsOf(db, wallet.cardIds[0])).spent).toEqual([100, 20]);
    expect((await bucketsOf(db, wallet.cardIds[1])).spent).toEqual([0, 0]);
    const answer = await asRelay(db, 'deduct_user_time', { user_id: wallet.userId, minutes: 10 });
    expect(answer).toMatchObject({ deductedSeconds: 600, repeated: false, availableSeconds: 90 });
    expect((await bucketsOf(db, wallet.cardIds[0])).spent).toEqual([100, 50]);
    expect((await bucketsOf(db, wallet.cardIds[1])).spent).toEqual([570, 0]);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('deducts all or nothing, once per request id, and refuses what is no amount', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const { userId } = await makeWallet(db, kiosk, [{ paidSeconds: 100 }]);
    const deduct = (minutes: number | null, requestId?: string) =>
      asRelay(db, 'deduct_user_time', { user_id: userId, minutes, request_id: requestId ?? null });
    await expect(deduct(2)).rejects.toThrow('no_time_left');
    for (const minutes of [0, -1, null]) await expect(deduct(minutes)).rejects.toThrow('invalid_amount');
    expect((await balanceAt(kiosk, userId)).availableSeconds).toBe(100);
    const requestId = randomUUID();
    expect(await deduct(1, requestId)).toMatchObject({ repeated: false, availableSeconds: 40 });
    expect(await deduct(1, requestId)).toMatchObject({ repeated: true, availableSeconds: 40 });
    await expect(deduct(2, requestId)).rejects.toThrow('request_differs');
  });

  it('takes only from the wallet that was named', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const one = await makeWallet(db, kiosk, [{ paidSeconds: 120 }]);
    const other = await makeWallet(db, kiosk, [{ paidSeconds: 120 }]);
    await asRelay(db, 'deduct_user_time', { user_id: one.userId, minutes: 1 });
    expect((await balanceAt(kiosk, one.userId)).availableSeconds).toBe(60);
    expect((await balanceAt(kiosk, other.userId)).availableSeconds).toBe(120);
  });

  it('spends no second twice under 16 deductions at once', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const { userId, cardIds } = await makeWallet(db, kiosk, [{ paidSeconds: 400 }, { paidSeconds: 200 }]);
    const requests = Array.from({ length: 16 }, () =>
      asRelay(db, 'deduct_user_time', { user_id: userId, minutes: 1 }),
    );
    const results = await Promise.allSettled(requests);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(results.length - refused.length).toBe(10);
    for (const { reason } of refused) expect(String(reason)).toContain('no_time_left');
    expect((await balanceAt(kiosk, userId)).availableSeconds).toBe(0);
    expect((await bucketsOf(db, cardIds[1])).spent).toEqual([200, 0]);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('neither shows nor spends time past its date, and books it at the clean-up', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const { userId, cardIds } = await makeWallet(db, kiosk, [
      { paidSeconds: 300, bonusSeconds: 60 },
      { paidSeconds: 120 },
    ]);
    await expireIn(db, cardIds[0] ?? '', '-1 second');
    expect((await balanceAt(kiosk, userId)).availableSeconds).toBe(120);
    await expect(asRelay(db, 'deduct_user_time', { user_id: userId, minutes: 3 })).rejects.toThrow(
      'no_time_left',
    );
    expect(await asRelay<number>(db, 'cleanup_expired_time_cards', {})).toBe(1);
    expect(await asRelay<number>(db, 'cleanup_expired_time_cards', {})).toBe(0);
    expect(await bucketsOf(db, cardIds[0])).toMatchObject({
      status: 'expired',
      available: [0, 0],
      expired: [300, 60],
    });
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('leaves a wallet in use to the next clean-up instead of waiting for it', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const { userId, cardIds } = await makeWallet(db, kiosk, [{ paidSeconds: 300 }]);
    await expireIn(db, cardIds[0] ?? '', '-1 second');
    const holder = await db.admin.connect();
    try {
      await holder.query('begin');
      await holder.query('select from public.users where id = $1 for no key update', [userId]);
      expect(await asRelay<number>(db, 'cleanup_expired_time_cards', {})).toBe(0);
    } finally {
      await holder.query('rollback');
      holder.release();
    }
    expect(await asRelay<number>(db, 'cleanup_expired_time_cards', {})).toBe(1);
  });

  it('lets a bought card join the wallet it was bought for', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const { userId } = await makeWallet(db, kiosk, [{ paidSeconds: 60 }]);
    const card = await buyCard(db, { paidSeconds: 600, bonusSeconds: 60, userId });
    const balance = await balanceAt(kiosk, userId);
    expect(balance.availableSeconds).toBe(720);
    expect(balance.cards.map(({ cardId }) => cardId)).toContain(card.cardId);
    const year = Date.parse(balance.cards[1]?.expiresAt ?? '') - Date.now();
    expect(Math.round(year / 86_400_000)).toBeGreaterThanOrEqual(365);
  });

  it('gives an account a wallet of its own, but not a kiosk or staff', async () => {
    const db = database();
    const walletsOf = async (id: string) =>
      (await db.admin.query('select id from public.users where auth_user_id = $1', [id])).rows;
    const customer = await db.createAuthUser({ email: `${randomUUID()}@example.com` });
    expect(await walletsOf(customer)).toEqual([{ id: customer }]);
    expect(await walletsOf(await db.createAuthUser())).toHaveLength(1);
    const staff = await db.createAuthUser({
      email: `${randomUUID()}@example.com`,
      appMetadata: { kind: 'staff' },
    });
    expect(await walletsOf(staff)).toEqual([]);
    await db.admin.query(`update auth.users set raw_app_meta_data = '{"kind":"staff"}' where id = $1`, [
      customer,
    ]);
    expect(await walletsOf(customer)).toEqual([]);
  });
});
