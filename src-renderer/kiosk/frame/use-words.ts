/** Words and figures in the language of the visit: one hook, so that every screen writes time and money alike. */
import { useTranslation } from 'react-i18next';
import type { Locale } from '../../../src-shared/visit.ts';
import {
  calendarDate,
  clockTime,
  currencyName,
  languageTag,
  longDuration,
  money,
  shortDuration,
} from '../../i18n/format.ts';
import { directionOf } from '../../i18n/index.ts';
import { useVisit } from './visit-context.tsx';

export function useWords() {
  const { t } = useTranslation();
  const locale: Locale = useVisit().snapshot.locale;
  const units = { hour: t('unit.hour'), minute: t('unit.minute'), second: t('unit.second') };
  // Figures and names keep their own direction inside a sentence that reads from right to left.
  const isolated = (text: string) => (directionOf(locale) === 'rtl' ? `\u2068${text}\u2069` : text);
  return {
    t,
    locale,
    isolated,
    time: (seconds: number) => isolated(shortDuration(seconds, units)),
    longTime: (seconds: number) => longDuration(seconds, locale),
    price: (cents: number, currency: string) => isolated(money(cents, currency, languageTag(locale))),
    currency: (code: string) => currencyName(code, locale),
    clock: (iso: string) => clockTime(iso, locale),
    date: (iso: string) => calendarDate(iso, locale),
  };
}
