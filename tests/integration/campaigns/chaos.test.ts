/**
 * A short run of `npm run chaos`: station, relay, database and Stripe sandbox are killed in the middle of visits, and
 * the books agree afterwards. That the comparison can fail is shown on the same books.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareBooks, excess } from '../../chaos/books.ts';
import { isWrong, runCampaign } from '../../chaos/campaign.ts';
import { planWave } from '../../chaos/plan.ts';
import { type Plant, startPlant } from '../../chaos/plant.ts';
import { SCRIPTED } from '../../chaos/scripted.ts';

const SEED = 113;
const ROUNDS = 2;
const QUIET = { say: () => undefined, step: () => () => undefined };

let plant: Plant;

beforeAll(async () => {
  plant = await startPlant({ kiosks: ROUNDS, whole: false, progress: QUIET });
}, 180_000);
afterAll(() => plant?.stop());

describe('chaos', () => {
  it('loses, doubles and overspends nothing', { timeout: 600_000 }, async () => {
    const result = await runCampaign({
      plant,
      seed: SEED,
      rounds: ROUNDS,
      ...SCRIPTED,
      onWave: () => undefined,
    });
    expect(result.kills).toBeGreaterThan(0);
    expect(result.verdict.talkedSeconds).toBeGreaterThan(0);
    expect(result.verdict.payments).toBeGreaterThan(0);
    expect(result.verdict).toMatchObject({
      lostSeconds: 0,
      doubledSeconds: 0,
      overspentSeconds: 0,
      faults: [],
    });
  });

  it('would see a second that a screen showed and no book has', async () => {
    const verdict = await compareBooks(plant, new Map([[randomUUID(), 5]]));
    expect(verdict.lostSeconds).toBe(5);
    expect(isWrong(verdict)).toBe(true);
  });

  it('would see a second that is spent twice, and a card that nobody paid for', async () => {
    const { database } = plant;
    const honest = await compareBooks(plant, new Map());
    // Past the trigger that lets the card follow, as a fault in it would.
    await database.query(
      `alter table public.ledger_entries disable trigger cards_follow_the_ledger;
       insert into public.ledger_entries
         (card_id, user_id, lease_id, kind, from_bucket, to_bucket, paid_seconds, bonus_seconds, idempotency_key)
       select card_id, user_id, lease_id, kind, from_bucket, to_bucket, paid_seconds, bonus_seconds, 'again'
       from public.ledger_entries where to_bucket = 'spent' limit 1;
       alter table public.ledger_entries enable trigger cards_follow_the_ledger`,
    );
    await database.query(
      `insert into public.purchases (id, tier_id, tier_name, paid_seconds, bonus_seconds, price_cents, currency,
         livemode, status, paid_at)
       select gen_random_uuid(), tier_id, tier_name, paid_seconds, bonus_seconds, price_cents, currency,
         livemode, 'paid', now() from public.purchases limit 1`,
    );
    const verdict = await compareBooks(plant, new Map());
    expect(honest.doubledSeconds).toBe(0);
    expect(verdict.doubledSeconds).toBeGreaterThan(0);
    expect(verdict.faults.join('\n')).toContain('is paid with 0 cards');
    expect(verdict.faults.join('\n')).toContain('verify_ledger');
  });
});

describe('the plan', () => {
  it('is the same for the same seed, and another for another', () => {
    const field = { ...SCRIPTED.field, stations: ['station-1', 'station-2'] };
    expect(planWave(3, 1, field)).toEqual(planWave(3, 1, field));
    expect(planWave(3, 1, field)).not.toEqual(planWave(4, 1, field));
    expect(planWave(3, 1, field)).not.toEqual(planWave(3, 2, field));
  });

  it('kills every part sooner or later', () => {
    const field = { ...SCRIPTED.field, stations: ['station-1'] };
    const victims = Array.from({ length: 200 }, (_, wave) => planWave(1, wave, field).kills)
      .flat()
      .flatMap((kill) => kill.victims);
    expect(new Set(victims)).toEqual(new Set(['station-1', 'relay', 'supabase', 'postgres', 'stripe']));
  });
});

describe('excess', () => {
  it('counts what is more, key by key, so that one lost second can’t hide behind another doubled one', () => {
    const these = new Map([
      ['a', 5],
      ['b', 1],
      ['c', 2],
    ]);
    const those = new Map([
      ['a', 3],
      ['b', 3],
    ]);
    expect(excess(these, those)).toBe(4);
    expect(excess(those, these)).toBe(2);
  });
});
