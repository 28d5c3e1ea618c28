/** post_usage: rows count exactly once, forks are refused and recorded, nonsense is parked and the stream goes on. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  GENESIS_HASH,
  type LeaseAnswer,
  type PostUsageAnswer,
  postUsageAnswerSchema,
  type UsageRow,
} from '../../../src-shared/database.ts';
import type { TestDatabase } from '../../support/database/database.ts';
import {
  balanceAt,
  bucketsOf,
  hashOf,
  ledgerProblems,
  makeKiosk,
  makeWallet,
  onBothVersions,
  UsageLog,
} from '../../support/database/database-kit.ts';

/** A kiosk with a wallet of 1000 seconds and a lease of `leased` of them. */
async function talkReady(db: TestDatabase, leased = 500) {
  const kiosk = await makeKiosk(db);
  const wallet = await makeWallet(db, kiosk, [{ paidSeconds: 1_000 }]);
  const leaseId = randomUUID();
  await kiosk.rpc<LeaseAnswer>('open_lease', {
    p_lease_id: leaseId,
    p_user_id: wallet.userId,
    p_visit_id: wallet.visitId,
    p_seconds: leased,
  });
  const facts = { talkId: randomUUID(), leaseId, userId: wallet.userId, visitId: wallet.visitId };
  return { kiosk, wallet, facts, log: new UsageLog() };
}

onBothVersions('post_usage', (database) => {
  async function talkOf(db: TestDatabase, talkId: string) {
    const { rows } = await db.admin.query(
      `select seconds, end_reason, ended_at is not null as ended from public.voice_sessions where id = $1`,
      [talkId],
    );
    return rows[0];
  }

  it('charges the ticks of a talk, gives the rest back and closes the talk', async () => {
    const db = database();
    const { kiosk, wallet, facts, log } = await talkReady(db);
    log.add('talk_started', facts);
    log.ticks(90, facts);
    expect(postUsageAnswerSchema.parse(await log.post(kiosk))).toEqual({
      lastSeq: 91,
      lastHash: log.rows.at(-1)?.hash,
      applied: 91,
      parked: [],
    });
    expect(await talkOf(db, facts.talkId)).toEqual({ seconds: 90, end_reason: null, ended: false });
    const sent = log.rows.length;
    log.ticks(10, facts);
    log.add('lease_closed', facts);
    log.add('talk_ended', facts, { note: 'silence' });
    expect(await log.post(kiosk, log.rows.slice(sent))).toMatchObject({ applied: 12 });
    expect(await talkOf(db, facts.talkId)).toEqual({ seconds: 100, end_reason: 'silence', ended: true });
    expect(await balanceAt(kiosk, wallet.userId)).toMatchObject({ availableSeconds: 900, heldSeconds: 0 });
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('writes one ledger entry per card and batch, not one per second', async () => {
    const db = database();
    const { kiosk, wallet, facts, log } = await talkReady(db);
    log.add('talk_started', facts);
    log.ticks(300, facts);
    await log.post(kiosk);
    const { rows } = await db.admin.query(
      `select paid_seconds from public.ledger_entries where lease_id = $1 and to_bucket = 'spent'`,
      [facts.leaseId],
    );
    expect(rows).toEqual([{ paid_seconds: 300 }]);
    expect((await bucketsOf(db, wallet.cardIds[0])).spent).toEqual([300, 0]);
  });

  it('counts rows once, sent again whole, in parts, overlapping, or by several at once', async () => {
    const db = database();
    const { kiosk, wallet, facts, log } = await talkReady(db);
    log.add('talk_started', facts);
    log.ticks(49, facts);
    const atOnce = await Promise.all([1, 2, 3].map(() => log.post<PostUsageAnswer>(kiosk)));
    expect(atOnce.map((answer) => answer.applied).sort((a, b) => a - b)).toEqual([0, 0, 50]);
    expect(await log.post(kiosk, log.rows.slice(0, 10))).toMatchObject({ applied: 0, lastSeq: 50 });
    expect(await log.post(kiosk, log.rows.slice(20, 30))).toMatchObject({ applied: 0, lastSeq: 50 });
    log.ticks(10, facts);
    expect(await log.post(kiosk, log.rows.slice(40))).toMatchObject({ applied: 10, lastSeq: 60 });
    expect((await bucketsOf(db, wallet.cardIds[0])).spent).toEqual([59, 0]);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('answers where the log stands, also to rows that begin later than the server knows', async () => {
    const db = database();
    const { kiosk, facts, log } = await talkReady(db);
    expect(await log.post(kiosk, [])).toEqual({ lastSeq: 0, lastHash: GENESIS_HASH, applied: 0, parked: [] });
    log.ticks(10, facts);
    expect(await log.post(kiosk, log.rows.slice(4))).toMatchObject({ lastSeq: 0, applied: 0 });
    expect(await log.post(kiosk)).toMatchObject({ lastSeq: 10, applied: 10 });
  });

  /** The answer of a refusal that is kept: body of an error, status chosen by the function. */
  const FORKED = { code: 'P0001', message: 'stream_forked' };

  it('refuses known rows with another content, charges nothing and leaves a record', async () => {
    const db = database();
    const { kiosk, wallet, facts, log } = await talkReady(db);
    log.ticks(20, facts);
    await log.post(kiosk);
    const restored = new UsageLog();
    restored.rows.push(...log.rows.slice(0, 10));
    restored.ticks(5, { ...facts, talkId: randomUUID() });
    const send = (rows: UsageRow[]) =>
      db.asUser(kiosk.authUserId, async (client) => {
        const { rows: answers } = await client.query(
          `select public.post_usage($1, $2) as answer, current_setting('response.status', true) as status`,
          [log.epoch, JSON.stringify(rows)],
        );
        return answers[0];
      });
    expect(await send(restored.rows.slice(10))).toMatchObject({ answer: FORKED, status: '400' });
    expect(await send(restored.rows)).toMatchObject({ answer: FORKED });
    expect((await bucketsOf(db, wallet.cardIds[0])).spent).toEqual([20, 0]);
    const { rows: stream } = await db.admin.query(
      'select fork_count, last_seq::int from public.kiosk_streams where kiosk_id = $1',
      [kiosk.kioskId],
    );
    expect(stream).toEqual([{ fork_count: 2, last_seq: 20 }]);
    const { rows: audited } = await db.admin.query(
      `select details ->> 'seq' as seq from public.audit_log where action = 'stream_forked' and subject = $1`,
      [kiosk.kioskId],
    );
    expect(audited).toEqual([{ seq: '11' }]);
    log.ticks(1, facts);
    expect(await log.post(kiosk, log.rows.slice(20))).toMatchObject({ applied: 1, lastSeq: 21 });
  });

  it('refuses a broken chain, a changed row and a gap, and applies nothing of the batch', async () => {
    const db = database();
    const { kiosk, wallet, facts, log } = await talkReady(db);
    log.ticks(10, facts);
    const rows = log.rows;
    const edited = rows.map((row) => (row.seq === 5 ? { ...row, seconds: 100 } : row));
    const [fifth] = rows.slice(4, 5).map((row) => ({ ...row, prevHash: 'a'.repeat(64) }));
    if (!fifth) throw new Error('no fifth row');
    const unchained = rows.map((row) => (row.seq === 5 ? { ...fifth, hash: hashOf(fifth) } : row));
    const gap = rows.filter((row) => row.seq !== 5);
    const otherStart = rows.map((row) => (row.seq === 1 ? { ...row, prevHash: 'b'.repeat(64) } : row));
    for (const batch of [edited, unchained, gap, otherStart, [{ ...rows[0], seq: 'x' }]]) {
      expect(await log.post(kiosk, batch)).toMatchObject(FORKED);
    }
    expect((await bucketsOf(db, wallet.cardIds[0])).spent).toEqual([0, 0]);
    expect(await log.post(kiosk)).toMatchObject({ applied: 10 });
  });

  it('parks what makes no sense and goes on', async () => {
    const db = database();
    const { kiosk, wallet, facts, log } = await talkReady(db, 30);
    const foreign = await talkReady(db);
    log.add('tick', facts, { seconds: 10 });
    log.add('tick', { ...facts, leaseId: randomUUID() });
    log.add('tick', { ...facts, leaseId: foreign.facts.leaseId });
    log.add('tick', { ...facts, userId: foreign.wallet.userId });
    log.add('tick', facts, { seconds: 21 });
    log.add('talk_started', { ...foreign.facts, leaseId: null });
    log.add('talk_ended', { ...facts, talkId: randomUUID() });
    log.add('tick', facts, { seconds: -3 });
    log.add('tick', { ...facts, talkId: 'no uuid' });
    log.add('tick', facts, { seconds: 20 });
    log.add('lease_closed', facts);
    log.add('tick', facts);
    const answer = postUsageAnswerSchema.parse(await log.post(kiosk));
    expect(answer).toMatchObject({ lastSeq: 12, applied: 3 });
    expect(answer.parked).toEqual([
      { seq: 2, reason: 'lease_unknown' },
      { seq: 3, reason: 'lease_unknown' },
      { seq: 4, reason: 'wallet_not_of_this_lease' },
      { seq: 5, reason: 'more_than_reserved' },
      { seq: 6, reason: 'wallet_not_of_this_kiosk' },
      { seq: 7, reason: 'talk_unknown' },
      { seq: 8, reason: 'malformed' },
      { seq: 9, reason: 'malformed' },
      { seq: 12, reason: 'lease_closed' },
    ]);
    expect(await log.post(kiosk)).toMatchObject({ applied: 0, parked: answer.parked });
    expect((await bucketsOf(db, wallet.cardIds[0])).spent).toEqual([30, 0]);
    expect((await bucketsOf(db, foreign.wallet.cardIds[0])).held).toEqual([500, 0]);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('keeps the leases and talks of several wallets apart in one batch', async () => {
    const db = database();
    const { kiosk, wallet, facts, log } = await talkReady(db);
    const other = await makeWallet(db, kiosk, [{ paidSeconds: 100 }]);
    const leaseId = randomUUID();
    await kiosk.rpc('open_lease', {
      p_lease_id: leaseId,
      p_user_id: other.userId,
      p_visit_id: other.visitId,
      p_seconds: 100,
    });
    const next = { talkId: randomUUID(), leaseId, userId: other.userId, visitId: other.visitId };
    log.add('talk_started', facts);
    log.ticks(3, facts);
    log.add('talk_ended', facts);
    log.add('talk_started', next);
    log.ticks(5, next);
    log.ticks(2, facts);
    expect(await log.post(kiosk)).toMatchObject({ applied: 13, parked: [] });
    expect((await bucketsOf(db, wallet.cardIds[0])).spent).toEqual([5, 0]);
    expect((await bucketsOf(db, other.cardIds[0])).spent).toEqual([5, 0]);
    expect(await talkOf(db, facts.talkId)).toMatchObject({ seconds: 5, ended: true });
    expect(await talkOf(db, next.talkId)).toMatchObject({ seconds: 5, ended: false });
  });

  it('takes a batch that is no list or too long as a mistake of the caller', async () => {
    const { kiosk, log } = await talkReady(database());
    const post = (rows: unknown) =>
      kiosk.rpc('post_usage', { p_epoch: log.epoch, p_rows: JSON.stringify(rows) });
    await expect(post({})).rejects.toThrow('invalid_amount');
    await expect(post(Array.from({ length: 2_001 }, () => ({})))).rejects.toThrow('invalid_amount');
  });
});
