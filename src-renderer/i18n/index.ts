/** Sets up the words of the kiosk: i18next with every language inside the build, no network, English as fallback. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Locale } from '../../src-shared/visit.ts';
import { ar } from './ar.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';

export const WORDS = { en, de, fr, es, ar } as const;

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'kiosk';
    resources: { kiosk: typeof en };
  }
}

export const i18n = i18next.createInstance();

/** Call once before the first render. */
export async function startWords(locale: Locale): Promise<void> {
  await i18n.use(initReactI18next).init({
    lng: locale,
    fallbackLng: 'en',
    defaultNS: 'kiosk',
    resources: Object.fromEntries(Object.entries(WORDS).map(([name, kiosk]) => [name, { kiosk }])),
    interpolation: { escapeValue: false },
    returnNull: false,
  });
}

/** Reading direction of a language. */
export function directionOf(locale: Locale): 'ltr' | 'rtl' {
  return locale === 'ar' ? 'rtl' : 'ltr';
}
