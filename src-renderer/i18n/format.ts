/**
 * Time, money and dates as people read them, in the language of the visit. Digits are always 0–9, as on codes and
 * receipts. Time is never rounded up (src-shared/duration.ts).
 */
import { durationParts } from '../../src-shared/duration.ts';
import type { Locale } from '../../src-shared/visit.ts';

/** BCP 47 tag with Latin digits. */
export function languageTag(locale: Locale): string {
  return `${locale}-u-nu-latn`;
}

export interface UnitWords {
  hour: string;
  minute: string;
  second: string;
}

const NO_BREAK_SPACE = '\u00a0';

/** `1 h 5 min`, `45 s`, `0 min`; a number and its unit never break apart. */
export function shortDuration(totalSeconds: number, units: UnitWords): string {
  const { hours, minutes, seconds } = durationParts(totalSeconds);
  const parts: string[] = [];
  if (hours > 0) parts.push(hours + NO_BREAK_SPACE + units.hour);
  if (minutes > 0) parts.push(minutes + NO_BREAK_SPACE + units.minute);
  if (seconds > 0) parts.push(seconds + NO_BREAK_SPACE + units.second);
  return parts.length > 0 ? parts.join(NO_BREAK_SPACE) : `0${NO_BREAK_SPACE}${units.minute}`;
}

/** `1 hour, 5 minutes` in the language, for screen readers. */
export function longDuration(totalSeconds: number, locale: Locale): string {
  const { hours, minutes, seconds } = durationParts(totalSeconds);
  const part = (value: number, unit: string) =>
    new Intl.NumberFormat(languageTag(locale), { style: 'unit', unit, unitDisplay: 'long' }).format(value);
  const parts: string[] = [];
  if (hours > 0) parts.push(part(hours, 'hour'));
  if (minutes > 0) parts.push(part(minutes, 'minute'));
  if (seconds > 0 || parts.length === 0) parts.push(part(seconds, 'second'));
  return new Intl.ListFormat(languageTag(locale), { type: 'unit', style: 'long' }).format(parts);
}

/** Cents of an ISO 4217 currency (lower case as Stripe writes it) as `$9.99`. Fractions of a cent are rounded. */
export function money(cents: number, currency: string, locale: string): string {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency: currency.toUpperCase() });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(cents / 10 ** digits);
}

/** Name of a currency in the language: `US dollars`. */
export function currencyName(currency: string, locale: Locale): string {
  const format = new Intl.NumberFormat(languageTag(locale), {
    style: 'currency',
    currency: currency.toUpperCase(),
    currencyDisplay: 'name',
  });
  // The plural, as in "prices in US dollars".
  return format.formatToParts(5).find(({ type }) => type === 'currency')?.value ?? currency.toUpperCase();
}

export function clockTime(iso: string, locale: Locale): string {
  return new Intl.DateTimeFormat(languageTag(locale), { hour: '2-digit', minute: '2-digit' }).format(
    new Date(iso),
  );
}

export function calendarDate(iso: string, locale: Locale): string {
  return new Intl.DateTimeFormat(languageTag(locale), { dateStyle: 'long' }).format(new Date(iso));
}
