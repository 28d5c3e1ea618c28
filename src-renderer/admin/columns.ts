/** The columns of the two tables, with how each cell is read, compared and exported. */
import type { TodayReport } from '../../src-shared/database.ts';
import { money, shortDuration } from '../i18n/format.ts';
import type { Column } from './rows.ts';

const UNITS = { hour: 'h', minute: 'min', second: 's' };

/** Why a talk ended, for the desk. */
const END_REASONS: Readonly<Record<string, string>> = {
  customer: 'Ended by the customer',
  time_up: 'Time used up',
  silence: 'Silence',
  agent_lost: 'Assistant lost',
  voice_lost: 'Line lost',
  storage_full: 'Storage full',
  station_restarted: 'Kiosk restarted',
  operator: 'Ended by staff',
};

function timeOfDay(iso: string, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone }).format(new Date(iso));
}

export function salesColumns(currency: string, timeZone: string): Column<TodayReport['sales'][number]>[] {
  return [
    { id: 'at', head: 'Time', value: (row) => row.at, text: (row) => timeOfDay(row.at, timeZone) },
    { id: 'package', head: 'Package', value: (row) => row.packageId },
    {
      id: 'price',
      head: `Price (${currency.toUpperCase()})`,
      value: (row) => row.priceCents / 100,
      text: (row) => money(row.priceCents, currency, 'en'),
      numeric: true,
    },
    { id: 'status', head: 'Status', value: (row) => row.status },
  ];
}

export function talkColumns(timeZone: string): Column<TodayReport['talkRows'][number]>[] {
  return [
    { id: 'at', head: 'Started', value: (row) => row.at, text: (row) => timeOfDay(row.at, timeZone) },
    {
      id: 'seconds',
      head: 'Talked',
      value: (row) => row.seconds,
      text: (row) => shortDuration(Math.round(row.seconds), UNITS),
      numeric: true,
    },
    {
      id: 'end',
      head: 'Ended',
      value: (row) => row.endReason ?? '',
      text: (row) =>
        row.endReason === null ? 'Still talking' : (END_REASONS[row.endReason] ?? row.endReason),
    },
    { id: 'kiosk', head: 'Kiosk', value: (row) => row.kioskName },
  ];
}
