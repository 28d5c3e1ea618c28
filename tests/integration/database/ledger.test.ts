/**
 * What a card holds changes by a ledger entry and by nothing else: one function writes the cards, and a statement that
 * tries it past the ledger is refused, whoever sends it.
 */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  asRelay,
  bucketsOf,
  buyCard,
  ledgerProblems,
  onBothVersions,
} from '../../support/database/database-kit.ts';

const BUCKETS = ['available', 'held', 'spent', 'refunded', 'expired', 'written_off'];
const COLUMNS = ['', ...BUCKETS.map((bucket) => `${bucket}_`)].flatMap((bucket) => [
  `paid_${bucket}seconds`,
  `bonus_${bucket}seconds`,
]);

onBothVersions('the ledger', (database) => {
  /** Names of the functions whose text matches, comments left out. */
  async function functionsWith(pattern: RegExp): Promise<string[]> {
    const { rows } = await database().admin.query<{ name: string; source: string }>(
      `select n.nspname || '.' || p.proname as name, p.prosrc as source
       from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname in ('public', 'app') order by 1`,
    );
    return rows
      .filter(({ source }) => pattern.test(source.replaceAll(/--.*$/gm, '')))
      .map(({ name }) => name);
  }

  it('is written in one function, and what a card holds in one other', async () => {
    expect(await functionsWith(/insert into public\.ledger_entries/)).toEqual(['app.move_seconds']);
    expect(await functionsWith(/insert into public\.time_cards/)).toEqual(['app.new_card']);
    const assigned = new RegExp(
      `update public\\.time_cards\\b((?!\\bwhere\\b)[^;])*\\b(${COLUMNS.join('|')}) = `,
    );
    expect(await functionsWith(assigned)).toEqual(['app.apply_entry']);
  });

  it.each(COLUMNS)('lets nobody change %s past it, not even a superuser', async (column) => {
    const db = database();
    const card = await buyCard(db, { paidSeconds: 60 });
    const before = await bucketsOf(db, card.cardId);
    const change = `update public.time_cards set ${column} = ${column} where id = $1`;
    await expect(db.admin.query(change, [card.cardId])).rejects.toMatchObject({
      code: 'P0001',
      message: 'ledger_only',
    });
    expect(await bucketsOf(db, card.cardId)).toEqual(before);
  });

  it('lets no card be born with seconds', async () => {
    const db = database();
    const { purchaseId } = await buyCard(db, { paidSeconds: 60 });
    const birth = `insert into public.time_cards (batch_id, tier_id, tier_name, price_cents, currency, paid_seconds,
      paid_available_seconds) values ($1, 'starter', 'Starter', 999, 'usd', 60, 60)`;
    await expect(db.admin.query(birth, [purchaseId])).rejects.toMatchObject({ message: 'ledger_only' });
  });

  it('brings what was bought to the cards of a batch too', async () => {
    const db = database();
    const batch = await asRelay<{ cards: { cardId: string }[] }>(db, 'issue_card_batch', {
      p_batch_id: randomUUID(),
      p_tier_id: 'basic',
      p_cards: JSON.stringify([{ nonce: 'n', keyId: 'k1', lookup: randomUUID().replaceAll('-', '') }]),
      p_note: '',
    });
    const cardId = batch.cards[0]?.cardId ?? '';
    expect((await bucketsOf(db, cardId)).available).toEqual([18_000, 1_800]);
    const { rows } = await db.admin.query(
      'select kind, from_bucket, to_bucket, paid_seconds, bonus_seconds from public.ledger_entries where card_id = $1',
      [cardId],
    );
    expect(rows).toEqual([
      {
        kind: 'bought',
        from_bucket: 'outside',
        to_bucket: 'available',
        paid_seconds: 18_000,
        bonus_seconds: 1_800,
      },
    ]);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('says in one place which seconds go first', async () => {
    expect(await functionsWith(/order by c\.expires_at/)).toEqual(['app.usable_seconds']);
    expect(await functionsWith(/least\(v_\w+\.paid_\w+, v_left/)).toEqual(['app.take_in_order']);
    expect(await functionsWith(/app\.take_in_order\(/)).toEqual([
      'app.hold_seconds',
      'app.spend_held',
      'public.deduct_user_time',
    ]);
  });
});
