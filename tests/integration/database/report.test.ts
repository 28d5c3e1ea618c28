/** The report of today: the sums are those of the rows, in the time zone asked for, beside the same span of yesterday. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { type TodayReport, todayReportSchema } from '../../../src-shared/database.ts';
import type { TestDatabase } from '../../support/database/database.ts';
import {
  asRelay,
  buyCard,
  makeKiosk,
  makeWallet,
  onBothVersions,
} from '../../support/database/database-kit.ts';

/** A zone where it is between 11:00 and 13:00 now, so that "an hour ago" is the same day. */
function noonZone(): { zone: string; offsetHours: number } {
  const offsetHours = 12 - new Date().getUTCHours();
  const sign = offsetHours <= 0 ? '+' : '-';
  // POSIX names count the other way round.
  return { zone: `Etc/GMT${sign}${Math.abs(offsetHours)}`, offsetHours };
}

onBothVersions('report_today', (database) => {
  async function report(db: TestDatabase, zone: string): Promise<TodayReport> {
    return todayReportSchema.parse(await asRelay(db, 'report_today', { p_time_zone: zone }));
  }

  it('is all zeros in an empty database', async () => {
    const copy = await database().copy();
    try {
      const empty = await report(copy, 'Europe/Berlin');
      expect(empty.today).toEqual({ salesCount: 0, salesCents: 0, talks: 0, talkSeconds: 0 });
      expect(empty.hours).toHaveLength(24);
      expect(empty).toMatchObject({ currency: 'usd', timeZone: 'Europe/Berlin', sales: [], talkRows: [] });
    } finally {
      await copy.stop();
    }
  });

  it('sums the sales and talks of today and of the same span of yesterday, by hour', async () => {
    const copy = await database().copy();
    try {
      const { zone, offsetHours } = noonZone();
      const kiosk = await makeKiosk(copy);
      const wallet = await makeWallet(copy, kiosk, [{ paidSeconds: 60, priceCents: 500 }]);
      const sold = async (priceCents: number, ago: string) => {
        const card = await buyCard(copy, { paidSeconds: 60, priceCents });
        await copy.admin.query('update public.purchases set paid_at = now() - $2::interval where id = $1', [
          card.purchaseId,
          ago,
        ]);
      };
      const talked = (seconds: number, ago: string, reason: string | null) =>
        copy.admin.query(
          `insert into public.voice_sessions (id, user_id, kiosk_id, seconds, started_at, end_reason)
           values ($1, $2, $3, $4, now() - $5::interval, $6)`,
          [randomUUID(), wallet.userId, kiosk.kioskId, seconds, ago, reason],
        );
      await sold(300, '1 hour');
      await sold(200, '1 day 1 hour');
      // Yesterday evening is not in the same span.
      await sold(700, '20 hours');
      await talked(90, '1 hour', 'customer');
      await talked(30, '2 hours', null);
      await talked(600, '1 day 1 hour', 'silence');
      const { today, yesterday, hours, sales, talkRows, from } = await report(copy, zone);
      expect(today).toEqual({ salesCount: 2, salesCents: 800, talks: 2, talkSeconds: 120 });
      expect(yesterday).toEqual({ salesCount: 1, salesCents: 200, talks: 1, talkSeconds: 600 });
      const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
      expect(sum(hours.map((hour) => hour.salesCents))).toBe(800);
      expect(sum(hours.map((hour) => hour.talkSeconds))).toBe(120);
      const anHourAgo = (new Date(sales[1]?.at ?? '').getUTCHours() + offsetHours + 24) % 24;
      expect(hours.find((hour) => hour.hour === anHourAgo)).toMatchObject({
        salesCents: 300,
        talkSeconds: 90,
      });
      expect(sales.map((sale) => sale.priceCents)).toEqual([500, 300]);
      expect(talkRows.map((talk) => [talk.seconds, talk.endReason, talk.kioskName])).toEqual([
        [90, 'customer', 'Entrance'],
        [30, null, 'Entrance'],
      ]);
      expect(new Date(from).getUTCHours()).toBe((24 - offsetHours) % 24);
    } finally {
      await copy.stop();
    }
  });

  it('refuses a time zone that does not exist', async () => {
    for (const zone of ['Mars/Olympus', null]) {
      await expect(asRelay(database(), 'report_today', { p_time_zone: zone })).rejects.toThrow(
        'time_zone_unknown',
      );
    }
  });
});
