/** Leases: seconds reserved before use, once per step, never the same second for two kiosks. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { type LeaseAnswer, leaseAnswerSchema } from '../../../src-shared/database.ts';
import {
  asRelay,
  balanceAt,
  bucketsOf,
  expireIn,
  type Kiosk,
  ledgerProblems,
  makeKiosk,
  makeWallet,
  onBothVersions,
  redeem,
  UsageLog,
  type Wallet,
} from '../../support/database/database-kit.ts';
import { until } from '../../support/stripe/stripe-sandbox.ts';

function open(kiosk: Kiosk, wallet: Wallet, seconds: number | null, leaseId: string = randomUUID()) {
  return kiosk.rpc<LeaseAnswer>('open_lease', {
    p_lease_id: leaseId,
    p_user_id: wallet.userId,
    p_visit_id: wallet.visitId,
    p_seconds: seconds,
  });
}

function extend(kiosk: Kiosk, leaseId: string, n: number, seconds: number) {
  return kiosk.rpc<LeaseAnswer>('extend_lease', { p_lease_id: leaseId, p_n: n, p_seconds: seconds });
}

onBothVersions('leases', (database) => {
  /** Posts `used` seconds of a lease and closes it. */
  async function reportAndClose(kiosk: Kiosk, wallet: Wallet, leaseId: string, used: number) {
    const log = new UsageLog();
    const facts = { talkId: randomUUID(), leaseId, userId: wallet.userId, visitId: wallet.visitId };
    log.ticks(used, facts);
    log.add('lease_closed', facts);
    return log.post(kiosk);
  }

  it('reserves over cards by expiry, paid before bonus, and spends in that order', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const wallet = await makeWallet(db, kiosk, [
      { paidSeconds: 100, bonusSeconds: 50 },
      { paidSeconds: 600 },
    ]);
    const answer = leaseAnswerSchema.parse(await open(kiosk, wallet, 200));
    expect(answer).toMatchObject({ n: 0, grantedSeconds: 200, totalSeconds: 200, availableSeconds: 550 });
    expect(answer.validitySeconds).toBeGreaterThan(1_790);
    expect(answer.validitySeconds).toBeLessThanOrEqual(1_800);
    expect(await bucketsOf(db, wallet.cardIds[0])).toMatchObject({ held: [100, 50], available: [0, 0] });
    expect(await bucketsOf(db, wallet.cardIds[1])).toMatchObject({ held: [50, 0], available: [550, 0] });
    await reportAndClose(kiosk, wallet, answer.leaseId, 120);
    expect(await bucketsOf(db, wallet.cardIds[0])).toMatchObject({ spent: [100, 20], available: [0, 30] });
    expect(await bucketsOf(db, wallet.cardIds[1])).toMatchObject({ spent: [0, 0], available: [600, 0] });
    expect((await balanceAt(kiosk, wallet.userId)).heldSeconds).toBe(0);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('opens and extends once per id and step, however often it is asked', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const wallet = await makeWallet(db, kiosk, [{ paidSeconds: 1_000 }]);
    const first = await open(kiosk, wallet, 300);
    expect(await open(kiosk, wallet, 300, first.leaseId)).toMatchObject({ grantedSeconds: 300 });
    const atOnce = await Promise.all([1, 1, 1, 1].map((n) => extend(kiosk, first.leaseId, n, 400)));
    for (const answer of atOnce) {
      expect(answer).toMatchObject({ n: 1, grantedSeconds: 400, totalSeconds: 700, availableSeconds: 300 });
    }
    expect(await extend(kiosk, first.leaseId, 2, 900)).toMatchObject({
      grantedSeconds: 300,
      totalSeconds: 1_000,
    });
    expect(await extend(kiosk, first.leaseId, 3, 900)).toMatchObject({
      grantedSeconds: 0,
      totalSeconds: 1_000,
    });
    await expect(extend(kiosk, first.leaseId, 5, 60)).rejects.toThrow('invalid_amount');
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('refuses amounts that are none, foreign leases and closed ones', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const stranger = await makeKiosk(db);
    const wallet = await makeWallet(db, kiosk, [{ paidSeconds: 1_000 }]);
    for (const seconds of [0, -5, 901, null]) {
      await expect(open(kiosk, wallet, seconds)).rejects.toThrow('invalid_amount');
    }
    const lease = await open(kiosk, wallet, 60);
    await expect(extend(stranger, lease.leaseId, 1, 60)).rejects.toThrow('lease_unknown');
    await reportAndClose(kiosk, wallet, lease.leaseId, 0);
    await expect(extend(kiosk, lease.leaseId, 1, 60)).rejects.toThrow('lease_closed');
    await expect(open(kiosk, wallet, 60, lease.leaseId)).rejects.toThrow('lease_closed');
  });

  it('gives two kiosks different seconds of one wallet, also when they ask at the same moment', async () => {
    const db = database();
    const [one, two] = [await makeKiosk(db), await makeKiosk(db)];
    const { userId, visitId, cardIds } = await makeWallet(db, one, [
      { paidSeconds: 600 },
      { paidSeconds: 300 },
    ]);
    await db.admin.query(
      `insert into public.visit_grants (user_id, kiosk_id, visit_id, expires_at)
       values ($1, $2, $3, now() + interval '1 hour')`,
      [userId, two.kioskId, visitId],
    );
    const wallet = { userId, visitId, cardIds };
    const [a, b] = await Promise.all([open(one, wallet, 600), open(two, wallet, 600)]);
    expect(a.grantedSeconds + b.grantedSeconds).toBe(900);
    expect((await balanceAt(one, userId)).heldSeconds).toBe(900);
    await Promise.all([
      reportAndClose(one, wallet, a.leaseId, a.grantedSeconds),
      reportAndClose(two, wallet, b.leaseId, 10),
    ]);
    expect((await balanceAt(one, userId)).availableSeconds).toBe(b.grantedSeconds - 10);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('allows one open lease per wallet and kiosk, and tells "in use elsewhere" from "nothing left"', async () => {
    const db = database();
    const [one, two] = [await makeKiosk(db), await makeKiosk(db)];
    const wallet = await makeWallet(db, one, [{ paidSeconds: 300 }]);
    const lease = await open(one, wallet, 300);
    await expect(open(one, wallet, 60)).rejects.toThrow('time_in_use_elsewhere');
    await db.admin.query(
      `insert into public.visit_grants (user_id, kiosk_id, visit_id, expires_at)
       values ($1, $2, $3, now() + interval '1 hour')`,
      [wallet.userId, two.kioskId, wallet.visitId],
    );
    await expect(open(two, wallet, 60)).rejects.toThrow('time_in_use_elsewhere');
    await reportAndClose(one, wallet, lease.leaseId, 300);
    await expect(open(two, wallet, 60)).rejects.toThrow('no_time_left');
  });

  it('replaces a lease past its validity, whose seconds stay held until they are reported', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const wallet = await makeWallet(db, kiosk, [{ paidSeconds: 300 }]);
    const old = await open(kiosk, wallet, 200);
    await db.admin.query(`update public.leases set valid_until = now() - interval '1 second' where id = $1`, [
      old.leaseId,
    ]);
    expect(await open(kiosk, wallet, 200)).toMatchObject({ grantedSeconds: 100, availableSeconds: 0 });
    expect((await balanceAt(kiosk, wallet.userId)).heldSeconds).toBe(300);
    await reportAndClose(kiosk, wallet, old.leaseId, 50);
    expect(await balanceAt(kiosk, wallet.userId)).toMatchObject({ heldSeconds: 100, availableSeconds: 150 });
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('keeps held seconds usable when the card expires in the middle of a lease; the rest expires', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const wallet = await makeWallet(db, kiosk, [{ paidSeconds: 500, bonusSeconds: 100 }]);
    const lease = await open(kiosk, wallet, 300);
    await expireIn(db, wallet.cardIds[0] ?? '', '-1 second');
    expect(await extend(kiosk, lease.leaseId, 1, 300)).toMatchObject({ grantedSeconds: 0 });
    expect(await asRelay<number>(db, 'cleanup_expired_time_cards', {})).toBe(1);
    expect(await bucketsOf(db, wallet.cardIds[0])).toMatchObject({ held: [300, 0], expired: [200, 100] });
    await reportAndClose(kiosk, wallet, lease.leaseId, 250);
    expect(await bucketsOf(db, wallet.cardIds[0])).toMatchObject({
      held: [0, 0],
      spent: [250, 0],
      expired: [250, 100],
    });
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('needs a live grant of this very visit, and an unrevoked kiosk', async () => {
    const db = database();
    const [kiosk, other] = [await makeKiosk(db), await makeKiosk(db)];
    const wallet = await makeWallet(db, kiosk, [{ paidSeconds: 300 }]);
    await expect(open(other, wallet, 60)).rejects.toThrow('no_visit_grant');
    await expect(open(kiosk, { ...wallet, visitId: randomUUID() }, 60)).rejects.toThrow('no_visit_grant');
    await expect(open(kiosk, { ...wallet, userId: randomUUID() }, 60)).rejects.toThrow('no_visit_grant');
    await expect(balanceAt(other, wallet.userId)).rejects.toThrow('no_visit_grant');
    const lease = await open(kiosk, wallet, 60);
    await db.admin.query(
      `update public.visit_grants set expires_at = now() - interval '1 second' where user_id = $1`,
      [wallet.userId],
    );
    await expect(extend(kiosk, lease.leaseId, 1, 60)).rejects.toThrow('no_visit_grant');
    await expect(balanceAt(kiosk, wallet.userId)).rejects.toThrow('no_visit_grant');
    await asRelay(db, 'revoke_kiosk', { p_kiosk_id: kiosk.kioskId, p_reason: 'stolen' });
    await expect(extend(kiosk, lease.leaseId, 1, 60)).rejects.toThrow('kiosk_revoked');
    await expect(open(kiosk, wallet, 60)).rejects.toThrow('kiosk_revoked');
    await expect(reportAndClose(kiosk, wallet, lease.leaseId, 1)).rejects.toThrow('kiosk_revoked');
    await expect(redeem(db, kiosk, 'ab'.repeat(16), wallet.visitId)).rejects.toThrow('kiosk_revoked');
  });

  it('looks at the grant after it has waited for the wallet, not before', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const wallet = await makeWallet(db, kiosk, [{ paidSeconds: 300 }]);
    const holder = await db.admin.connect();
    try {
      await holder.query('begin');
      await holder.query('select from public.users where id = $1 for no key update', [wallet.userId]);
      const refused = expect(open(kiosk, wallet, 60)).rejects.toThrow('no_visit_grant');
      await until(async () => {
        const { rows } = await db.admin.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return rows.length > 0;
      });
      await holder.query('delete from public.visit_grants where user_id = $1', [wallet.userId]);
      await holder.query('commit');
      await refused;
    } finally {
      await holder.query('rollback');
      holder.release();
    }
  });

  it('gives held seconds back when an operator voids; a later report is written off, never charged', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const wallet = await makeWallet(db, kiosk, [{ paidSeconds: 300 }]);
    const lease = await open(kiosk, wallet, 200);
    expect(
      await asRelay(db, 'void_lease', { p_lease_id: lease.leaseId, p_reason: 'kiosk burnt' }),
    ).toMatchObject({ releasedSeconds: 200 });
    const answer = await reportAndClose(kiosk, wallet, lease.leaseId, 2);
    expect(answer).toMatchObject({ applied: 0, lastSeq: 3 });
    expect((await balanceAt(kiosk, wallet.userId)).availableSeconds).toBe(300);
    const { rows } = await db.admin.query(
      'select reason, sum(seconds)::int as seconds from public.usage_parked where kiosk_id = $1 group by 1',
      [kiosk.kioskId],
    );
    expect(rows).toEqual([{ reason: 'lease_voided', seconds: 2 }]);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('gives held seconds back after 7 silent days, not before', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const wallet = await makeWallet(db, kiosk, [{ paidSeconds: 300 }]);
    const lease = await open(kiosk, wallet, 200);
    const silentFor = async (interval: string) => {
      await db.admin.query('update public.leases set valid_until = now() - $2::interval where id = $1', [
        lease.leaseId,
        interval,
      ]);
      await asRelay(db, 'settle_silent_leases', {});
      return (await balanceAt(kiosk, wallet.userId)).availableSeconds;
    };
    expect(await silentFor('6 days 23 hours')).toBe(100);
    expect(await silentFor('7 days 1 second')).toBe(300);
    expect(await reportAndClose(kiosk, wallet, lease.leaseId, 5)).toMatchObject({ applied: 0 });
    expect((await balanceAt(kiosk, wallet.userId)).availableSeconds).toBe(300);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('neither overspends nor deadlocks while leases, deductions and clean-up run at once', async () => {
    const db = database();
    const kiosks = await Promise.all([1, 2, 3, 4].map(() => makeKiosk(db)));
    const [first] = kiosks;
    if (!first) throw new Error('no kiosk');
    const wallet = await makeWallet(db, first, [
      { paidSeconds: 3_000 },
      { paidSeconds: 3_000 },
      { paidSeconds: 3_000 },
    ]);
    for (const kiosk of kiosks) {
      await db.admin.query(
        `insert into public.visit_grants (user_id, kiosk_id, visit_id, expires_at)
         values ($1, $2, $3, now() + interval '1 hour') on conflict do nothing`,
        [wallet.userId, kiosk.kioskId, wallet.visitId],
      );
    }
    await expireIn(db, wallet.cardIds[0] ?? '', '300 milliseconds');
    const rounds = kiosks.map(async (kiosk) => {
      for (let round = 0; round < 5; round += 1) {
        const lease = await open(kiosk, wallet, 200);
        await extend(kiosk, lease.leaseId, 1, 100);
        await reportAndClose(kiosk, wallet, lease.leaseId, 30);
      }
    });
    const others = Array.from({ length: 10 }, async () => {
      await asRelay(db, 'cleanup_expired_time_cards', {});
      await asRelay(db, 'deduct_user_time', { user_id: wallet.userId, minutes: 1 });
    });
    await Promise.all([...rounds, ...others]);
    await expireIn(db, wallet.cardIds[0] ?? '', '-1 second');
    await asRelay(db, 'cleanup_expired_time_cards', {});
    let spent = 0;
    for (const cardId of wallet.cardIds) spent += (await bucketsOf(db, cardId)).spent[0];
    expect(spent).toBe(4 * 5 * 30 + 10 * 60);
    expect(await ledgerProblems(db)).toEqual([]);
  });
});
