/** Canned reports, one for each state of the desk, for looking at it. Nothing here reaches the built pages. */
import type { TodayReport } from '../../../src-shared/database.ts';

export const DESK_SCREENS = ['signIn', 'today', 'today-empty', 'today-unreachable'] as const;
export type DeskScreen = (typeof DESK_SCREENS)[number];

const DAY = '2026-11-27';
const at = (hour: number, minute: number) =>
  `${DAY}T${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}:00Z`;

const EMPTY: TodayReport = {
  timeZone: 'UTC',
  from: `${DAY}T00:00:00Z`,
  to: at(18, 30),
  currency: 'usd',
  today: { salesCount: 0, salesCents: 0, talks: 0, talkSeconds: 0 },
  yesterday: { salesCount: 0, salesCents: 0, talks: 0, talkSeconds: 0 },
  hours: Array.from({ length: 24 }, (_, hour) => ({ hour, salesCents: 0, talkSeconds: 0 })),
  sales: [],
  talkRows: [],
};

const SALES: TodayReport['sales'] = [
  { at: at(18, 2), packageId: 'starter', priceCents: 999, status: 'paid' },
  { at: at(15, 40), packageId: 'premium', priceCents: 7999, status: 'paid' },
  { at: at(11, 5), packageId: 'basic', priceCents: 4499, status: 'refunded' },
  { at: at(9, 12), packageId: 'starter', priceCents: 999, status: 'paid' },
];
const TALKS: TodayReport['talkRows'] = [
  { at: at(18, 5), seconds: 1130, endReason: null, kioskName: 'Entrance' },
  { at: at(15, 44), seconds: 3600, endReason: 'time_up', kioskName: 'Entrance' },
  { at: at(9, 15), seconds: 412, endReason: 'customer', kioskName: 'Library' },
];

const FULL: TodayReport = {
  ...EMPTY,
  today: { salesCount: 4, salesCents: 14_496, talks: 3, talkSeconds: 5142 },
  yesterday: { salesCount: 6, salesCents: 9_990, talks: 8, talkSeconds: 9240 },
  hours: EMPTY.hours.map(({ hour }) => {
    const isThen = (row: { at: string }) => Number(row.at.slice(11, 13)) === hour;
    return {
      hour,
      salesCents: SALES.filter(isThen).reduce((sum, { priceCents }) => sum + priceCents, 0),
      talkSeconds: TALKS.filter(isThen).reduce((sum, { seconds }) => sum + seconds, 0),
    };
  }),
  sales: SALES,
  talkRows: TALKS,
};

/** The report of a screen; undefined where the database is out of reach. */
export function reportOf(screen: DeskScreen): TodayReport | undefined {
  if (screen === 'today-unreachable') return undefined;
  return screen === 'today-empty' ? EMPTY : FULL;
}
