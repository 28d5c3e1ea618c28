/** The frame with the card fields: its address for this customer's screen, and what its page may tell. */
import type { Locale } from '../../../src-shared/visit.ts';
import type { Theme } from '../frame/preferences.tsx';

const SMALLEST_PX = 80;
const LARGEST_PX = 3_000;

export interface PayFrameLook {
  lang: Locale;
  theme: Theme;
  /** Height of body text in CSS pixels. */
  size: number;
}

export function payFrameUrl(payUrl: string, { lang, theme, size }: PayFrameLook): string {
  const url = new URL(payUrl);
  url.search = String(new URLSearchParams({ lang, theme, size: String(Math.round(size)) }));
  return url.href;
}

/** How tall the page in the frame wants to be; null when it does not say so, or nothing that makes sense. */
export function payFrameHeight(message: unknown): number | null {
  if (typeof message !== 'object' || message === null || !('height' in message)) return null;
  const { height } = message;
  const isHeight = typeof height === 'number' && height >= SMALLEST_PX && height <= LARGEST_PX;
  return isHeight ? Math.ceil(height) : null;
}
