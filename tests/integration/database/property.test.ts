/**
 * Random sequences of everything that moves seconds, on real SQL: the books always add up, and what was spent is
 * exactly what was accepted. A failure prints its seed; set DATABASE_PROPERTY_SEED to replay it.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LeaseAnswer, PostUsageAnswer, UsageRow } from '../../../src-shared/database.ts';
import type { Balance } from '../../../src-shared/relay-api.ts';
import type { TestDatabase } from '../../support/database/database.ts';
import {
  asRelay,
  buyCard,
  type Card,
  expireIn,
  type Kiosk,
  ledgerProblems,
  makeKiosk,
  onBothVersions,
  redeem,
  UsageLog,
} from '../../support/database/database-kit.ts';

const SEED = Number(process.env['DATABASE_PROPERTY_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = Number(process.env['DATABASE_PROPERTY_RUNS'] ?? 12);

const at = fc.nat(1);
const seconds = fc.integer({ min: 1, max: 900 });
const operation = fc.oneof(
  fc.record({ op: fc.constant('buy' as const), paid: fc.integer({ min: 1, max: 900 }), bonus: fc.nat(300) }),
  fc.record({ op: fc.constant('open' as const), kiosk: at, seconds }),
  fc.record({ op: fc.constant('extend' as const), kiosk: at, seconds, again: fc.boolean() }),
  fc.record({ op: fc.constant('talk' as const), kiosk: at, seconds: fc.integer({ min: 1, max: 400 }) }),
  fc.record({ op: fc.constant('resend' as const), kiosk: at, from: fc.nat(30) }),
  fc.record({ op: fc.constant('close' as const), kiosk: at }),
  fc.record({ op: fc.constant('lapse' as const), kiosk: at }),
  fc.record({ op: fc.constant('void' as const), kiosk: at }),
  fc.record({ op: fc.constant('settle' as const), kiosk: at }),
  fc.record({ op: fc.constant('deduct' as const), minutes: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ op: fc.constant('expire' as const), card: fc.nat(5), book: fc.boolean() }),
  fc.record({ op: fc.constant('revoke' as const), card: fc.nat(5) }),
  fc.record({ op: fc.constant('merge' as const), paid: fc.integer({ min: 1, max: 900 }) }),
  fc.record({
    op: fc.constant('refund' as const),
    card: fc.nat(5),
    cents: fc.integer({ min: 1, max: 1_000 }),
  }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

interface Station {
  kiosk: Kiosk;
  log: UsageLog;
  sent: number;
  leaseId: string | null;
  steps: number;
}

/** One wallet, two kiosks, and what we believe was spent. */
class World {
  readonly #db: TestDatabase;
  readonly #stations: Station[];
  readonly #userId: string;
  readonly #visitId: string;
  readonly #cards: { card: Card; refundedCents: number }[];
  #spentSeconds = 0;

  private constructor(db: TestDatabase, stations: Station[], card: Card, userId: string, visitId: string) {
    this.#db = db;
    this.#stations = stations;
    this.#cards = [{ card, refundedCents: 0 }];
    this.#userId = userId;
    this.#visitId = visitId;
  }

  static async make(db: TestDatabase): Promise<World> {
    const stations: Station[] = [];
    for (const kiosk of [await makeKiosk(db), await makeKiosk(db)]) {
      stations.push({ kiosk, log: new UsageLog(), sent: 0, leaseId: null, steps: 0 });
    }
    const card = await buyCard(db, { paidSeconds: 600, bonusSeconds: 60 });
    const visitId = randomUUID();
    let userId = '';
    for (const { kiosk } of stations) userId = (await redeem(db, kiosk, card.lookup, visitId)).userId;
    return new World(db, stations, card, userId, visitId);
  }

  async run(step: Operation): Promise<void> {
    switch (step.op) {
      case 'buy':
        this.#cards.push({
          card: await buyCard(this.#db, {
            paidSeconds: step.paid,
            bonusSeconds: step.bonus,
            userId: this.#userId,
          }),
          refundedCents: 0,
        });
        return;
      case 'deduct':
        return this.#deduct(step.minutes);
      case 'expire':
        return this.#expire(step.card, step.book);
      case 'refund':
        return this.#refund(step.card, step.cents);
      case 'revoke':
        return this.#revoke(step.card);
      case 'merge':
        return this.#merge(step.paid);
      default:
        return this.#atStation(this.#station(step.kiosk), step);
    }
  }

  /** Nothing is out of balance, and exactly the accepted seconds are spent. */
  async check(): Promise<void> {
    expect(await ledgerProblems(this.#db)).toEqual([]);
    const { rows } = await this.#db.admin.query(
      `select sum(paid_spent_seconds + bonus_spent_seconds)::int as spent,
         sum(paid_seconds + bonus_seconds)::int as bought from public.time_cards where user_id = $1`,
      [this.#userId],
    );
    expect(rows[0].spent).toBe(this.#spentSeconds);
    const balance = await asRelay<Balance>(this.#db, 'get_user_time_balance', { user_id: this.#userId });
    expect(balance.availableSeconds + balance.heldSeconds + rows[0].spent).toBeLessThanOrEqual(
      rows[0].bought,
    );
  }

  #station(index: number): Station {
    const station = this.#stations[index];
    if (!station) throw new Error('no such station');
    return station;
  }

  async #atStation(station: Station, step: Extract<Operation, { kiosk: number }>): Promise<void> {
    const { kiosk, leaseId } = station;
    if (step.op === 'open') {
      const id = randomUUID();
      const args = {
        p_lease_id: id,
        p_user_id: this.#userId,
        p_visit_id: this.#visitId,
        p_seconds: step.seconds,
      };
      const opened = await refusable(kiosk.rpc<LeaseAnswer>('open_lease', args), /time_in_use|no_time_left/);
      if (opened) Object.assign(station, { leaseId: id, steps: 0 });
      return;
    }
    if (step.op === 'resend') return this.#post(station, station.log.rows.slice(step.from, station.sent));
    if (leaseId === null) return;
    const facts = { talkId: leaseId, leaseId, userId: this.#userId, visitId: this.#visitId };
    if (step.op === 'extend') {
      const n = step.again && station.steps > 0 ? station.steps : station.steps + 1;
      const args = { p_lease_id: leaseId, p_n: n, p_seconds: step.seconds };
      const extended = await refusable(kiosk.rpc<LeaseAnswer>('extend_lease', args), /lease_closed/);
      if (extended) station.steps = n;
    } else if (step.op === 'talk') {
      if (!station.log.rows.some((row) => row.talkId === leaseId)) station.log.add('talk_started', facts);
      for (let left = step.seconds; left > 0; left -= 50) {
        station.log.add('tick', facts, { seconds: Math.min(left, 50) });
      }
      await this.#post(station, station.log.rows.slice(station.sent));
    } else if (step.op === 'close') {
      station.log.add('lease_closed', facts);
      await this.#post(station, station.log.rows.slice(station.sent));
    } else await this.#fromOutside(step.op, leaseId);
  }

  async #fromOutside(op: 'lapse' | 'void' | 'settle', leaseId: string): Promise<void> {
    const age = (interval: string) =>
      this.#db.admin.query('update public.leases set valid_until = now() - $2::interval where id = $1', [
        leaseId,
        interval,
      ]);
    if (op === 'lapse') await age('1 second');
    else if (op === 'settle') {
      await age('8 days');
      await asRelay(this.#db, 'settle_silent_leases', {});
    } else {
      await refusable(
        asRelay(this.#db, 'void_lease', { p_lease_id: leaseId, p_reason: 'test' }),
        /lease_closed/,
      );
    }
  }

  async #post(station: Station, rows: readonly UsageRow[]): Promise<void> {
    const before = station.sent;
    const answer = await station.log.post<PostUsageAnswer>(station.kiosk, rows);
    const parked = new Set(answer.parked.map((row) => row.seq));
    for (const row of rows) if (row.seq > before && !parked.has(row.seq)) this.#spentSeconds += row.seconds;
    station.sent = Math.max(before, answer.lastSeq);
  }

  async #deduct(minutes: number): Promise<void> {
    const args = { user_id: this.#userId, minutes };
    if (await refusable(asRelay(this.#db, 'deduct_user_time', args), /no_time_left/)) {
      this.#spentSeconds += minutes * 60;
    }
  }

  async #expire(index: number, book: boolean): Promise<void> {
    const entry = this.#cards[index % this.#cards.length];
    if (!entry) return;
    await expireIn(this.#db, entry.card.cardId, '-1 second');
    if (book) await asRelay(this.#db, 'cleanup_expired_time_cards', {});
  }

  async #revoke(index: number): Promise<void> {
    const entry = this.#cards[index % this.#cards.length];
    if (!entry) return;
    const args = { p_card_id: entry.card.cardId, p_reason: 'test' };
    await refusable(asRelay(this.#db, 'revoke_card', args), /card_ended/);
  }

  /** A second wallet of the same person joins this one. */
  async #merge(paidSeconds: number): Promise<void> {
    const card = await buyCard(this.#db, { paidSeconds });
    const { userId } = await redeem(this.#db, this.#station(0).kiosk, card.lookup, this.#visitId);
    const args = { p_from_user_id: userId, p_into_user_id: this.#userId };
    if (await refusable(asRelay(this.#db, 'merge_wallet', args), /time_is_leased/)) {
      this.#cards.push({ card, refundedCents: 0 });
    }
  }

  async #refund(index: number, cents: number): Promise<void> {
    const entry = this.#cards[index % this.#cards.length];
    if (!entry || entry.refundedCents + cents > 1_000) return;
    entry.refundedCents += cents;
    await asRelay(this.#db, 'refund_payment', {
      p_payment_intent_id: entry.card.paymentIntentId,
      p_refund_id: `re_${randomUUID()}`,
      p_amount_cents: cents,
      p_reason: 'test',
    });
  }
}

/** The value, or undefined when it was refused for one of these reasons. Any other failure is thrown. */
async function refusable<T>(work: Promise<T>, reasons: RegExp): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && reasons.test(error.message)) return undefined;
    throw error;
  }
}

onBothVersions('random operations', (database) => {
  it('keep the books right and never overspend', async () => {
    console.log(`DATABASE_PROPERTY_SEED=${SEED}`);
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 10, maxLength: 40 }), async (steps) => {
        const world = await World.make(database());
        for (const step of steps) {
          await world.run(step);
          await world.check();
        }
      }),
      { seed: SEED, numRuns: RUNS, endOnFailure: true },
    );
  });
});
