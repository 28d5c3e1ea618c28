/** Many callers at the same moment: each effect once, nothing overspent, no deadlock. */
import { randomUUID } from 'node:crypto';
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
  redeem,
} from '../../support/database/database-kit.ts';

onBothVersions('many at once', (database) => {
  it('open one wallet with one code at many kiosks, and add many cards to it', async () => {
    const db = database();
    const kiosks = await Promise.all(Array.from({ length: 8 }, () => makeKiosk(db)));
    const cards = await Promise.all(Array.from({ length: 16 }, () => buyCard(db, { paidSeconds: 60 })));
    const [first, ...others] = cards;
    const opened = await Promise.all(
      kiosks.flatMap((kiosk) => [1, 2, 3].map(() => redeem(db, kiosk, first?.lookup ?? '', randomUUID()))),
    );
    expect(new Set(opened.map((answer) => answer.userId)).size).toBe(1);
    const [kiosk] = kiosks;
    if (!kiosk) throw new Error('no kiosk');
    const userId = opened[0]?.userId ?? '';
    const added = await Promise.all(
      others.flatMap(({ lookup }) => [1, 2].map(() => redeem(db, kiosk, lookup, randomUUID(), userId))),
    );
    expect(added.filter((answer) => answer.outcome === 'activated')).toHaveLength(others.length);
    expect((await balanceAt(kiosk, userId)).availableSeconds).toBe(16 * 60);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('deduct once for one request id', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const { userId } = await makeWallet(db, kiosk, [{ paidSeconds: 90 }, { paidSeconds: 900 }]);
    const request = { user_id: userId, minutes: 2, request_id: randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => asRelay(db, 'deduct_user_time', request)),
    );
    expect(answers.filter((answer) => answer['repeated'] === false)).toHaveLength(1);
    expect((await balanceAt(kiosk, userId)).availableSeconds).toBe(870);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('mark each expired card once, however many clean up', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const wallets = await Promise.all(
      Array.from({ length: 6 }, () => makeWallet(db, kiosk, [{ paidSeconds: 60 }])),
    );
    for (const { cardIds } of wallets) await expireIn(db, cardIds[0] ?? '', '-1 second');
    const runs = await Promise.all(
      [1, 2, 3, 4].map(() => asRelay<number>(db, 'cleanup_expired_time_cards', {})),
    );
    // Who finds a wallet locked leaves it to the one that has it.
    expect(runs.reduce((sum, count) => sum + count, 0)).toBe(6);
    expect(await ledgerProblems(db)).toEqual([]);
  });
});
