/** Cards issued on paper: made once per batch, without a purchase, used like any other, ended by being revoked. */
import { randomBytes, randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  asRelay,
  balanceAt,
  bucketsOf,
  buyCard,
  factsOf,
  ledgerProblems,
  makeKiosk,
  makeWallet,
  onBothVersions,
  openLease,
  redeem,
  refundCard,
  UsageLog,
} from '../../support/database/database-kit.ts';

interface BatchCard {
  cardId: string;
  status: string;
  codeNonce: string | null;
  codeKeyId: string | null;
}
interface Batch {
  batchId: string;
  cards: BatchCard[];
}
interface NewCard {
  nonce: string;
  keyId: string;
  lookup: string;
}

const newCards = (count: number): NewCard[] =>
  Array.from({ length: count }, (_, index) => ({
    nonce: `nonce ${index}`,
    keyId: 'k1',
    lookup: randomBytes(32).toString('hex'),
  }));

onBothVersions('card batches', (database) => {
  const issue = (batchId: string, cards: readonly NewCard[], tierId = 'basic') =>
    asRelay<Batch>(database(), 'issue_card_batch', {
      p_batch_id: batchId,
      p_tier_id: tierId,
      p_cards: JSON.stringify(cards),
      p_note: 'for the museum shop',
    });
  const revoke = (cardId: string | undefined) =>
    asRelay(database(), 'revoke_card', { p_card_id: cardId, p_reason: 'lost in the post' });

  async function batchCount(): Promise<number> {
    const { rows } = await database().admin.query('select count(*)::int as count from public.card_batches');
    return rows[0].count;
  }

  it('makes the cards of a batch once, however often it is asked: the first nonces win', async () => {
    const db = database();
    const batchId = randomUUID();
    const cards = newCards(3);
    const [first, ...others] = await Promise.all([
      issue(batchId, cards),
      issue(batchId, newCards(3)),
      issue(batchId, newCards(3)),
    ]);
    expect(first.cards).toHaveLength(3);
    expect(others).toEqual([first, first]);
    await expect(issue(batchId, newCards(2))).rejects.toThrow('batch_differs');
    await expect(issue(batchId, newCards(3), 'pro')).rejects.toThrow('batch_differs');
    const { rows } = await db.admin.query(
      `select (select count(*)::int from public.time_cards where batch_id = $1) as cards,
         (select count(*)::int from public.audit_log where action = 'card_batch_issued' and subject = $1::text) as noted`,
      [batchId],
    );
    expect(rows).toEqual([{ cards: 3, noted: 1 }]);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('gives each card the time of its package, opened by its code like a bought one, and counts no money', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const before = await db.admin.query('select count(*)::int as payments from public.payment_history');
    const [card] = newCards(1);
    if (!card) throw new Error('no card');
    const batch = await issue(randomUUID(), [card]);
    const opened = await redeem(db, kiosk, card.lookup, randomUUID());
    expect(opened).toMatchObject({ ok: true, outcome: 'activated', cardId: batch.cards[0]?.cardId });
    expect((await balanceAt(kiosk, opened.userId)).availableSeconds).toBe(18_000 + 1_800);
    const after = await db.admin.query('select count(*)::int as payments from public.payment_history');
    expect(after.rows).toEqual(before.rows);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('tells what a code is made of only while nobody has used it', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const cards = newCards(3);
    const batchId = randomUUID();
    const batch = await issue(batchId, cards);
    const { cardId } = await redeem(db, kiosk, cards[0]?.lookup ?? '', randomUUID());
    const lost = batch.cards.find((card) => card.cardId !== cardId);
    await revoke(lost?.cardId);
    const staff = randomUUID();
    const shown = await asRelay<Batch>(db, 'get_card_batch', { p_batch_id: batchId, p_asked_by: staff });
    const secrets = shown.cards.map((card) => [
      card.status,
      card.codeNonce !== null,
      card.codeKeyId !== null,
    ]);
    expect(secrets.sort()).toEqual([
      ['active', false, false],
      ['issued', true, true],
      ['revoked', false, false],
    ]);
    expect(await asRelay(db, 'get_card_batch', { p_batch_id: randomUUID(), p_asked_by: staff })).toBeNull();
    const { rows } = await db.admin.query(
      `select details ->> 'askedBy' as by from public.audit_log where action = 'card_batch_shown' and subject = $1`,
      [batchId],
    );
    expect(rows).toEqual([{ by: staff }]);
  });

  it('makes all cards of a batch or none', async () => {
    const db = database();
    const taken = await buyCard(db, { paidSeconds: 60 });
    const count = await batchCount();
    const cards = [...newCards(2), { nonce: 'n', keyId: 'k1', lookup: taken.lookup }];
    await expect(issue(randomUUID(), cards)).rejects.toThrow('card_codes_lookup_key');
    for (const none of [newCards(0), newCards(501), 'no list']) {
      await expect(issue(randomUUID(), none as NewCard[])).rejects.toThrow('invalid_amount');
    }
    await expect(issue(randomUUID(), newCards(1), 'nothing')).rejects.toThrow('package_unknown');
    expect(await batchCount()).toBe(count);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('writes off what is left of a revoked card, once, and its code opens nothing', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const cards = newCards(1);
    const batch = await issue(randomUUID(), cards);
    const cardId = batch.cards[0]?.cardId;
    const outcomes = await Promise.all([revoke(cardId), revoke(cardId)]);
    expect(outcomes.map((outcome) => outcome['writtenOffSeconds']).sort()).toEqual([0, 19_800]);
    expect(await bucketsOf(db, cardId)).toMatchObject({ status: 'revoked', writtenOff: [18_000, 1_800] });
    expect(await redeem(db, kiosk, cards[0]?.lookup ?? '', randomUUID())).toEqual({
      ok: false,
      error: 'code_not_accepted',
    });
    await expect(revoke(randomUUID())).rejects.toThrow('card_unknown');
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('lets a running talk use what it holds of a revoked card; the rest is written off', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const wallet = await makeWallet(db, kiosk, [{ paidSeconds: 600, priceCents: 600 }]);
    const { leaseId } = await openLease(kiosk, wallet, 200);
    expect(await revoke(wallet.cardIds[0])).toMatchObject({ writtenOffSeconds: 400 });
    expect(await kiosk.rpc('extend_lease', { p_lease_id: leaseId, p_n: 1, p_seconds: 100 })).toMatchObject({
      grantedSeconds: 0,
    });
    const log = new UsageLog();
    const facts = factsOf(wallet, leaseId);
    log.ticks(150, facts);
    log.add('lease_closed', facts);
    await log.post(kiosk);
    expect(await bucketsOf(db, wallet.cardIds[0])).toMatchObject({
      spent: [150, 0],
      writtenOff: [450, 0],
      held: [0, 0],
    });
    // Money that goes back later finds nothing to take.
    const { rows } = await db.admin.query(
      'select payment_intent_id as id from public.payment_history where card_id = $1',
      wallet.cardIds,
    );
    expect(await refundCard(db, rows[0].id, 600)).toMatchObject({ refundedSeconds: 0, owedSeconds: 0 });
    await expect(revoke((await usedUp()).cardId)).rejects.toThrow('card_ended');
    expect(await ledgerProblems(db)).toEqual([]);
  });

  /** A card that money was given back for. */
  async function usedUp() {
    const card = await buyCard(database(), { paidSeconds: 60, priceCents: 100 });
    await refundCard(database(), card.paymentIntentId, 100);
    return card;
  }
});
