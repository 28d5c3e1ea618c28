/** What happens to money and time in the middle of a talk: top-up, refund, dispute, void, silence, a revoked kiosk. */
import { expect, it } from 'vitest';
import type { LeaseAnswer, PostUsageAnswer } from '../../../src-shared/database.ts';
import type { TestDatabase } from '../../support/database/database.ts';
import {
  asRelay,
  balanceAt,
  bucketsOf,
  buyCard,
  type CardOptions,
  factsOf,
  grantVisit,
  type Kiosk,
  ledgerProblems,
  makeKiosk,
  makeWallet,
  onBothVersions,
  openLease,
  refundCard,
  UsageLog,
  type Wallet,
} from '../../support/database/database-kit.ts';

interface WrittenOff {
  reportedSeconds: number;
  unreviewedRows: number;
  cardPaidSeconds: number;
  cardBonusSeconds: number;
  reasons: { kioskId: string; reason: string; rows: number; seconds: number; unreviewedRows: number }[];
}

/** A talk under way: some seconds of a lease are used, the rest is held. */
class Talk {
  readonly #log = new UsageLog();
  readonly #kiosk: Kiosk;
  readonly #facts: ReturnType<typeof factsOf>;
  readonly leaseId: string;
  #sent = 0;

  private constructor(kiosk: Kiosk, wallet: Wallet, leaseId: string) {
    this.#kiosk = kiosk;
    this.leaseId = leaseId;
    this.#facts = factsOf(wallet, leaseId);
    this.#log.add('talk_started', this.#facts);
  }

  static async begin(kiosk: Kiosk, wallet: Wallet, held: number): Promise<Talk> {
    return new Talk(kiosk, wallet, (await openLease(kiosk, wallet, held)).leaseId);
  }

  /** Talks and reports it. */
  use(seconds: number): Promise<PostUsageAnswer> {
    this.#log.ticks(seconds, this.#facts);
    return this.#post();
  }

  /** Reports the end, so that the rest goes back. */
  close(): Promise<PostUsageAnswer> {
    this.#log.add('lease_closed', this.#facts);
    return this.#post();
  }

  extend(n: number, seconds: number): Promise<LeaseAnswer> {
    return this.#kiosk.rpc('extend_lease', { p_lease_id: this.leaseId, p_n: n, p_seconds: seconds });
  }

  async #post(): Promise<PostUsageAnswer> {
    const answer = await this.#log.post<PostUsageAnswer>(this.#kiosk, this.#log.rows.slice(this.#sent));
    this.#sent = answer.lastSeq;
    return answer;
  }
}

onBothVersions('in the middle of a talk', (database) => {
  /** A talk of 100 seconds so far, of a lease of 300. */
  async function talking(card: CardOptions) {
    const db = database();
    const kiosk = await makeKiosk(db);
    const wallet = await makeWallet(db, kiosk, [card]);
    const talk = await Talk.begin(kiosk, wallet, 300);
    await talk.use(100);
    return {
      db,
      kiosk,
      wallet,
      talk,
      cardId: wallet.cardIds[0],
      payment: await paymentOf(db, wallet.cardIds[0]),
    };
  }

  async function paymentOf(db: TestDatabase, cardId: string | undefined): Promise<string> {
    const { rows } = await db.admin.query(
      `select payment_intent_id as id from public.payment_history where card_id = $1 and kind = 'payment'`,
      [cardId],
    );
    return rows[0].id;
  }

  const voidLease = (talk: Talk) =>
    asRelay(database(), 'void_lease', { p_lease_id: talk.leaseId, p_reason: 'kiosk is gone' });
  const writtenOff = () => asRelay<WrittenOff>(database(), 'report_written_off', {});

  it('a card bought then serves the very next extension of the lease', async () => {
    const { db, kiosk, wallet, talk } = await talking({ paidSeconds: 300 });
    expect(await talk.extend(1, 300)).toMatchObject({ grantedSeconds: 0, availableSeconds: 0 });
    const topUp = await buyCard(db, { paidSeconds: 600, bonusSeconds: 60, userId: wallet.userId });
    expect(await talk.extend(2, 400)).toMatchObject({
      grantedSeconds: 400,
      totalSeconds: 700,
      availableSeconds: 260,
    });
    // What the first card has left is used up before the new one is touched.
    await talk.use(250);
    expect(await bucketsOf(db, wallet.cardIds[0])).toMatchObject({ spent: [300, 0] });
    expect(await bucketsOf(db, topUp.cardId)).toMatchObject({ spent: [50, 0], held: [350, 0] });
    await talk.close();
    expect(await balanceAt(kiosk, wallet.userId)).toMatchObject({ availableSeconds: 610, heldSeconds: 0 });
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('a refund by the rule of a half-used card takes what is free; the talk goes on with what it holds', async () => {
    const { db, kiosk, wallet, talk, cardId, payment } = await talking({
      paidSeconds: 1_000,
      bonusSeconds: 100,
      priceCents: 1_000,
    });
    // 100 used, 200 held, 700 free: the rule gives 7.00.
    expect(await refundCard(db, payment, 700)).toMatchObject({
      refundedSeconds: 700,
      owedSeconds: 0,
      voidedBonusSeconds: 100,
    });
    expect(await talk.extend(1, 100)).toMatchObject({ grantedSeconds: 0 });
    expect(await talk.use(150)).toMatchObject({ parked: [] });
    await talk.close();
    expect(await bucketsOf(db, cardId)).toMatchObject({
      spent: [250, 0],
      refunded: [700, 0],
      available: [50, 0],
    });
    expect((await balanceAt(kiosk, wallet.userId)).availableSeconds).toBe(50);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('a dispute lost takes the rest of the price when the talk lets go, once, and never what was talked', async () => {
    const { db, talk, cardId, payment } = await talking({
      paidSeconds: 1_000,
      bonusSeconds: 100,
      priceCents: 1_000,
    });
    const lost = () => refundCard(db, payment, 1_000, `dp_${cardId}`);
    const answers = await Promise.all([lost(), lost()]);
    expect(answers.map((answer) => answer['repeated']).sort()).toEqual([false, true]);
    expect(answers[0]).toMatchObject({ refundedSeconds: 700, owedSeconds: 200, voidedBonusSeconds: 100 });
    await talk.use(50);
    await talk.close();
    expect(await bucketsOf(db, cardId)).toMatchObject({
      status: 'refunded',
      spent: [150, 0],
      refunded: [850, 0],
      available: [0, 0],
    });
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('what is owed of a card on two kiosks is taken from whichever lets go', async () => {
    const db = database();
    const [one, two] = [await makeKiosk(db), await makeKiosk(db)];
    const wallet = await makeWallet(db, one, [{ paidSeconds: 600, priceCents: 600 }]);
    await grantVisit(db, wallet, two);
    const [first, second] = [await Talk.begin(one, wallet, 300), await Talk.begin(two, wallet, 300)];
    expect(await refundCard(db, await paymentOf(db, wallet.cardIds[0]), 600)).toMatchObject({
      owedSeconds: 600,
    });
    await first.use(100);
    await first.close();
    await second.use(50);
    await second.close();
    expect(await bucketsOf(db, wallet.cardIds[0])).toMatchObject({
      status: 'refunded',
      spent: [150, 0],
      refunded: [450, 0],
    });
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('a voided lease gives the rest back at once; what its kiosk reports later the operator bears, in plain sight', async () => {
    const { db, kiosk, wallet, talk, cardId } = await talking({ paidSeconds: 600 });
    const before = await writtenOff();
    expect(await voidLease(talk)).toMatchObject({ releasedSeconds: 200 });
    await expect(talk.extend(1, 60)).rejects.toThrow('lease_closed');
    const late = await talk.use(30);
    expect(late.parked.map((row) => row.reason)).toEqual(Array(30).fill('lease_voided'));
    expect(await bucketsOf(db, cardId)).toMatchObject({ spent: [100, 0], available: [500, 0] });
    expect((await balanceAt(kiosk, wallet.userId)).availableSeconds).toBe(500);
    const report = await writtenOff();
    expect(report.reportedSeconds - before.reportedSeconds).toBe(30);
    const line = {
      kioskId: kiosk.kioskId,
      reason: 'lease_voided',
      rows: 30,
      seconds: 30,
      unreviewedRows: 30,
    };
    expect(report.reasons).toContainEqual(expect.objectContaining(line));
    const review = () =>
      asRelay(db, 'review_parked_usage', { p_kiosk_id: kiosk.kioskId, p_note: 'kiosk was offline' });
    expect(await review()).toMatchObject({ rows: 30, seconds: 30 });
    expect(await review()).toMatchObject({ rows: 0, seconds: 0 });
    const after = await writtenOff();
    expect(after.reportedSeconds).toBe(report.reportedSeconds);
    expect(after.reasons).toContainEqual(expect.objectContaining({ ...line, unreviewedRows: 0 }));
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('seven days of silence give the rest back; the kiosk that wakes up then charges nobody', async () => {
    const { db, kiosk, wallet, talk } = await talking({ paidSeconds: 600 });
    await db.admin.query(`update public.leases set valid_until = now() - interval '8 days' where id = $1`, [
      talk.leaseId,
    ]);
    expect(await asRelay<number>(db, 'settle_silent_leases', {})).toBe(1);
    expect((await talk.use(40)).parked.map((row) => row.reason)).toEqual(Array(40).fill('lease_settled'));
    expect((await talk.close()).parked).toHaveLength(1);
    expect((await balanceAt(kiosk, wallet.userId)).availableSeconds).toBe(500);
    const { reasons } = await writtenOff();
    expect(reasons).toContainEqual(
      expect.objectContaining({ kioskId: kiosk.kioskId, reason: 'lease_settled', rows: 41, seconds: 40 }),
    );
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('a kiosk revoked then is told so at once; what it holds stays held until it is voided', async () => {
    const { db, kiosk, wallet, talk, cardId } = await talking({ paidSeconds: 600 });
    await asRelay(db, 'revoke_kiosk', { p_kiosk_id: kiosk.kioskId, p_reason: 'stolen' });
    await expect(talk.use(20)).rejects.toThrow('kiosk_revoked');
    await expect(talk.extend(1, 60)).rejects.toThrow('kiosk_revoked');
    await expect(balanceAt(kiosk, wallet.userId)).rejects.toThrow('kiosk_revoked');
    expect(await bucketsOf(db, cardId)).toMatchObject({
      spent: [100, 0],
      held: [200, 0],
      available: [300, 0],
    });
    // The customer talks on at another kiosk with what is free, and with the rest once it is voided.
    const next = await makeKiosk(db);
    await grantVisit(db, wallet, next);
    expect(await openLease(next, wallet, 900)).toMatchObject({ grantedSeconds: 300 });
    await voidLease(talk);
    expect((await balanceAt(next, wallet.userId)).availableSeconds).toBe(200);
    expect(await ledgerProblems(db)).toEqual([]);
  });
});
